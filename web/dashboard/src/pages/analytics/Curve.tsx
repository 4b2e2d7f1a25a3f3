import type { Wire } from "../../api";
import style from "./Analytics.module.css";

const SIZE = 300;
const EDGE = 34;
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const DOT = 4;

const x = (share: number) => EDGE + share * (SIZE - EDGE - 8);
const y = (share: number) => SIZE - EDGE - share * (SIZE - EDGE - 8);

/** What was said against what was so: a dot for each tenth that has judged answers, the shipped curve as a thin line behind. */
export function Curve({ points, shipped }: { points: readonly Wire["ReliabilityBin"][]; shipped: readonly Wire["ShippedBin"][] }) {
  return (
    <>
      <p className={style.legend}>
        <span className={`${style.key} ${style.first}`}>This project</span>
        <span className={`${style.key} ${style.second}`}>Public question sets</span>
      </p>
      <svg viewBox={`0 0 ${SIZE} ${SIZE}`} className={style.curve}>
        {TICKS.map((tick) => (
          <g key={tick}>
            <line className={style.grid} x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
            <text x={x(0) - 6} y={y(tick) + 3.5} textAnchor="end">{`${tick * 100}%`}</text>
            <text x={x(tick)} y={y(0) + 15} textAnchor={tick === 1 ? "end" : "middle"}>{`${tick * 100}%`}</text>
          </g>
        ))}
        <text x={x(0.5)} y={SIZE - 4} textAnchor="middle">
          what it said
        </text>
        <text x={x(0) + 6} y={y(1) + 12}>
          what was right
        </text>
        <line className={style.diagonal} x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
        <path className={style.shipped} d={path(shipped)} />
        {points.map((bin) => bin.observed_low !== null && bin.observed_high !== null && bin.stated !== null && <line key={bin.low} className={style.interval} x1={x(bin.stated)} x2={x(bin.stated)} y1={y(bin.observed_low)} y2={y(bin.observed_high)} />)}
        <path className={style.own} d={path(points)} />
        {points.map((bin) => bin.stated !== null && bin.observed !== null && <circle key={bin.low} className={style.dot} cx={x(bin.stated)} cy={y(bin.observed)} r={DOT} />)}
      </svg>
    </>
  );
}

function path(points: readonly { stated: number | null; observed: number | null }[]): string {
  const there = points.filter((one): one is { stated: number; observed: number } => one.stated !== null && one.observed !== null);
  return there.map((one, index) => `${index === 0 ? "M" : "L"}${x(one.stated).toFixed(1)} ${y(one.observed).toFixed(1)}`).join("");
}
