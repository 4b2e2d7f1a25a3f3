import { Plus, Trash2 } from "lucide-react";

import { api, take, useCan, useKeysetList } from "../../api";
import { useProject } from "../../app/project";
import { Badge, ButtonLink, EmptyState, IconButton, Page, PageHeader, Table, Time, type Column } from "../../design";
import { ExportMenu } from "./ExportMenu";
import { leadsKey, nameOf, STAGES, TRIGGERS, type Lead } from "./lead";
import { hasFilters, LeadFilters, useFilters } from "./LeadFilters";
import style from "./Leads.module.css";
import { useRemoval } from "./removal";

const AT_ONCE = 50;

/** Who left an address, newest first. */
export function LeadsPage() {
  const { id } = useProject();
  const mayChange = useCan("leads");
  const filters = useFilters();
  const isFiltered = hasFilters(filters);
  const [remove, gone] = useRemoval();
  const list = useKeysetList<Lead>(leadsKey(id, filters), (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/leads", { params: { path: { project_id: id }, query: { limit: AT_ONCE, ...filters, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const rows = list.rows.filter((lead) => !gone.has(lead.id));
  const isThere = list.isLoading || rows.length > 0 || isFiltered;
  const add = (
    <ButtonLink kind="primary" icon={Plus} to="new">
      Add a lead
    </ButtonLink>
  );
  const actions = (
    <>
      {mayChange && add}
      {rows.length > 0 && <ExportMenu projectId={id} filters={filters} />}
    </>
  );
  return (
    <Page>
      <PageHeader title="Leads" words="Visitors who left an address, and what they agreed to." actions={isThere ? actions : null} />
      {isThere && <LeadFilters isFiltered={isFiltered} />}
      <Table
        label="Leads"
        list={{ ...list, rows }}
        columns={mayChange ? [...COLUMNS, deletion(remove)] : COLUMNS}
        rowKey={(lead) => lead.id}
        rowLink={(lead) => lead.id}
        empty={isFiltered ? <NoneLikeThat /> : <NoneYet projectId={id} />}
      />
    </Page>
  );
}

const COLUMNS: Column<Lead>[] = [
  { label: "Lead", cell: nameOf },
  { label: "Reach", cell: (lead) => <Reach lead={lead} /> },
  { label: "Stage", cell: (lead) => <Badge tone={STAGES[lead.stage][1]}>{STAGES[lead.stage][0]}</Badge> },
  { label: "How it came", cell: (lead) => TRIGGERS[lead.trigger] },
  { label: "Consent", cell: (lead) => (lead.consent === null ? "Not asked" : lead.consent.given ? "Given" : "Not given") },
  { label: "When", cell: (lead) => <Time at={lead.created_at} /> },
];

function Reach({ lead }: { lead: Lead }) {
  return (
    <span className={style.stack}>
      {[lead.email, lead.phone].map((way) => way !== null && way !== nameOf(lead) && <span key={way}>{way}</span>)}
      {lead.duplicate_of !== null && <Badge>Duplicate</Badge>}
    </span>
  );
}

function deletion(remove: (lead: Lead) => void): Column<Lead> {
  return { label: "Delete", isLabelHidden: true, align: "end", cell: (lead) => <IconButton icon={Trash2} label={`Delete ${nameOf(lead)}`} onClick={() => remove(lead)} /> };
}

function NoneLikeThat() {
  return (
    <EmptyState title="No lead is like that" action={<ButtonLink to=".">Show all leads</ButtonLink>}>
      Search for part of a name, e-mail or phone number, or leave out a filter.
    </EmptyState>
  );
}

function NoneYet({ projectId }: { projectId: string }) {
  return (
    <EmptyState title="Nobody left an address yet" action={<ButtonLink to={`/projects/${projectId}/widgets`}>Go to the widgets</ButtonLink>}>
      A widget can ask for an e-mail or phone number. When and how is set under “Leads” of the widget.
    </EmptyState>
  );
}
