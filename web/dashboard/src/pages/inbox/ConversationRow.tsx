import { Link, useLocation } from "react-router";

import { Badge, Time } from "../../design";
import { STATES, subjectOf, visitorOf, waitsSince, type Conversation } from "./conversation";
import style from "./Inbox.module.css";
import { useNames } from "./useNames";
import { hasDraft } from "./useDraft";
import { Waited } from "./Waited";

const SAYS: Record<string, string> = { user: "Visitor", assistant: "Bot", agent: "Person", system: "Notice" };

/** One conversation in the list: what it is about, who it is with, what was said last, whose it is. */
export function ConversationRow({ row, isOpen }: { row: Conversation; isOpen: boolean }) {
  const { search } = useLocation();
  const [state, tone] = STATES[row.status];
  const nameOf = useNames();
  const since = waitsSince(row);
  const last = row.last_message;
  return (
    <li className={style.row}>
      <Link to={{ pathname: row.id, search }} relative="route" className={style.rowLink} aria-current={isOpen ? "true" : undefined} data-conversation={row.id}>
        <span className={style.rowHead}>
          <span className={style.subject}>{subjectOf(row)}</span>
          <span className={style.when}><Time at={last?.created_at ?? row.updated_at} /></span>
        </span>
        {last !== null && (
          <span className={style.preview}>
            {SAYS[last.role] ?? last.role}: {last.preview}
          </span>
        )}
        <span className={style.marks}>
          <Badge tone={tone}>{since === null ? state : <Waited since={since} />}</Badge>
          {row.assignee !== null && <Badge>{nameOf(row.assignee)}</Badge>}
          {hasDraft(row.id) && <Badge tone="warn">Draft</Badge>}
          {row.tags.map((tag) => (
            <Badge key={tag}>{tag}</Badge>
          ))}
          <span className={style.who}>{visitorOf(row)}</span>
        </span>
      </Link>
    </li>
  );
}
