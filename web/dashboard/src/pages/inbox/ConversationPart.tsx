import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { api, hasCode, take, useCan } from "../../api";
import { useProject } from "../../app/project";
import { ButtonLink, EmptyState, ErrorNote, Skeleton } from "../../design";
import { About } from "./About";
import { threadKey, type Thread } from "./conversation";
import style from "./Inbox.module.css";
import { Messages } from "./Messages";
import { ReplyBox } from "./ReplyBox";
import { ThreadHead } from "./ThreadHead";
import threadStyle from "./Thread.module.css";
import { useOutbox } from "./useOutbox";

/** One conversation: what is known of it, what was said, and the box to answer in. */
export function ConversationPart() {
  const { id } = useProject();
  const { conversationId = "" } = useParams();
  const query = useQuery({
    queryKey: threadKey(id, conversationId),
    queryFn: () => take<Thread>(api.GET("/v1/projects/{project_id}/conversations/{conversation_id}", { params: { path: { project_id: id, conversation_id: conversationId } } })),
  });
  if (query.data) return <Shown thread={query.data} />;
  if (hasCode(query.error, "not_found")) return <Gone />;
  return <div className={style.nothing}>{query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : <Skeleton lines={9} label="Loading the conversation" />}</div>;
}

function Shown({ thread }: { thread: Thread }) {
  const outbox = useOutbox(thread.project_id, thread.id);
  const mayReply = useCan("conversations");
  return (
    <div className={threadStyle.thread}>
      <ThreadHead thread={thread} />
      <About thread={thread} />
      <Messages thread={thread} outbox={outbox} />
      {mayReply && <ReplyBox thread={thread} onReply={outbox.reply} />}
    </div>
  );
}

function Gone() {
  return (
    <div className={style.nothing}>
      <EmptyState title="There is no such conversation" action={<ButtonLink to="..">Back to the list</ButtonLink>}>
        It was deleted, or it is in another project.
      </EmptyState>
    </div>
  );
}
