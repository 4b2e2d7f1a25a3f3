import { Plus, Trash2 } from "lucide-react";

import { IconButton, Select } from "../../design";
import { errorOn, useDraft } from "./draft";
import { LinesInput } from "./fields";
import type { Hours } from "./widget";
import style from "./Widgets.module.css";

const DAYS: readonly [string, string][] = [
  ["mon", "Monday"],
  ["tue", "Tuesday"],
  ["wed", "Wednesday"],
  ["thu", "Thursday"],
  ["fri", "Friday"],
  ["sat", "Saturday"],
  ["sun", "Sunday"],
];
const MIDNIGHT = "24:00";
const FRESH = ["09:00", "17:00"];

/** A week of opening hours in one place's time. */
export function BusinessHours({ hours }: { hours: Hours }) {
  const { set, error, mayChange } = useDraft();
  const change = (next: Partial<Hours>) => set("handoff.business_hours", { ...hours, ...next });
  const zones = Intl.supportedValuesOf("timeZone");
  const wrong = errorOn(error, "handoff.business_hours");
  return (
    <div className={style.list}>
      <Select label="Time zone" value={hours.timezone} disabled={!mayChange} onChange={(event) => change({ timezone: event.target.value })}>
        {(zones.includes(hours.timezone) ? zones : [hours.timezone, ...zones]).map((zone) => (
          <option key={zone} value={zone}>
            {zone.replaceAll("_", " ")}
          </option>
        ))}
      </Select>
      <ul className={style.days}>
        {DAYS.map(([day, name]) => (
          <li key={day}>
            <span className={style.day}>{name}</span>
            <Day name={name} spans={hours.weekly[day] ?? []} mayChange={mayChange} onChange={(spans) => change({ weekly: { ...hours.weekly, [day]: spans } })} />
          </li>
        ))}
      </ul>
      <LinesInput label="Days off" hint="One a line, as in 2026-12-25." value={hours.holidays} disabled={!mayChange} onChange={(holidays) => change({ holidays })} />
      {wrong !== null && <p className={style.wrong}>{wrong}</p>}
    </div>
  );
}

function Day({ name, spans, mayChange, onChange }: { name: string; spans: string[][]; mayChange: boolean; onChange: (spans: string[][]) => void }) {
  const put = (index: number, part: number, value: string) => onChange(spans.map((span, place) => (place === index ? span.map((old, at) => (at === part ? value : old)) : span)));
  return (
    <div className={style.spans}>
      {spans.length === 0 && <span className={style.soft}>Closed</span>}
      {spans.map(([opens = "", closes = ""], index) => (
        <span key={`${spans.length}-${index}`} className={style.span}>
          <input type="time" aria-label={`${name}, opens`} value={opens} disabled={!mayChange} onChange={(event) => put(index, 0, event.target.value)} />
          <span aria-hidden>–</span>
          <input type="time" aria-label={`${name}, closes`} value={closes === MIDNIGHT ? "00:00" : closes} disabled={!mayChange} onChange={(event) => put(index, 1, event.target.value === "00:00" ? MIDNIGHT : event.target.value)} />
          {mayChange && <IconButton icon={Trash2} label={`Remove these hours of ${name}`} onClick={() => onChange(spans.filter((_, place) => place !== index))} />}
        </span>
      ))}
      {mayChange && <IconButton icon={Plus} label={`Add hours on ${name}`} onClick={() => onChange([...spans, FRESH])} />}
    </div>
  );
}
