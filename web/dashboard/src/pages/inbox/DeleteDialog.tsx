import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation, useNavigate } from "react-router";

import { api, take } from "../../api";
import { ConfirmDialog, useToast } from "../../design";
import type { Thread } from "./conversation";
import { dropConversation } from "./useLive";

interface DialogProps {
  thread: Thread;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks before a conversation is erased: nothing brings it back. */
export function DeleteDialog({ thread, isOpen, onClose }: DialogProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { search } = useLocation();
  const toast = useToast();
  const { project_id: project, id } = thread;
  const remove = useMutation({
    mutationFn: () => take(api.DELETE("/v1/projects/{project_id}/conversations/{conversation_id}", { params: { path: { project_id: project, conversation_id: id } } })),
    onSuccess: async () => {
      await navigate({ pathname: `/projects/${project}/inbox`, search });
      dropConversation(client, project, id);
      toast({ message: "Conversation deleted." });
    },
  });
  return (
    <ConfirmDialog
      title="Delete this conversation?"
      words="All that was said is erased, here and for the visitor, and cannot be had back. A lead that came from it stays."
      action="Delete conversation"
      isOpen={isOpen}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
