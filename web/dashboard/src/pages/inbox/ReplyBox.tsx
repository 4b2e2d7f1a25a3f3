import { Lightbulb, Send } from "lucide-react";
import { useRef, type KeyboardEvent } from "react";

import { Button } from "../../design";
import type { Thread } from "./conversation";
import style from "./Thread.module.css";
import { useKeys } from "./keyboard";
import { useDraft } from "./useDraft";
import { useTyping } from "./useTyping";

const REPLY_MAX_CHARS = 8_000;

const WHAT_HAPPENS: Record<Thread["status"], string> = {
  waiting_human: "Your reply takes the conversation. The bot stays silent.",
  human: "The bot is silent until you hand the conversation back.",
  open: "Your reply takes the conversation from the bot.",
  closed: "Your reply opens the conversation again.",
};

/** Where a person answers. What is typed stays until it is sent, also while one is elsewhere. */
export function ReplyBox({ thread, onReply }: { thread: Thread; onReply: (content: string) => void }) {
  const [text, setText] = useDraft(thread.id);
  const tellTyping = useTyping(thread.project_id, thread.id);
  const box = useRef<HTMLTextAreaElement>(null);
  const suggested = thread.status === "waiting_human" || thread.status === "human" ? (thread.escalation?.pack?.suggested_reply ?? null) : null;
  useKeys({ r: () => box.current?.focus() });
  const type = (typed: string) => {
    setText(typed);
    if (typed.trim() !== "") tellTyping();
  };
  const send = () => {
    if (text.trim() === "") return;
    onReply(text.trim());
    setText("");
    box.current?.focus();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "Escape") box.current?.blur();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <div className={style.reply}>
      <textarea
        ref={box}
        className={style.replyText}
        aria-label="Reply"
        aria-describedby="reply-hint"
        placeholder="Write to the visitor"
        dir="auto"
        rows={2}
        maxLength={REPLY_MAX_CHARS}
        value={text}
        onChange={(event) => type(event.target.value)}
        onKeyDown={pressed}
      />
      <div className={style.replyLine}>
        <span id="reply-hint" className={style.hint}>
          {WHAT_HAPPENS[thread.status]}
        </span>
        {suggested !== null && text === "" && (
          <Button kind="quiet" icon={Lightbulb} onClick={() => setText(suggested)}>
            Use bot’s answer
          </Button>
        )}
        <Button kind="primary" icon={Send} onClick={send} title="Ctrl Enter or ⌘ Enter">
          Send
        </Button>
      </div>
    </div>
  );
}
