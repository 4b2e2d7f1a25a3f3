import { Outlet, useParams } from "react-router";

import { useProject } from "../../app/project";
import { Page, PageHeader } from "../../design";
import { classes } from "../../design/classes";
import { ConversationList } from "./ConversationList";
import style from "./Inbox.module.css";
import { InboxMenu } from "./InboxMenu";
import { useAttention } from "./useAttention";
import { useConversations } from "./useLists";
import { useFilters, useView } from "./views";

/** Who waits, what is said, and the answers of people: the list and the conversation beside each other, both live. */
export function InboxPage() {
  const { id } = useProject();
  const { conversationId = null } = useParams();
  const view = useView();
  const filters = useFilters();
  const list = useConversations(id, view, filters);
  const waiting = useAttention(id);
  return (
    <Page>
      <div className={classes(style.inbox, conversationId !== null && style.isOpen)}>
        <section className={style.listPane} aria-label="Conversations">
          <PageHeader title="Inbox" actions={<InboxMenu view={view} filters={filters} />} />
          <ConversationList list={list} view={view} filters={filters} waiting={waiting} openId={conversationId} />
        </section>
        <section className={style.threadPane} aria-label="Conversation">
          <Outlet key={conversationId} />
        </section>
      </div>
    </Page>
  );
}
