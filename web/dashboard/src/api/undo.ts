import { useCallback, useEffect, useRef } from "react";

import { useToast } from "../design";

interface Undoable {
  /** What is said while it can be taken back: "Source deleted." */
  message: string;
  /** Show it as done; gives the way back. */
  show: () => () => void;
  /** Do it, once it can no longer be taken back. */
  commit: () => Promise<unknown>;
}

/**
 * Something that is shown as done at once and done when its toast is gone, unless it was taken back meanwhile.
 *
 * Leaving the page or closing the tab does it; when the server refuses, it is shown as it was and the reason told.
 */
export function useUndoable(): (act: Undoable) => void {
  const toast = useToast();
  const open = useRef(new Set<() => void>());
  useEffect(() => {
    const all = open.current;
    const finish = () => all.forEach((commit) => commit());
    window.addEventListener("pagehide", finish);
    return () => {
      window.removeEventListener("pagehide", finish);
      finish();
    };
  }, []);
  return useCallback(
    ({ message, show, commit }: Undoable) => {
      const back = show();
      const finish = () => {
        if (!open.current.delete(finish)) return;
        commit().catch((error: Error) => {
          back();
          toast({ message: error.message });
        });
      };
      const undo = () => {
        if (open.current.delete(finish)) back();
      };
      open.current.add(finish);
      toast({ message, undo, onGone: finish });
    },
    [toast],
  );
}
