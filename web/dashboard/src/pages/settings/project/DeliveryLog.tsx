import { RefreshCw } from "lucide-react";
import { useSearchParams } from "react-router";

import { api, take, useKeysetList } from "../../../api";
import { useNarrow } from "../../../app/narrow";
import { Badge, Button, EmptyState, Select, Table, Time, type Column } from "../../../design";
import style from "../shared/Settings.module.css";
import { EVENTS, STATES, webhooksKey, type Delivery, type EventType, type Webhook } from "./webhook";

const AT_ONCE = 25;

/** What was sent, newest first; what it is narrowed to is in the address. */
export function DeliveryLog({ webhook }: { webhook: Webhook }) {
  const [search] = useSearchParams();
  const status = search.get("status") as Delivery["status"] | null;
  const event = search.get("event") as EventType | null;
  const filters = { ...(status === null ? {} : { status }), ...(event === null ? {} : { event_type: event }) };
  const path = { project_id: webhook.project_id, webhook_id: webhook.id };
  const list = useKeysetList<Delivery>(webhooksKey(webhook.project_id, webhook.id, "deliveries", filters), (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/webhooks/{webhook_id}/deliveries", { params: { path, query: { limit: AT_ONCE, ...filters, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const narrow = useNarrow();
  return (
    <section className={style.part} aria-label="Deliveries">
      <h2>Deliveries</h2>
      <div className={style.filters}>
        <Select label="State" value={status ?? ""} onChange={(one) => narrow("status", one.target.value)}>
          <option value="">All</option>
          {Object.entries(STATES).map(([value, [label]]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
        <Select label="Event" value={event ?? ""} onChange={(one) => narrow("event", one.target.value)}>
          <option value="">All</option>
          {EVENTS.map(([value]) => (
            <option key={value}>{value}</option>
          ))}
        </Select>
        <Button icon={RefreshCw} onClick={list.retry}>
          Look again
        </Button>
      </div>
      <Table
        label="Deliveries"
        list={list}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        rowLink={(row) => `/projects/${row.project_id}/settings/webhooks/${row.webhook_id}/deliveries/${row.id}`}
        empty={<EmptyState title="Nothing was sent">{status === null && event === null ? "Send a test to see whether your server takes it." : "No delivery is like that. They are kept for 30 days."}</EmptyState>}
      />
    </section>
  );
}

const COLUMNS: Column<Delivery>[] = [
  { label: "Event", cell: (row) => (row.test ? `${row.event_type} (test)` : row.event_type) },
  { label: "State", cell: (row) => <DeliveryState delivery={row} /> },
  { label: "Answer", cell: (row) => row.response_status ?? row.error ?? "None yet" },
  { label: "Tries", align: "end", cell: (row) => row.attempt_count },
  { label: "Made", cell: (row) => <Time at={row.created_at} /> },
];

export function DeliveryState({ delivery }: { delivery: Delivery }) {
  const [words, tone] = STATES[delivery.status];
  return (
    <span className={style.stack}>
      <Badge tone={tone}>{words}</Badge>
      {delivery.next_attempt_at !== null && (
        <span className={style.note}>
          Tried again <Time at={delivery.next_attempt_at} />
        </span>
      )}
    </span>
  );
}
