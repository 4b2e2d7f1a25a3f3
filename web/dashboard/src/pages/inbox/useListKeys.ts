import type { RefObject } from "react";
import { useLocation, useNavigate } from "react-router";

import type { Conversation } from "./conversation";
import { useKeys } from "./keyboard";
import { SEARCH_ID } from "./ListFilters";

/** `j` and `k` go through the list, `/` to its search. */
export function useListKeys(rows: readonly Conversation[], openId: string | null, scroller: RefObject<HTMLElement | null>): void {
  const navigate = useNavigate();
  const { search } = useLocation();
  const step = (by: number) => {
    const at = rows.findIndex((row) => row.id === openId);
    const next = rows[at === -1 ? 0 : at + by];
    if (next === undefined) return;
    void navigate({ pathname: next.id, search });
    scroller.current?.querySelector(`[data-conversation="${next.id}"]`)?.scrollIntoView({ block: "nearest" });
  };
  useKeys({ j: () => step(1), k: () => step(-1), "/": () => document.getElementById(SEARCH_ID)?.focus() });
}
