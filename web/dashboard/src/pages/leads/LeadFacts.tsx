import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { api, take } from "../../api";
import { Card, Link, OutsideLink, Time } from "../../design";
import { leadsKey, nameOf, TRIGGERS, type Lead } from "./lead";
import style from "./Leads.module.css";

/** Where it came from, and who is the same. */
export function LeadFacts({ lead }: { lead: Lead }) {
  const base = `/projects/${lead.project_id}`;
  return (
    <Card title="Where it came from">
      <dl className={style.facts}>
        <Fact name="How it came">{TRIGGERS[lead.trigger]}</Fact>
        <Fact name="When">
          <Time at={lead.created_at} />
        </Fact>
        {lead.page_url !== null && (
          <Fact name="Page">
            <OutsideLink href={lead.page_url}>{lead.page_url}</OutsideLink>
          </Fact>
        )}
        {lead.conversation_id !== null && (
          <Fact name="Conversation">
            <Link to={`${base}/inbox/${lead.conversation_id}`}>Read the conversation</Link>
          </Fact>
        )}
        {lead.widget_id !== null && (
          <Fact name="Widget">
            <Link to={`${base}/widgets/${lead.widget_id}`}>Open the widget</Link>
          </Fact>
        )}
        {lead.duplicate_of !== null && (
          <Fact name="The same e-mail came first with">
            <Link to={`${base}/leads/${lead.duplicate_of}`}>The first lead</Link>
          </Fact>
        )}
        <Duplicates lead={lead} />
      </dl>
    </Card>
  );
}

/** Later leads with this one's e-mail, as far as a search for it finds them. */
function Duplicates({ lead }: { lead: Lead }) {
  const email = lead.email ?? "";
  const { data } = useQuery({
    queryKey: leadsKey(lead.project_id, "same", email),
    queryFn: () => take(api.GET("/v1/projects/{project_id}/leads", { params: { path: { project_id: lead.project_id }, query: { q: email } } })),
    enabled: email !== "",
  });
  const later = data?.data.filter((each) => each.duplicate_of === lead.id) ?? [];
  if (later.length === 0) return null;
  return (
    <Fact name="Came again as">
      <ul>
        {later.map((each) => (
          <li key={each.id}>
            <Link to={`/projects/${each.project_id}/leads/${each.id}`}>{nameOf(each)}</Link>, <Time at={each.created_at} />
          </li>
        ))}
      </ul>
    </Fact>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
