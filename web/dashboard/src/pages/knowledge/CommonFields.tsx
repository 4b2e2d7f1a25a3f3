import { errorAt } from "../../api";
import { Select, TextInput } from "../../design";
import { listed, type NewSource } from "./source";

/** What every kind of source may have; as it is typed. */
export interface Common {
  tags: string;
  /** Seconds; empty for never. */
  refresh: string;
}

export const NOTHING_COMMON: Common = { tags: "", refresh: "" };

const INTERVALS: readonly [string, string][] = [
  ["", "Only when I say so"],
  ["3600", "Every hour"],
  ["21600", "Every six hours"],
  ["86400", "Every day"],
  ["604800", "Every week"],
];

/** The same as the API takes it; nothing where nothing was said. */
export function commonOf({ tags, refresh }: Common): Pick<NewSource, "tags" | "refresh_interval"> {
  const named = listed(tags);
  return { ...(named.length > 0 ? { tags: named } : {}), ...(refresh === "" ? {} : { refresh_interval: Number(refresh) }) };
}

interface CommonFieldsProps {
  value: Common;
  error: Error | null;
  onChange: (value: Common) => void;
  /** Texts and files do not change by themselves. */
  hasOrigin?: boolean;
}

export function CommonFields({ value, error, onChange, hasOrigin = true }: CommonFieldsProps) {
  const isOther = !INTERVALS.some(([seconds]) => seconds === value.refresh);
  return (
    <>
      <TextInput
        label="Tags"
        optional
        hint="Separate them with commas. An answer can be limited to what has a tag."
        value={value.tags}
        autoComplete="off"
        error={errorAt(error, "tags")}
        onChange={(event) => onChange({ ...value, tags: event.target.value })}
      />
      {hasOrigin && (
        <Select label="Read it again" value={value.refresh} error={errorAt(error, "refresh_interval")} onChange={(event) => onChange({ ...value, refresh: event.target.value })}>
          {INTERVALS.map(([seconds, words]) => (
            <option key={seconds} value={seconds}>
              {words}
            </option>
          ))}
          {isOther && <option value={value.refresh}>Every {Number(value.refresh).toLocaleString("en")} seconds</option>}
        </Select>
      )}
    </>
  );
}
