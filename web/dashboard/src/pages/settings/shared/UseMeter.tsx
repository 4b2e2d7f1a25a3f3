import { Meter } from "../../../design";
import { count } from "./numbers";
import style from "./Settings.module.css";

/** How much of what may be had is used; only the number where there is no bound. */
export function UseMeter({ label, used, limit, said = count }: { label: string; used: number; limit: number | null; said?: (value: number) => string }) {
  if (limit !== null) return <Meter label={label} value={Math.min(used, limit)} max={Math.max(limit, 1)} said={`${said(used)} of ${said(limit)}`} />;
  return (
    <div className={style.stack}>
      <span className={style.note}>{label}</span>
      <span>{said(used)}, no limit</span>
    </div>
  );
}
