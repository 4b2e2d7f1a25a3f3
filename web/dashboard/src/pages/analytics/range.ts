import { useMemo } from "react";
import { useSearchParams } from "react-router";

const DAY_MS = 86_400_000;
const HOURLY_UP_TO_DAYS = 2;
const DEFAULT = "30";
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Stretches that end now, in days, and the words for them. */
export const STRETCHES: readonly { value: string; label: string }[] = [
  { value: "1", label: "Last 24 hours" },
  { value: "7", label: "Last 7 days" },
  { value: "30", label: "Last 30 days" },
  { value: "90", label: "Last 90 days" },
  { value: "365", label: "Last 12 months" },
];
export const OWN = "own";

export interface Range {
  /** A stretch of `STRETCHES`, or `own`. */
  value: string;
  /** Days as in a date field, both counted. */
  firstDay: string;
  lastDay: string;
  /** As the API takes them. */
  from: string;
  to: string;
  interval: "hour" | "day";
}

/** The period of the address: `?days=7`, or `?from=2026-11-01&to=2026-11-25`. Days are UTC days, as the API counts them. */
export function useRange(): { range: Range; choose: (next: Record<string, string>) => void } {
  const [search, setSearch] = useSearchParams();
  const written = search.toString();
  const range = useMemo(() => rangeOf(new URLSearchParams(written), new Date()), [written]);
  const choose = (next: Record<string, string>) => {
    const left = new URLSearchParams(search);
    for (const name of ["days", "from", "to"]) left.delete(name);
    for (const [name, value] of Object.entries(next)) left.set(name, value);
    setSearch(left, { replace: true });
  };
  return { range, choose };
}

/** The address's period, for links between the pages of this area. */
export function usePeriodSearch(): string {
  const [search] = useSearchParams();
  const kept = new URLSearchParams([...search].filter(([name]) => ["days", "from", "to"].includes(name)));
  return kept.size === 0 ? "" : `?${kept}`;
}

export function rangeOf(search: URLSearchParams, now: Date): Range {
  const firstDay = search.get("from") ?? "";
  const lastDay = search.get("to") ?? "";
  if (DATE.test(firstDay) && DATE.test(lastDay)) {
    const end = new Date(Date.parse(lastDay) + DAY_MS);
    const days = (end.getTime() - Date.parse(firstDay)) / DAY_MS;
    return { value: OWN, firstDay, lastDay, from: `${firstDay}T00:00:00Z`, to: end.toISOString(), interval: days <= HOURLY_UP_TO_DAYS ? "hour" : "day" };
  }
  const asked = search.get("days") ?? DEFAULT;
  const value = STRETCHES.some((stretch) => stretch.value === asked) ? asked : DEFAULT;
  const days = Number(value);
  // Whole days, today among them; a single one is the last 24 hours.
  const begin = days === 1 ? new Date(now.getTime() - DAY_MS) : new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS - (days - 1) * DAY_MS);
  const day = (at: Date) => at.toISOString().slice(0, 10);
  return { value, firstDay: day(begin), lastDay: day(now), from: begin.toISOString(), to: now.toISOString(), interval: days <= HOURLY_UP_TO_DAYS ? "hour" : "day" };
}
