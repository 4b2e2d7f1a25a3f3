import { useCan } from "../../api";
import { Badge, Link, Time, type Tone } from "../../design";
import type { Message, Thread } from "./conversation";
import { Grade } from "./Grade";
import style from "./Thread.module.css";
import { useNames } from "./useNames";

const LEVELS: Record<"high" | "medium" | "low", [words: string, tone: Tone]> = {
  high: ["High confidence", "good"],
  medium: ["Medium confidence", "plain"],
  low: ["Low confidence", "warn"],
};

/** One message: its words as they are, and of the bot's how sure it was and what it showed. */
export function MessageItem({ message, thread }: { message: Message; thread: Thread }) {
  const nameOf = useNames();
  const mayGrade = useCan("conversations");
  if (message.role === "system") {
    return (
      <li className={style.system}>
        {message.content} · <Time at={message.created_at} />
      </li>
    );
  }
  const who = message.role === "user" ? "Visitor" : message.role === "assistant" ? "Bot" : nameOf(message.author ?? "A person");
  return (
    <li className={style[message.role]}>
      <p className={style.byline}>
        <strong>{who}</strong> <Time at={message.created_at} />
      </p>
      <Words message={message} thread={thread} />
      {message.role === "assistant" && (
        <div className={style.judged}>
          <Certainty message={message} />
          {mayGrade && message.answered !== null && <Grade message={message} thread={thread} />}
        </div>
      )}
      <Quotes message={message} projectId={thread.project_id} />
      {message.feedback && (
        <p className={style.byline}>
          The visitor rated this {message.feedback.rating === "up" ? "helpful" : "not helpful"}
          {message.feedback.comment && `: “${message.feedback.comment}”`}
        </p>
      )}
    </li>
  );
}

/** What was said. Of a file that is its name: here it leads to the file, as a download. */
function Words({ message, thread }: { message: Message; thread: Thread }) {
  const [file] = message.attachments ?? [];
  return (
    <p className={style.text} dir="auto">
      {file === undefined ? (
        message.content
      ) : (
        <Link to={`/v1/projects/${thread.project_id}/conversations/${thread.id}/attachments/${file.id}`} reloadDocument download={file.name}>
          {message.content}
        </Link>
      )}
    </p>
  );
}

function Certainty({ message }: { message: Message }) {
  if (message.answered === false) return <Badge tone="warn">Not answered</Badge>;
  if (message.confidence_level === null || message.answered === null) return null;
  const [words, tone] = LEVELS[message.confidence_level];
  return (
    <Badge tone={tone}>
      {words}
      {message.confidence !== null && `, ${Math.round(message.confidence * 100)} %`}
    </Badge>
  );
}

function Quotes({ message, projectId }: { message: Message; projectId: string }) {
  const { citations } = message;
  if (citations.length === 0) return null;
  return (
    <details className={style.sources}>
      <summary>{citations.length === 1 ? "1 source" : `${citations.length} sources`}</summary>
      <ol className={style.quotes}>
        {citations.map((one) => (
          <li key={one.id}>
            <span className={style.number}>{one.index}</span>
            <div>
              <blockquote>{one.quote}</blockquote>
              <Link to={`/projects/${projectId}/knowledge/${one.source_id}/documents/${one.document_id}?start=${one.locator.char_start}&end=${one.locator.char_end}`}>{one.title ?? one.url ?? "A document without a title"}</Link>
            </div>
          </li>
        ))}
      </ol>
    </details>
  );
}
