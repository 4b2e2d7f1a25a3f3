import type { ReactNode } from "react";

import mark from "./mark.svg";
import style from "./Shell.module.css";

/** A page without navigation, for those who are on their way in. */
export function Alone({ children }: { children: ReactNode }) {
  return (
    <main className={style.alone}>
      <img src={mark} alt="Aivastark" width={40} height={40} />
      <div className={style.sheet}>{children}</div>
    </main>
  );
}
