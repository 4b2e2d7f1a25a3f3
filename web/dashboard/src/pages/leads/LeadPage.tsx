import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";

import { api, hasCode, take, useCan } from "../../api";
import { NothingHere } from "../../app/NothingHere";
import { useProject } from "../../app/project";
import { Button, Card, ConfirmDialog, ErrorNote, Link, OutsideLink, Page, PageHeader, Select, Skeleton, Time, useToast } from "../../design";
import { leadsKey, nameOf, STAGES, TRIGGERS, type Lead, type Stage } from "./lead";
import style from "./Leads.module.css";

/** One lead: how to reach them, what they agreed to and where they came from. */
export function LeadPage() {
  const { id } = useProject();
  const { leadId = "" } = useParams();
  const mayChange = useCan("leads");
  const query = useQuery({
    queryKey: leadsKey(id, "one", leadId),
    queryFn: () => take(api.GET("/v1/projects/{project_id}/leads/{lead_id}", { params: { path: { project_id: id, lead_id: leadId } } })),
  });
  if (hasCode(query.error, "not_found")) return <NothingHere />;
  const lead = query.data;
  return (
    <Page>
      <PageHeader title={lead === undefined ? "Lead" : nameOf(lead)} back={{ to: `/projects/${id}/leads`, label: "Leads" }} actions={lead !== undefined && mayChange && <Deletion lead={lead} />} />
      {lead === undefined ? (
        query.error ? (
          <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Skeleton lines={6} />
        )
      ) : (
        <>
          {mayChange && <StageOf lead={lead} />}
          <Facts lead={lead} />
        </>
      )}
    </Page>
  );
}

function StageOf({ lead }: { lead: Lead }) {
  const client = useQueryClient();
  const toast = useToast();
  const save = useMutation({
    mutationFn: (stage: Stage) => take(api.PATCH("/v1/projects/{project_id}/leads/{lead_id}", { params: { path: { project_id: lead.project_id, lead_id: lead.id } }, body: { stage } })),
    onSuccess: () => client.invalidateQueries({ queryKey: leadsKey(lead.project_id) }),
    onError: (error) => toast({ message: error.message }),
  });
  return (
    <div className={style.stage}>
      <Select label="Stage" value={save.isPending ? save.variables : lead.stage} onChange={(event) => save.mutate(event.target.value as Stage)}>
        {Object.entries(STAGES).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
    </div>
  );
}

function Facts({ lead }: { lead: Lead }) {
  const page = lead.page_url !== null && /^https?:\/\//i.test(lead.page_url) ? <OutsideLink href={lead.page_url}>{lead.page_url}</OutsideLink> : (lead.page_url ?? "Not known");
  const base = `/projects/${lead.project_id}`;
  return (
    <>
      <Card title="Contact">
        <dl className={style.facts}>
          <dt>E-mail</dt>
          <dd>{lead.email ?? "None"}</dd>
          <dt>Phone</dt>
          <dd>{lead.phone ?? "None"}</dd>
          {Object.entries(lead.fields).map(([name, value]) => [
            <dt key={name} dir="auto">
              {name}
            </dt>,
            <dd key={`${name} value`} dir="auto">
              {typeof value === "string" ? value : JSON.stringify(value)}
            </dd>,
          ])}
        </dl>
      </Card>
      <Card title="Consent">
        {lead.consent === null ? (
          <p>Nothing is recorded.</p>
        ) : (
          <dl className={style.facts}>
            <dt>Given</dt>
            <dd>
              {lead.consent.given ? "Yes" : "No"}, <Time at={lead.consent.at} />
            </dd>
            <dt>Wording</dt>
            <dd dir="auto">{lead.consent.text ?? "Not recorded"}</dd>
          </dl>
        )}
      </Card>
      <Card title="Where from">
        <dl className={style.facts}>
          <dt>Left</dt>
          <dd>
            <Time at={lead.created_at} />
          </dd>
          <dt>How</dt>
          <dd>{TRIGGERS[lead.trigger]}</dd>
          <dt>Page</dt>
          <dd>{page}</dd>
          <dt>Conversation</dt>
          <dd>{lead.conversation_id === null ? "None" : <Link to={`${base}/inbox/${lead.conversation_id}`}>Open in the inbox</Link>}</dd>
          {lead.duplicate_of !== null && (
            <>
              <dt>Duplicate</dt>
              <dd>
                <Link to={`${base}/leads/${lead.duplicate_of}`}>The first with this e-mail</Link>
              </dd>
            </>
          )}
        </dl>
      </Card>
    </>
  );
}

function Deletion({ lead }: { lead: Lead }) {
  const [isOpen, setOpen] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => take(api.DELETE("/v1/projects/{project_id}/leads/{lead_id}", { params: { path: { project_id: lead.project_id, lead_id: lead.id } } })),
    onSuccess: async () => {
      await navigate(`/projects/${lead.project_id}/leads`);
      client.removeQueries({ queryKey: leadsKey(lead.project_id, "one", lead.id) });
      await client.invalidateQueries({ queryKey: leadsKey(lead.project_id) });
    },
  });
  return (
    <>
      <Button icon={Trash2} onClick={() => setOpen(true)}>
        Delete lead
      </Button>
      <ConfirmDialog
        title="Delete this lead?"
        words="The contact details are erased and cannot be had back. The conversation stays."
        action="Delete lead"
        isOpen={isOpen}
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => setOpen(false)}
      />
    </>
  );
}
