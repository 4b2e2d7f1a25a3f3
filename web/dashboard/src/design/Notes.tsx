import type { ReactNode } from "react";

import { classes } from "./classes";
import style from "./Notes.module.css";

export type Tone = "plain" | "good" | "warn" | "bad" | "busy";

/** A state in a word or two. The word says it; the colour only helps. */
export function Badge({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={classes(style.badge, tone !== "plain" && style[tone])}>{children}</span>;
}

/** Nothing here yet: what it will be, and the one thing to do about it. */
export function EmptyState({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className={style.empty}>
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}

/** Stands where something will be in a moment. */
export function Skeleton({ lines = 3, label = "Loading" }: { lines?: number; label?: string }) {
  return (
    <div className={style.skeleton} role="status">
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className={style.bone} aria-hidden />
      ))}
    </div>
  );
}

interface MeterProps {
  label: string;
  /** Null while nobody knows how much there is. */
  value: number | null;
  max: number;
  /** What is said beside the label: "12 of 40". */
  said?: string;
}

/** How far something has come, or how much of something is used. */
export function Meter({ label, value, max, said }: MeterProps) {
  return (
    <div className={style.meter}>
      <div className={style.caption}>
        <span>{label}</span>
        {said !== undefined && <span>{said}</span>}
      </div>
      <progress className={style.bar} aria-label={label} max={max} {...(value === null ? {} : { value })} />
    </div>
  );
}
