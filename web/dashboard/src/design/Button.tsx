import type { LucideIcon } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { Link as RouterLink, type LinkProps as RouterLinkProps } from "react-router";

import style from "./Button.module.css";
import { classes } from "./classes";
import { Tooltip } from "./Tooltip";

export type ButtonKind = "primary" | "secondary" | "quiet" | "danger";
const ICON_PX = 17;

interface ButtonProps extends Omit<ComponentProps<"button">, "className"> {
  kind?: ButtonKind;
  icon?: LucideIcon;
  /** Its work is under way: it stays where it is, keeps the focus and does nothing. */
  pending?: boolean;
}

export function Button({ kind = "secondary", icon: Icon, pending = false, type = "button", onClick, children, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={pending ? "button" : type}
      className={classes(style.button, style[kind])}
      aria-disabled={pending || undefined}
      onClick={pending ? (event) => event.preventDefault() : onClick}
    >
      {Icon && <Icon size={ICON_PX} aria-hidden />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<"button">, "className" | "children" | "aria-label"> {
  icon: LucideIcon;
  /** What it does: read aloud, and shown while the pointer or the focus is on it. */
  label: string;
}

export function IconButton({ icon: Icon, label, type = "button", ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <button {...rest} type={type} aria-label={label} className={classes(style.button, style.quiet, style.icon)}>
        <Icon size={ICON_PX} aria-hidden />
      </button>
    </Tooltip>
  );
}

/** A link to another page of the dashboard, within text. */
export function Link({ ...rest }: Omit<RouterLinkProps, "className">) {
  return <RouterLink {...rest} className={style.link} />;
}

/** A link out of the dashboard; it opens beside it. */
export function OutsideLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noreferrer" className={style.link}>
      {children}
    </a>
  );
}

/** A link that looks like a button: it goes somewhere, it does nothing. */
export function ButtonLink({ kind = "secondary", icon: Icon, children, ...rest }: Omit<RouterLinkProps, "className"> & { kind?: ButtonKind; icon?: LucideIcon }) {
  return (
    <RouterLink {...rest} className={classes(style.button, style[kind])}>
      {Icon && <Icon size={ICON_PX} aria-hidden />}
      {children}
    </RouterLink>
  );
}
