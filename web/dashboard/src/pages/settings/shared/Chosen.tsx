import { X } from "lucide-react";

import { IconButton, Select } from "../../../design";
import style from "./Settings.module.css";

interface ChosenProps {
  label: string;
  hint: string;
  /** What each value is called, in the order they are offered. */
  names: ReadonlyMap<string, string>;
  chosen: readonly string[];
  error?: string | null;
  onChange: (chosen: string[]) => void;
}

/** Several of a long list: those chosen, and a list of the others to add from. */
export function Chosen({ label, hint, names, chosen, error, onChange }: ChosenProps) {
  const others = [...names].filter(([value]) => !chosen.includes(value));
  return (
    <div className={style.fields}>
      <Select label={label} hint={hint} error={error} value="" onChange={(event) => event.target.value !== "" && onChange([...chosen, event.target.value])}>
        <option value="">Add one…</option>
        {others.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </Select>
      {chosen.length > 0 && (
        <ul className={style.chips} aria-label={`${label}, chosen`}>
          {chosen.map((value) => (
            <li key={value} className={style.chip}>
              {names.get(value) ?? value}
              <IconButton icon={X} label={`Remove ${names.get(value) ?? value}`} onClick={() => onChange(chosen.filter((one) => one !== value))} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What codes are called in English, by name. */
export function namesOf(kind: "language" | "region", codes: readonly string[]): Map<string, string> {
  const names = new Intl.DisplayNames("en", { type: kind });
  const known = codes.map((code) => [code, names.of(code) ?? code] as const);
  return new Map(known.sort((one, other) => one[1].localeCompare(other[1], "en")));
}
