import { useState } from "react";
import { useSearchParams } from "react-router";

import { api, take, useKeysetList, type Wire } from "../../../api";
import { useProject } from "../../../app/project";
import { Button, CodeBlock, Dialog, EmptyState, Page, PageHeader, Select, Table, Time, type Column } from "../../../design";
import style from "../shared/Settings.module.css";
import { EVENTS, webhooksKey, type EventType } from "./webhook";

type Happened = Wire["EventOut"];
const AT_ONCE = 50;

/** What happened, each event as a webhook gets it. */
export function EventsPage() {
  const { id } = useProject();
  const [search, setSearch] = useSearchParams();
  const [open, setOpen] = useState<Happened | null>(null);
  const type = search.get("type") as EventType | null;
  const list = useKeysetList<Happened>(webhooksKey(id, "events", type), (cursor, signal) =>
    take(
      api.GET("/v1/projects/{project_id}/events", {
        params: { path: { project_id: id }, query: { limit: AT_ONCE, ...(type === null ? {} : { type: [type] }), ...(cursor === undefined ? {} : { cursor }) } },
        signal,
      }),
    ),
  );
  const columns: Column<Happened>[] = [
    { label: "Event", cell: (row) => row.type },
    { label: "Id", cell: (row) => <span className={style.code}>{row.id}</span> },
    { label: "When", cell: (row) => <Time at={row.created_at} /> },
    { label: "Show", isLabelHidden: true, align: "end", cell: (row) => <Button onClick={() => setOpen(row)}>Show</Button> },
  ];
  return (
    <Page>
      <PageHeader title="Events" words="What happened in this project, each as a webhook gets it." back={{ to: `/projects/${id}/settings/webhooks`, label: "Webhooks" }} />
      <div className={style.filters}>
        <Select label="Event" value={type ?? ""} onChange={(event) => setSearch(event.target.value === "" ? {} : { type: event.target.value }, { replace: true })}>
          <option value="">All</option>
          {EVENTS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </div>
      <Table label="Events" list={list} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title="Nothing happened yet">A lead, a call for a person, new knowledge, a question without a sure answer: each is an event.</EmptyState>} />
      <Dialog title={open?.type ?? ""} wide isOpen={open !== null} onClose={() => setOpen(null)}>
        <div className={style.wrap}>
          <CodeBlock label="event" code={JSON.stringify(open, null, 2)} />
        </div>
      </Dialog>
    </Page>
  );
}
