import { useState } from "react";

import { Field, Select, Switch, TextArea, TextInput } from "../../design";
import { errorOn, useDraft, valueAt, type At } from "./draft";
import style from "./Widgets.module.css";

interface Named {
  at: At;
  label: string;
  hint?: string;
}

function usePart<Value>(at: At): { value: Value; set: (value: Value | null) => void; error: string | null; disabled: boolean } {
  const { settings, set, error, mayChange } = useDraft();
  return { value: valueAt(settings, at) as Value, set: (value) => set(at, value), error: errorOn(error, at), disabled: !mayChange };
}

/** A line of words. `optional`: empty means that there is none. */
export function Words({ at, label, hint, optional = false, type = "text", placeholder }: Named & { optional?: boolean; type?: "text" | "url"; placeholder?: string }) {
  const { value, set, error, disabled } = usePart<string | null>(at);
  return <TextInput label={label} hint={hint} optional={optional} type={type} placeholder={placeholder} value={value ?? ""} error={error} disabled={disabled} onChange={(event) => set(optional && event.target.value === "" ? null : event.target.value)} />;
}

export function Sentences({ at, label, hint }: Named) {
  const { value, set, error, disabled } = usePart<string>(at);
  return <TextArea label={label} hint={hint} rows={3} value={value} error={error} disabled={disabled} onChange={(event) => set(event.target.value)} />;
}

export function Amount({ at, label, hint, min, max }: Named & { min: number; max: number }) {
  const { value, set, error, disabled } = usePart<number>(at);
  return <TextInput label={label} hint={hint} type="number" inputMode="numeric" min={min} max={max} value={String(value)} error={error} disabled={disabled} onChange={(event) => set(Number(event.target.value))} />;
}

export function OnOff({ at, label, hint }: Named) {
  const { value, set, disabled } = usePart<boolean>(at);
  return <Switch label={label} hint={hint} checked={value} disabled={disabled} onChange={set} />;
}

export function OneOf({ at, label, hint, options }: Named & { options: Record<string, string> }) {
  const { value, set, error, disabled } = usePart<string>(at);
  return (
    <Select label={label} hint={hint} value={value} error={error} disabled={disabled} onChange={(event) => set(event.target.value)}>
      {Object.entries(options).map(([option, words]) => (
        <option key={option} value={option}>
          {words}
        </option>
      ))}
    </Select>
  );
}

const LONG_COLOUR = /^#[0-9a-f]{6}$/i;
const SHORT_COLOUR = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i;

/** A colour to pick or to type. */
export function Colour({ at, label, hint, optional = false, otherwise = "#ffffff" }: Named & { optional?: boolean; otherwise?: string }) {
  const { value, set, error, disabled } = usePart<string | null>(at);
  const long = (value ?? "").replace(SHORT_COLOUR, "#$1$1$2$2$3$3");
  return (
    <Field label={label} hint={hint} error={error} optional={optional}>
      {(wiring) => (
        <div className={style.colour}>
          <input type="color" aria-label={`${label}: pick`} value={LONG_COLOUR.test(long) ? long : otherwise} disabled={disabled} onChange={(event) => set(event.target.value)} />
          <input {...wiring} value={value ?? ""} placeholder={optional ? "Chosen for you" : undefined} disabled={disabled} spellCheck={false} onChange={(event) => set(optional && event.target.value === "" ? null : event.target.value)} />
        </div>
      )}
    </Field>
  );
}

/** A list of words, one a line. */
export function Lines({ at, label, hint }: Named) {
  const { value, set, error, disabled } = usePart<string[]>(at);
  return <LinesInput label={label} hint={hint} value={value} error={error} disabled={disabled} onChange={set} />;
}

interface LinesProps {
  label: string;
  hint?: string | undefined;
  value: readonly string[];
  error?: string | null;
  disabled?: boolean;
  onChange: (lines: string[]) => void;
}

export function LinesInput({ label, hint, value, error = null, disabled = false, onChange }: LinesProps) {
  // Kept as it is typed, with the empty line that one is about to fill.
  const [typed, setTyped] = useState(value.join("\n"));
  const type = (text: string) => {
    setTyped(text);
    onChange(linesOf(text));
  };
  return <TextArea label={label} hint={hint} rows={3} value={typed} error={error} disabled={disabled} onChange={(event) => type(event.target.value)} />;
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
