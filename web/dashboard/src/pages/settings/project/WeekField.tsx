import { Plus, X } from "lucide-react";

import { IconButton } from "../../../design";
import style from "../shared/Settings.module.css";

type Weekly = Record<string, string[][]>;

const DAYS = [
  ["mon", "Monday"],
  ["tue", "Tuesday"],
  ["wed", "Wednesday"],
  ["thu", "Thursday"],
  ["fri", "Friday"],
  ["sat", "Saturday"],
  ["sun", "Sunday"],
] as const;
// The end of a day is 24:00 to the API; a field for times knows it as 00:00.
const shown = (time: string | undefined) => (time === "24:00" ? "00:00" : (time ?? ""));
const closing = (time: string) => (time === "00:00" ? "24:00" : time);

/** The opening hours of a week: any number of spans a day, none where it is closed. */
export function WeekField({ weekly, onChange }: { weekly: Weekly; onChange: (weekly: Weekly) => void }) {
  return (
    <div className={style.fields} role="group" aria-label="Opening hours">
      {DAYS.map(([day, name]) => (
        <Day key={day} name={name} spans={weekly[day] ?? []} onChange={(spans) => onChange({ ...weekly, [day]: spans })} />
      ))}
    </div>
  );
}

function Day({ name, spans, onChange }: { name: string; spans: string[][]; onChange: (spans: string[][]) => void }) {
  const put = (at: number, span: string[]) => onChange(spans.map((one, index) => (index === at ? span : one)));
  const next = () => onChange([...spans, spans.length === 0 ? ["09:00", "17:00"] : ["18:00", "20:00"]]);
  return (
    <div className={style.day}>
      <span className={style.name}>
        {name}
        <IconButton icon={Plus} label={`Add hours on ${name}`} onClick={next} />
      </span>
      <div className={style.spans}>
        {spans.length === 0 && <span className={style.note}>Closed</span>}
        {spans.map(([opens, closes], at) => (
          <div key={at} className={style.span}>
            <input type="time" className={style.time} aria-label={`${name}, from`} value={shown(opens)} onChange={(event) => put(at, [event.target.value, closes ?? ""])} />
            <span aria-hidden>–</span>
            <input type="time" className={style.time} aria-label={`${name}, to`} value={shown(closes)} onChange={(event) => put(at, [opens ?? "", closing(event.target.value)])} />
            <IconButton icon={X} label={`Remove these hours on ${name}`} onClick={() => onChange(spans.filter((_, index) => index !== at))} />
          </div>
        ))}
      </div>
    </div>
  );
}
