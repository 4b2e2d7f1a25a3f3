import { useQueryClient, type InfiniteData, type QueryClient } from "@tanstack/react-query";

import { useEvents, useMe, type ListPage } from "../../api";
import { listsKey, threadKey, type Conversation, type Message, type Thread } from "./conversation";
import { typingKey } from "./useVisitorTypes";
import { belongs, type Filters, type View } from "./views";

interface Told {
  conversation_id: string;
}

type Kept = InfiniteData<ListPage<Conversation>, string | undefined>;

/** Keeps every list and thread of the inbox as the server tells it, and tells whoever asks about each change. */
export function useLive(projectId: string, onChange: (row: Conversation) => void): void {
  const client = useQueryClient();
  const me = useMe().user.id;
  const changed = ({ conversation }: Told & { conversation: Conversation }) => {
    showInLists(client, projectId, conversation, me);
    showInThread(client, projectId, conversation);
    onChange(conversation);
  };
  const typing = ({ conversation_id: id }: Told) => client.setQueryData(typingKey(projectId, id), Date.now());
  const said = ({ conversation_id: id, message }: Told & { message: Message }) => showMessage(client, projectId, id, message);
  const handlers = { "conversation.created": changed, "conversation.updated": changed, "message.created": said, "visitor.typing": typing };
  useEvents(`/v1/projects/${projectId}/conversations/events`, handlers, () => void client.invalidateQueries({ queryKey: ["project", projectId, "conversations"] }));
}

/** A conversation as it is now, in every list that is kept: where it belongs, at its top. */
export function showInLists(client: QueryClient, projectId: string, row: Conversation, me: string): void {
  for (const [key, kept] of client.getQueriesData<Kept>({ queryKey: listsKey(projectId) })) {
    if (kept === undefined) continue;
    const [view, filters] = key.slice(-2) as [View, Filters];
    const is = belongs(row, view, filters, me);
    const known = kept.pages.flatMap((page) => page.data).find((one) => one.id === row.id);
    if (known !== undefined && known.updated_at > row.updated_at) continue;
    if (is === null && known === undefined) void client.invalidateQueries({ queryKey: key });
    else client.setQueryData<Kept>(key, placed(kept, row, is !== false));
  }
}

function placed(kept: Kept, row: Conversation, isThere: boolean): Kept {
  const pages = kept.pages.map((page) => ({ ...page, data: page.data.filter((one) => one.id !== row.id) }));
  const [first] = pages;
  if (isThere && first !== undefined) first.data.unshift(row);
  return { ...kept, pages };
}

/** Its state in the open thread. Lists have no pack, so a new one is fetched. */
export function showInThread(client: QueryClient, projectId: string, row: Conversation): void {
  const key = threadKey(projectId, row.id);
  const thread = client.getQueryData<Thread>(key);
  if (thread === undefined || thread.updated_at > row.updated_at) return;
  const pack = row.escalation?.pack ?? (row.escalation?.at === thread.escalation?.at ? (thread.escalation?.pack ?? null) : null);
  const escalation = row.escalation === null ? null : { ...row.escalation, pack };
  client.setQueryData<Thread>(key, { ...thread, ...row, escalation });
  if (escalation?.at !== thread.escalation?.at && pack === null) void client.invalidateQueries({ queryKey: key });
}

/** A message at the end of its thread, once; who sent it writes no longer. */
export function showMessage(client: QueryClient, projectId: string, id: string, message: Message): void {
  if (message.role === "user") client.setQueryData(typingKey(projectId, id), 0);
  client.setQueryData<Thread>(threadKey(projectId, id), (thread) => {
    if (thread === undefined) return thread;
    const isKnown = thread.messages.some((one) => one.id === message.id);
    const messages = isKnown ? thread.messages.map((one) => (one.id === message.id ? message : one)) : [...thread.messages, message];
    return { ...thread, messages: messages.sort((one, other) => one.created_at.localeCompare(other.created_at)) };
  });
}

/** It is gone: from every list, and with its words. */
export function dropConversation(client: QueryClient, projectId: string, id: string): void {
  for (const [key, kept] of client.getQueriesData<Kept>({ queryKey: listsKey(projectId) })) {
    if (kept !== undefined) client.setQueryData<Kept>(key, { ...kept, pages: kept.pages.map((page) => ({ ...page, data: page.data.filter((one) => one.id !== id) })) });
  }
  client.removeQueries({ queryKey: threadKey(projectId, id) });
}
