import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";

import { waitsSince, type Conversation } from "./conversation";
import { notify } from "./notifying";
import { useLive } from "./useLive";
import { useWaiting } from "./useLists";

/** Follows the inbox live. Gives how many wait, says it in the tab's title, and tells once of each who begins to wait. */
export function useAttention(projectId: string): { count: number; hasMore: boolean } {
  const waiting = useWaiting(projectId);
  const navigate = useNavigate();
  const known = useRef(new Map<string, string>());
  useEffect(() => {
    for (const row of waiting.rows) known.current.set(row.id, waitsSince(row) ?? "");
  }, [waiting.rows]);
  useLive(projectId, (row: Conversation) => {
    const since = waitsSince(row);
    if (since === null || known.current.get(row.id) === since) return;
    known.current.set(row.id, since);
    notify(row, () => void navigate(`/projects/${projectId}/inbox/${row.id}`));
  });
  const count = waiting.rows.length;
  useEffect(() => {
    document.title = count === 0 ? "Inbox · Aivastark" : `(${waiting.hasMore ? `${count}+` : count}) Inbox · Aivastark`;
  }, [count, waiting.hasMore]);
  return { count, hasMore: waiting.hasMore };
}
