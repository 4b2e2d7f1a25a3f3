import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, take, useMe } from "../../api";
import { Dialog, DialogActions, ErrorNote, Form, TextArea } from "../../design";
import type { Conversation, Thread } from "./conversation";
import { showInLists, showInThread } from "./useLive";

interface DialogProps {
  thread: Thread;
  isOpen: boolean;
  onClose: () => void;
}

/** Puts a conversation among those that wait for a person, with a word to whoever takes it. */
export function EscalateDialog({ thread, isOpen, onClose }: DialogProps) {
  const client = useQueryClient();
  const me = useMe().user.id;
  const [note, setNote] = useState("");
  const path = { project_id: thread.project_id, conversation_id: thread.id };
  const pass = useMutation({
    mutationFn: () =>
      take<Conversation>(api.POST("/v1/projects/{project_id}/conversations/{conversation_id}/escalate", { params: { path }, body: { reason: "agent", ...(note.trim() === "" ? {} : { note: note.trim() }) } })),
    onSuccess: (now) => {
      showInLists(client, now.project_id, now, me);
      showInThread(client, now.project_id, now);
      setNote("");
      onClose();
    },
  });
  const beside = errorBeside(pass.error, "note");
  return (
    <Dialog title="Pass on to a person" words="The bot falls silent, and the visitor reads that a colleague will answer." isOpen={isOpen} onClose={onClose}>
      <Form onSubmit={() => pass.mutate()}>
        <TextArea label="Note" optional hint="For your colleagues. The visitor never sees it." value={note} error={errorAt(pass.error, "note")} onChange={(event) => setNote(event.target.value)} />
        {beside && <ErrorNote error={beside} />}
        <DialogActions action="Pass on" pending={pass.isPending} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}
