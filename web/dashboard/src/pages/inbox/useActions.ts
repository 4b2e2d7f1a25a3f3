import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, take, useMe, type Wire } from "../../api";
import { useToast } from "../../design";
import type { Conversation } from "./conversation";
import { showInLists, showInThread } from "./useLive";

/** What can be done with a conversation; each shows at once how it is then. */
export function useActions(conversation: Conversation) {
  const client = useQueryClient();
  const toast = useToast();
  const me = useMe().user.id;
  const path = { project_id: conversation.project_id, conversation_id: conversation.id };
  const onSuccess = (now: Conversation) => {
    showInLists(client, now.project_id, now, me);
    showInThread(client, now.project_id, now);
  };
  const onError = (error: Error) => toast({ message: error.message });
  const change = useMutation({
    mutationFn: (body: Wire["ConversationPatch"]) => take<Conversation>(api.PATCH("/v1/projects/{project_id}/conversations/{conversation_id}", { params: { path }, body })),
    onSuccess,
    onError,
  });
  const handBack = useMutation({
    mutationFn: () => take<Conversation>(api.POST("/v1/projects/{project_id}/conversations/{conversation_id}/handback", { params: { path } })),
    onSuccess,
    onError,
  });
  const end = useMutation({
    mutationFn: () => take<Conversation>(api.POST("/v1/projects/{project_id}/conversations/{conversation_id}/close", { params: { path }, body: {} })),
    onSuccess,
    onError,
  });
  const close = () => {
    const before = conversation;
    end.mutate(undefined, { onSuccess: () => toast({ message: "Conversation closed.", ...undoOf(before, change.mutate) }) });
  };
  return { change, handBack, close, assign: (userId: string | null) => change.mutate(assignment(conversation, userId)), isPending: change.isPending || handBack.isPending || end.isPending };
}

/** Whoever is to answer has it, so that the bot is silent; what is closed stays closed. */
function assignment({ status }: Conversation, assignee: string | null): Wire["ConversationPatch"] {
  return assignee === null || status === "closed" ? { assignee } : { assignee, status: "human" };
}

/** The way back from closing. Who waited is not passed on a second time: the visitor would be told so again. */
function undoOf({ status, assignee }: Conversation, change: (body: Wire["ConversationPatch"]) => void) {
  return status === "open" || status === "human" ? { undo: () => change({ status, assignee }) } : {};
}
