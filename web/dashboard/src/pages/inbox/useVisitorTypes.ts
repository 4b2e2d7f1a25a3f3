import { skipToken, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { keys } from "../../api";

/** The widget says it again sooner than this. */
const SHOWN_MS = 6_000;

export function typingKey(projectId: string, conversationId: string) {
  return keys.project(projectId, "typing", conversationId);
}

/** Whether the visitor is writing, as far as they said so in the last seconds. */
export function useVisitorTypes(projectId: string, conversationId: string): boolean {
  const at = useQuery<number>({ queryKey: typingKey(projectId, conversationId), queryFn: skipToken, initialData: 0, staleTime: Infinity }).data ?? 0;
  const [over, setOver] = useState(0);
  useEffect(() => {
    if (at === 0) return undefined;
    const timer = setTimeout(() => setOver(at), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [at]);
  return at !== 0 && over !== at;
}
