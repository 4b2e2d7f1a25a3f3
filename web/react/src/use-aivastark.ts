// The page's widget from anywhere in an app.

import { aivastark, type Page, type State } from "@aivastark/widget";
import { useMemo, useSyncExternalStore } from "react";

export type UseAivastark = Omit<Page, "getState" | "subscribe"> & State;

const ON_A_SERVER: State = { isReady: false, isOpen: false, unread: 0 };

/** The commands, which stay the same from rendering to rendering, and what is going on. */
export function useAivastark(): UseAivastark {
  const state = useSyncExternalStore(aivastark.subscribe, aivastark.getState, () => ON_A_SERVER);
  return useMemo(() => {
    const { getState, subscribe, ...page } = aivastark;
    return { ...page, ...state };
  }, [state]);
}
