import { EmptyState } from "../../design";
import style from "./Inbox.module.css";

/** Beside the list while no conversation is open. */
export function NothingOpen() {
  return (
    <div className={style.nothing}>
      <EmptyState title="No conversation is open">
        Pick one from the list, or press <kbd className={style.key}>j</kbd>. With <kbd className={style.key}>?</kbd> you see all keys.
      </EmptyState>
    </div>
  );
}
