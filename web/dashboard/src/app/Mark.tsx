import { Link } from "react-router";

import mark from "./mark.svg";
import style from "./Shell.module.css";

/** The sign of the house; it leads home. */
export function Mark() {
  return (
    <Link to="/" className={style.mark} aria-label="Aivastark, overview">
      <img src={mark} alt="" width={28} height={28} />
    </Link>
  );
}
