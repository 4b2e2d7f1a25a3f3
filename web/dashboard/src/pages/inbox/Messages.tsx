import { useEffect, useRef } from "react";

import { Button, IconButton } from "../../design";
import { RotateCw, Trash2 } from "lucide-react";
import type { Thread } from "./conversation";
import style from "./Thread.module.css";
import { MessageItem } from "./MessageItem";
import type { Unsent, useOutbox } from "./useOutbox";
import { useVisitorTypes } from "./useVisitorTypes";

const NEAR_PX = 120;

/** What was said, the newest at the bottom and in sight, unless one reads further up. */
export function Messages({ thread, outbox }: { thread: Thread; outbox: ReturnType<typeof useOutbox> }) {
  const log = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const isWriting = useVisitorTypes(thread.project_id, thread.id);
  const last = thread.messages.at(-1)?.id;
  useEffect(() => {
    const box = log.current;
    if (box !== null && isAtEnd.current) box.scrollTop = box.scrollHeight;
  }, [last, outbox.unsent.length, isWriting]);
  useEffect(() => {
    const box = log.current;
    if (box === null) return undefined;
    const sized = new ResizeObserver(() => {
      if (isAtEnd.current) box.scrollTop = box.scrollHeight;
    });
    sized.observe(box);
    return () => sized.disconnect();
  }, []);
  const scrolled = () => {
    const box = log.current;
    if (box !== null) isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
  };
  return (
    <div ref={log} role="log" aria-label="Messages" tabIndex={0} className={style.messages} onScroll={scrolled}>
      {thread.has_more_messages && <p className={style.older}>The newest 200 messages are here. An export has the older ones too.</p>}
      <ol className={style.said}>
        {thread.messages.map((message) => (
          <MessageItem key={message.id} message={message} thread={thread} />
        ))}
        {outbox.unsent.map((one) => (
          <UnsentItem key={one.id} one={one} onRetry={() => outbox.retry(one)} onDiscard={() => outbox.discard(one.id)} />
        ))}
      </ol>
      {isWriting && <p className={style.writing}>The visitor is writing…</p>}
    </div>
  );
}

function UnsentItem({ one, onRetry, onDiscard }: { one: Unsent; onRetry: () => void; onDiscard: () => void }) {
  return (
    <li className={style.agent}>
      <p className={style.text}>{one.content}</p>
      {one.error === null ? (
        <p className={style.byline}>Sending…</p>
      ) : (
        <div role="alert" className={style.failed}>
          <span>Not sent. {one.error.message}</span>
          <Button icon={RotateCw} onClick={onRetry}>
            Send again
          </Button>
          <IconButton icon={Trash2} label="Throw this reply away" onClick={onDiscard} />
        </div>
      )}
    </li>
  );
}
