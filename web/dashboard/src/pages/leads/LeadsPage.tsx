import { Download } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "react-router";

import { api, take, useKeysetList } from "../../api";
import { useNarrow } from "../../app/narrow";
import { useProject } from "../../app/project";
import { Badge, Button, EmptyState, Form, Page, PageHeader, Select, Table, TextInput, Time, type Column } from "../../design";
import { leadsKey, nameOf, STAGES, type Lead, type Stage } from "./lead";
import style from "./Leads.module.css";

const AT_ONCE = 50;

const COLUMNS: Column<Lead>[] = [
  { label: "Lead", cell: (lead) => <bdi>{nameOf(lead)}</bdi> },
  { label: "E-mail", cell: (lead) => lead.email ?? "None" },
  { label: "Phone", cell: (lead) => lead.phone ?? "None" },
  { label: "Stage", cell: (lead) => <Badge tone={lead.stage === "new" ? "busy" : lead.stage === "won" ? "good" : "plain"}>{STAGES[lead.stage]}</Badge> },
  { label: "Left", cell: (lead) => <Time at={lead.created_at} /> },
];

/** Who left their address, newest first; what it is narrowed to is in the address. */
export function LeadsPage() {
  const { id } = useProject();
  const [search] = useSearchParams();
  const narrow = useNarrow();
  const [q, stage] = [search.get("q"), search.get("stage") as Stage | null];
  const [typed, setTyped] = useState(q ?? "");
  const filters = { ...(q === null ? {} : { q }), ...(stage === null ? {} : { stage }) };
  const list = useKeysetList<Lead>(leadsKey(id, "list", filters), (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/leads", { params: { path: { project_id: id }, query: { limit: AT_ONCE, ...filters, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const fetchAs = (format: string) => window.location.assign(`/v1/projects/${id}/leads/export?${new URLSearchParams({ format, ...filters })}`);
  const actions = (
    <>
      <Button icon={Download} onClick={() => fetchAs("csv")}>
        Export CSV
      </Button>
      <Button icon={Download} onClick={() => fetchAs("jsonl")}>
        Export JSON lines
      </Button>
    </>
  );
  return (
    <Page>
      <PageHeader title="Leads" words="Who left an address in a conversation." actions={list.rows.length > 0 ? actions : null} />
      <Form onSubmit={() => narrow("q", typed.trim())}>
        <div className={style.filters}>
          <TextInput label="Search" type="search" placeholder="Name, e-mail or phone" value={typed} onChange={(event) => setTyped(event.target.value)} />
          <Select label="Stage" value={stage ?? ""} onChange={(event) => narrow("stage", event.target.value)}>
            <option value="">All</option>
            {Object.entries(STAGES).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
          <Button type="submit">Search</Button>
        </div>
      </Form>
      <Table
        label="Leads"
        list={list}
        columns={COLUMNS}
        rowKey={(lead) => lead.id}
        rowLink={(lead) => lead.id}
        empty={<EmptyState title={q === null && stage === null ? "No leads yet" : "No lead is like that"}>{q === null && stage === null ? "Switch on the contact form of a widget, and who fills it in appears here." : "Try other words or another stage."}</EmptyState>}
      />
    </Page>
  );
}
