import { Select } from "../../../design";

export const OVERLAPS: readonly (readonly [number, string])[] = [
  [0, "Not at all: it ends now"],
  [3_600, "One hour"],
  [86_400, "One day"],
  [604_800, "Seven days"],
];
export const USUAL_OVERLAP_S = 86_400;

/** How long what is replaced goes on working. */
export function OverlapSelect({ label, value, onChange }: { label: string; value: number; onChange: (seconds: number) => void }) {
  return (
    <Select label={label} hint="Time to put the new one wherever the old one is." value={value} onChange={(event) => onChange(Number(event.target.value))}>
      {OVERLAPS.map(([seconds, name]) => (
        <option key={seconds} value={seconds}>
          {name}
        </option>
      ))}
    </Select>
  );
}
