import { useEffect, useRef, useState } from "react";

import { api, ApiError, readStream, take } from "../../api";
import { newId } from "../../api/ids";
import type { Answer, Run } from "./run";

type Asked = Pick<Run, "question" | "scope" | "scopeSaid" | "sessionId">;

interface Runs {
  runs: readonly Run[];
  ask: (asked: Asked) => void;
  stop: (run: Run) => void;
  clear: () => void;
}

/** The questions asked on this page, the last one first, each as its answer comes. */
export function useRuns(projectId: string): Runs {
  const [runs, setRuns] = useState<readonly Run[]>([]);
  const leaving = useRef(new AbortController());
  useEffect(() => {
    leaving.current = new AbortController();
    return () => leaving.current.abort();
  }, [projectId]);
  const change = (id: string, with_: (run: Run) => Partial<Run>) => setRuns((before) => before.map((run) => (run.id === id ? { ...run, ...with_(run) } : run)));
  const follow = async (run: Run, signal: AbortSignal) => {
    const body = { message: run.question, stream: true, ...run.scope, ...(run.sessionId === null ? {} : { session_id: run.sessionId }), metadata: { asked_in: "playground" } };
    for await (const event of readStream(`/v1/projects/${projectId}/query`, body, signal)) {
      if (event.type === "message.start") change(run.id, () => ({ messageId: event["message_id"] as string }));
      if (event.type === "token") change(run.id, ({ text }) => ({ text: text + (event["delta"] as string) }));
      if (event.type === "answer") change(run.id, () => ({ state: "done", answer: event as unknown as Answer }));
    }
  };
  const ask = (asked: Asked) => {
    const run: Run = { ...asked, id: newId(), state: "asking", text: "", messageId: null, answer: null, error: null };
    const { signal } = leaving.current;
    setRuns((before) => [run, ...before]);
    follow(run, signal).catch((error: unknown) => {
      if (!signal.aborted) change(run.id, () => ({ state: "failed", error: error instanceof ApiError ? error : brokenOff() }));
    });
  };
  const stop = ({ id, messageId }: Run) => {
    if (messageId === null) return;
    take(api.POST("/v1/projects/{project_id}/messages/{message_id}/cancel", { params: { path: { project_id: projectId, message_id: messageId } } })).catch((error: ApiError) => change(id, () => ({ state: "failed", error })));
  };
  return { runs, ask, stop, clear: () => setRuns([]) };
}

function brokenOff(): ApiError {
  return new ApiError("The answer broke off on its way. Ask again.", { code: "broken_off", status: 0 });
}
