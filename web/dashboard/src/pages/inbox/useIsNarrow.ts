import { useSyncExternalStore } from "react";

/** One pane instead of two, as in Inbox.module.css. */
const narrow = window.matchMedia("(max-width: 52rem)");

function listen(changed: () => void): () => void {
  narrow.addEventListener("change", changed);
  return () => narrow.removeEventListener("change", changed);
}

/** Whether there is room for one pane only. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(listen, () => narrow.matches);
}
