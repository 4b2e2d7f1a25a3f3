import { useCallback, useRef } from "react";

import { api } from "../../api";

/** The visitor's window shows it a little longer than this. */
const TOLD_AGAIN_MS = 3_000;

/** Tells the visitor that somebody writes, at most every three seconds. Whether they hear it is no matter. */
export function useTyping(projectId: string, conversationId: string): () => void {
  const last = useRef(0);
  return useCallback(() => {
    const now = Date.now();
    if (now - last.current < TOLD_AGAIN_MS) return;
    last.current = now;
    const params = { path: { project_id: projectId, conversation_id: conversationId } };
    api.POST("/v1/projects/{project_id}/conversations/{conversation_id}/typing", { params }).catch(() => undefined);
  }, [projectId, conversationId]);
}
