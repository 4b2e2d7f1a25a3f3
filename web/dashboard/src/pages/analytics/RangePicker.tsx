import { Select, TextInput } from "../../design";
import style from "./Analytics.module.css";
import { OWN, STRETCHES, useRange } from "./range";

/** Which days are looked at. The address has it. */
export function RangePicker() {
  const { range, choose } = useRange();
  const pick = (value: string) => choose(value === OWN ? { from: range.firstDay, to: range.lastDay } : { days: value });
  const set = (days: { from?: string; to?: string }) => {
    const next = { from: range.firstDay, to: range.lastDay, ...days };
    if (next.from !== "" && next.to !== "") choose(next);
  };
  return (
    <div className={style.range}>
      <Select label="Period" value={range.value} onChange={(event) => pick(event.target.value)}>
        {STRETCHES.map((stretch) => (
          <option key={stretch.value} value={stretch.value}>
            {stretch.label}
          </option>
        ))}
        <option value={OWN}>Own dates</option>
      </Select>
      {range.value === OWN && (
        <>
          <TextInput label="From" type="date" value={range.firstDay} max={range.lastDay} onChange={(event) => set({ from: event.target.value })} />
          <TextInput label="To" type="date" value={range.lastDay} min={range.firstDay} onChange={(event) => set({ to: event.target.value })} />
        </>
      )}
    </div>
  );
}
