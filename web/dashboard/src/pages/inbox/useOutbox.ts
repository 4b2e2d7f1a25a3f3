import { skipToken, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, keys, take, useMe, type Wire } from "../../api";
import { newId } from "../../api/ids";
import type { Message } from "./conversation";
import { showMessage } from "./useLive";

/** A reply that the server does not have yet, as far as we know. */
export interface Unsent {
  /** Also its `Idempotency-Key`: sending it again never says it twice. */
  id: string;
  content: string;
  error: Error | null;
}

const AUTHOR_MAX_CHARS = 40;

/** Replies under way, and those that failed: they stay until they are sent or thrown away, also while one is elsewhere. */
export function useOutbox(projectId: string, conversationId: string) {
  const client = useQueryClient();
  const author = useMe().user.name;
  const key = keys.project(projectId, "outbox", conversationId);
  const unsent = useQuery<Unsent[]>({ queryKey: key, queryFn: skipToken, initialData: [], gcTime: Infinity, staleTime: Infinity }).data ?? [];
  const change = (next: (all: Unsent[]) => Unsent[]) => client.setQueryData<Unsent[]>(key, (all) => next(all ?? []));
  const discard = (id: string) => change((all) => all.filter((one) => one.id !== id));
  const send = async (one: Unsent) => {
    change((all) => all.map((other) => (other.id === one.id ? { ...one, error: null } : other)));
    try {
      showMessage(client, projectId, conversationId, await post(projectId, conversationId, one, author));
      discard(one.id);
    } catch (error) {
      change((all) => all.map((other) => (other.id === one.id ? { ...one, error: error as Error } : other)));
    }
  };
  const reply = (content: string) => {
    const one = { id: newId(), content, error: null };
    change((all) => [...all, one]);
    void send(one);
  };
  return { unsent, reply, retry: (one: Unsent) => void send(one), discard };
}

function post(projectId: string, conversationId: string, { id, content }: Unsent, author: string) {
  const body: Wire["AgentReply"] = author === "" ? { content } : { content, author_name: author.slice(0, AUTHOR_MAX_CHARS) };
  const params = { path: { project_id: projectId, conversation_id: conversationId } };
  return take<Message>(api.POST("/v1/projects/{project_id}/conversations/{conversation_id}/messages", { params, body, headers: { "Idempotency-Key": id } }));
}
