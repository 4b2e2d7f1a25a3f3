import { generate } from "lean-qr";

import style from "../shared/Settings.module.css";

/** The square that a camera reads, dark on light in every look, as cameras want it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const code = generate(text);
  const rows = Array.from({ length: code.size }, (_, y) => y);
  const dots = rows.flatMap((y) => rows.filter((x) => code.get(x, y)).map((x) => `M${x} ${y}h1v1h-1z`));
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${code.size} ${code.size}`} shapeRendering="crispEdges" className={style.qr}>
      <path d={dots.join("")} fill="currentColor" />
    </svg>
  );
}
