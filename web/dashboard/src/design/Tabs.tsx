import * as Radix from "@radix-ui/react-tabs";
import { useEffect, useRef, type ReactNode } from "react";
import { NavLink, useLocation } from "react-router";

import style from "./Page.module.css";

export interface TabLink {
  to: string;
  label: string;
  /** Lit only at this very address, not below it. */
  end?: boolean;
}

/** Pages beside each other, each with an address of its own: what a page's parts should be. */
export function TabLinks({ label, links }: { label: string; links: readonly TabLink[] }) {
  const { pathname } = useLocation();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }), [pathname]);
  return (
    <nav ref={nav} aria-label={label} className={style.list}>
      {links.map((link) => (
        <NavLink key={link.to} to={link.to} end={link.end ?? false} className={style.tab ?? ""}>
          {link.label}
        </NavLink>
      ))}
    </nav>
  );
}

export interface Tab {
  value: string;
  label: string;
  content: ReactNode;
}

/** Views of one small thing, such as a snippet in three languages; nobody would send a link to one of them. */
export function Tabs({ label, tabs, value, onChange }: { label: string; tabs: readonly Tab[]; value: string; onChange: (value: string) => void }) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => row.current?.querySelector("[data-state=active]")?.scrollIntoView({ block: "nearest", inline: "center" }), [value]);
  return (
    <Radix.Root value={value} onValueChange={onChange}>
      <Radix.List ref={row} aria-label={label} className={style.list}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.value} value={tab.value} className={style.tab}>
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className={style.panel}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
