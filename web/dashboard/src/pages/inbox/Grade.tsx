import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ThumbsDown, ThumbsUp } from "lucide-react";

import { api, take } from "../../api";
import { IconButton, useToast } from "../../design";
import type { Message, Thread } from "./conversation";
import style from "./Thread.module.css";
import { showMessage } from "./useLive";

/** Whether an answer was right, as somebody of the team judges it: what the bot's confidence is measured by. */
export function Grade({ message, thread }: { message: Message; thread: Thread }) {
  const client = useQueryClient();
  const toast = useToast();
  const path = { project_id: thread.project_id, conversation_id: thread.id, message_id: message.id };
  const grade = useMutation({
    mutationFn: (right: boolean) => take<Message>(api.POST("/v1/projects/{project_id}/conversations/{conversation_id}/messages/{message_id}/grade", { params: { path }, body: { right } })),
    onSuccess: (now) => showMessage(client, thread.project_id, thread.id, now),
    onError: (error) => toast({ message: error.message }),
  });
  const right = message.grade?.right;
  return (
    <span className={style.grade}>
      <IconButton icon={ThumbsUp} label="This answer is right" aria-pressed={right === true} onClick={() => grade.mutate(true)} />
      <IconButton icon={ThumbsDown} label="This answer is wrong" aria-pressed={right === false} onClick={() => grade.mutate(false)} />
      {right !== undefined && <span className={style.byline}>{right ? "Graded right" : "Graded wrong"}</span>}
    </span>
  );
}
