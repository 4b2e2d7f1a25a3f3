import { useEffect, useRef, type ReactNode } from "react";

import { Link } from "./Button";
import style from "./Page.module.css";

interface PageHeaderProps {
  title: string;
  words?: ReactNode;
  /** What can be done here, the most wanted first. */
  actions?: ReactNode;
  /** Where this page is below. */
  back?: { to: string; label: string };
}

/** The title of a page, also that of the browser's tab. It gets the focus, so that a new page is read from its top. */
export function PageHeader({ title, words, actions, back }: PageHeaderProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Aivastark`;
  }, [title]);
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement === null) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <header className={style.head}>
      <div>
        {back && (
          <span className={style.back}>
            <Link to={back.to}>{back.label}</Link>
          </span>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {words != null && <p className={style.words}>{words}</p>}
      </div>
      {actions != null && <div className={style.actions}>{actions}</div>}
    </header>
  );
}

/** Everything on a page, one below the other. */
export function Page({ children }: { children: ReactNode }) {
  return <div className={style.page}>{children}</div>;
}

/** A part of a page that belongs together. */
export function Card({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <section className={style.card}>
      {title !== undefined && <h2>{title}</h2>}
      {children}
    </section>
  );
}
