import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useNavigate, useParams } from "react-router";

import { api, take, useCan } from "../../api";
import { useProject } from "../../app/project";
import { Button, Card, ErrorNote, Page, PageHeader, Select, Skeleton } from "../../design";
import { ConsentCard } from "./ConsentCard";
import { leadKey, nameOf, STAGES, type Lead, type Stage } from "./lead";
import { LeadFacts } from "./LeadFacts";
import { LeadForm } from "./LeadForm";
import style from "./Leads.module.css";
import { useChange } from "./useChange";

/** One lead: who it is, how far things are, what was agreed to and where it came from. */
export function LeadPage() {
  const { id } = useProject();
  const { leadId = "" } = useParams();
  const query = useQuery({ queryKey: leadKey(id, leadId), queryFn: () => take<Lead>(api.GET("/v1/projects/{project_id}/leads/{lead_id}", { params: { path: { project_id: id, lead_id: leadId } } })) });
  const mayChange = useCan("leads");
  const navigate = useNavigate();
  const lead = query.data;
  const list = `/projects/${id}/leads`;
  const remove = (
    <Button kind="danger" icon={Trash2} onClick={() => void navigate(list, { state: { remove: lead } })}>
      Delete
    </Button>
  );
  return (
    <Page>
      <PageHeader title={lead === undefined ? "Lead" : nameOf(lead)} back={{ to: list, label: "Leads" }} actions={mayChange && lead !== undefined ? remove : null} />
      {query.error !== null && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton lines={8} label="Loading the lead" />}
      {lead !== undefined && <Parts key={lead.id} lead={lead} mayChange={mayChange} />}
    </Page>
  );
}

function Parts({ lead, mayChange }: { lead: Lead; mayChange: boolean }) {
  const save = useChange(lead);
  return (
    <div className={style.columns}>
      <Card title="Contact">
        <LeadForm key={JSON.stringify(Object.keys(lead.fields))} lead={lead} action="Save" mayChange={mayChange} isPending={save.isPending} error={save.error} onSend={(body) => save.mutate(body)} />
      </Card>
      <div className={style.side}>
        <StageCard lead={lead} mayChange={mayChange} />
        <ConsentCard lead={lead} mayChange={mayChange} />
        <LeadFacts lead={lead} />
      </div>
    </div>
  );
}

/** How far it is; a choice holds at once. */
function StageCard({ lead, mayChange }: { lead: Lead; mayChange: boolean }) {
  const save = useChange(lead, "Stage changed.");
  const stage = save.isPending ? (save.variables.stage ?? lead.stage) : lead.stage;
  return (
    <Card title="How far it is">
      <Select label="Stage" value={stage} disabled={!mayChange} onChange={(event) => save.mutate({ stage: event.target.value as Stage })}>
        {Object.entries(STAGES).map(([value, [words]]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </Select>
      {save.error !== null && <ErrorNote error={save.error} />}
    </Card>
  );
}
