import { Plus } from "lucide-react";

import { api, take, useCan, useKeysetList } from "../../../api";
import { useProject } from "../../../app/project";
import { Badge, ButtonLink, EmptyState, PageHeader, Table, Time, type Column } from "../../../design";
import style from "../shared/Settings.module.css";
import { EVENTS, stateOf, webhooksKey, type Webhook } from "./webhook";

const AT_ONCE = 50;

/** Where your own servers are told what happens. */
export function WebhooksPage() {
  const { id } = useProject();
  const mayChange = useCan("webhooks");
  const base = `/projects/${id}/settings/webhooks`;
  const list = useKeysetList<Webhook>(webhooksKey(id), (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/webhooks", { params: { path: { project_id: id }, query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const add = mayChange ? (
    <ButtonLink kind="primary" icon={Plus} to={`${base}/new`}>
      Add a webhook
    </ButtonLink>
  ) : null;
  return (
    <>
      <PageHeader title="Webhooks" words="Tell your own servers what happens here, as it happens." actions={
          <>
            {list.rows.length > 0 && add}
            <ButtonLink to={`/projects/${id}/settings/events`}>All events</ButtonLink>
          </>
        } />
      <Table
        label="Webhooks"
        list={list}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        rowLink={(row) => `${base}/${row.id}`}
        empty={
          <EmptyState title="No server is told yet" action={add}>
            Send leads to your CRM, and calls for a person to your help desk.
          </EmptyState>
        }
      />
    </>
  );
}

const COLUMNS: Column<Webhook>[] = [
  { label: "Address", cell: (row) => <Address row={row} /> },
  { label: "Events", cell: (row) => (row.events.length === EVENTS.length ? "All" : row.events.join(", ")) },
  { label: "State", cell: (row) => <WebhookState webhook={row} /> },
  { label: "Added", cell: (row) => <Time at={row.created_at} /> },
];

function Address({ row }: { row: Webhook }) {
  if (row.description === null) return row.url;
  return (
    <span className={style.stack}>
      <span>{row.description}</span>
      <span className={style.code}>{row.url}</span>
    </span>
  );
}

export function WebhookState({ webhook }: { webhook: Webhook }) {
  const { words, tone, reason } = stateOf(webhook);
  return (
    <span className={style.stack}>
      <Badge tone={tone}>{words}</Badge>
      {reason !== null && <span className={style.note}>{reason}</span>}
    </span>
  );
}
