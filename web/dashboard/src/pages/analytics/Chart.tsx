import { useState, type ReactNode } from "react";

import { classes } from "../../design/classes";
import style from "./Analytics.module.css";

interface FigureProps {
  title: string;
  /** What it shows, in a sentence. */
  words?: string;
  /** The same in numbers, for those who see no picture and those who want to know exactly. */
  head: readonly string[];
  rows: readonly (readonly string[])[];
  children: ReactNode;
}

/** A picture with its numbers in a table below. The picture itself is for eyes alone. */
export function Figure({ title, words, head, rows, children }: FigureProps) {
  return (
    <figure className={style.figure} aria-label={title}>
      <figcaption>
        <h2>{title}</h2>
        {words !== undefined && <p className={style.soft}>{words}</p>}
      </figcaption>
      <div aria-hidden>{children}</div>
      <details className={style.numbers}>
        <summary>{title} as a table</summary>
        <div className={style.scroll} tabIndex={0} role="region" aria-label={`${title}, table`}>
          <table>
            <thead>
              <tr>
                {head.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(([name = "", ...cells]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {cells.map((cell, index) => (
                    <td key={head[index + 1]}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

export interface Series {
  label: string;
  tone: "first" | "second";
}

export interface Bar {
  label: string;
  /** One for each of the series, from the bottom up. */
  values: readonly number[];
}

const HEIGHT = 100;
const GAP = 0.22;

/** Bars on top of each other; the one under the pointer is told in words above. */
export function Bars({ bars, series, said }: { bars: readonly Bar[]; series: readonly Series[]; said: (value: number) => string }) {
  const [pointed, setPointed] = useState<number | null>(null);
  const highest = Math.max(0, ...bars.map(totalOf));
  const top = highest === 0 ? 1 : highest;
  const at = pointed === null ? undefined : bars[pointed];
  return (
    <div>
      <p className={style.legend}>
        {series.map((one, index) => (
          <span key={one.label} className={classes(style.key, style[one.tone])}>
            {one.label}
            {at !== undefined && <strong> {said(at.values[index] ?? 0)}</strong>}
          </span>
        ))}
        <span className={style.when}>{at?.label}</span>
      </p>
      <div className={style.plot}>
        <span className={style.top}>{said(highest)}</span>
        <svg className={style.bars} viewBox={`0 0 ${Math.max(1, bars.length)} ${HEIGHT}`} preserveAspectRatio="none" onPointerLeave={() => setPointed(null)}>
          {bars.map((bar, index) => (
            <g key={bar.label} onPointerEnter={() => setPointed(index)}>
              <rect className={classes(style.behind, pointed === index && style.pointed)} x={index} y={0} width={1} height={HEIGHT} />
              {stacked(bar, top).map(({ y, height }, part) => (
                <rect key={series[part]?.label} className={style[series[part]?.tone ?? "first"]} x={index + GAP / 2} width={1 - GAP} y={y} height={height} />
              ))}
            </g>
          ))}
        </svg>
        <p className={style.ends}>
          <span>{bars[0]?.label}</span>
          <span>{bars.at(-1)?.label}</span>
        </p>
      </div>
    </div>
  );
}

/** How something is shared out, the largest first. */
export function Shares({ title, shares, name }: { title: string; shares: Record<string, number>; name: (key: string) => string }) {
  const rows = Object.entries(shares)
    .filter(([, value]) => value > 0)
    .sort(([, one], [, other]) => other - one);
  const whole = rows.reduce((sum, [, value]) => sum + value, 0);
  return (
    <section className={style.shares}>
      <h2>{title}</h2>
      {rows.length === 0 && <p className={style.soft}>None in this period.</p>}
      <ul>
        {rows.map(([key, value]) => (
          <li key={key}>
            <span className={style.share}>
              <span>{name(key)}</span>
              <span>
                {value} <span className={style.soft}>({Math.round((value / whole) * 100)}%)</span>
              </span>
            </span>
            <progress aria-hidden className={style.bar} max={whole} value={value} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function totalOf(bar: Bar): number {
  return bar.values.reduce((sum, value) => sum + value, 0);
}

function stacked(bar: Bar, top: number): { y: number; height: number }[] {
  let y = HEIGHT;
  return bar.values.map((value) => {
    const height = (value / top) * HEIGHT;
    y -= height;
    return { y, height };
  });
}
