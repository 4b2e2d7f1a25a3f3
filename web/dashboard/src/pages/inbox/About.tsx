import { useQuery } from "@tanstack/react-query";

import { api, keys, take, useCan } from "../../api";
import { Link, Time } from "../../design";
import { classes } from "../../design/classes";
import { REASONS, textAt, type Thread } from "./conversation";
import style from "./Thread.module.css";
import { useIsNarrow } from "./useIsNarrow";
import { useNames } from "./useNames";

/** The hand-off pack and who it is: what one wants to know before one answers. */
export function About({ thread }: { thread: Thread }) {
  const facts = useFacts(thread);
  const isNarrow = useIsNarrow();
  const maySeeLead = useCan("leads:read");
  const { escalation } = thread;
  if (facts.length === 0 && escalation === null) return null;
  const isOver = escalation === null || escalation.ended_at !== null;
  const isWanted = thread.status === "waiting_human" || thread.status === "human";
  return (
    <details className={classes(style.about, isOver && style.calm)} open={isWanted && !isNarrow}>
      <summary>{escalation === null ? "About the visitor" : <Reason thread={thread} />}</summary>
      <div className={style.pack}>
        {escalation?.note && <p>“{escalation.note}”</p>}
        {escalation?.pack && <p>{escalation.pack.summary}</p>}
        <dl className={style.aboutFacts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {maySeeLead && thread.lead_id !== null && (
          <p>
            <Link to={`/projects/${thread.project_id}/leads/${thread.lead_id}`}>Open the lead</Link>
          </p>
        )}
      </div>
    </details>
  );
}

function Reason({ thread }: { thread: Thread }) {
  const nameOf = useNames();
  const { escalation } = thread;
  if (escalation === null) return null;
  const by = escalation.reason === "agent" && escalation.by.startsWith("usr_") ? `: ${nameOf(escalation.by)}` : "";
  return (
    <>
      {REASONS[escalation.reason]}
      {by}, <Time at={escalation.at} />
      {!escalation.within_business_hours && ", outside business hours"}
    </>
  );
}

/** What is known of the visitor, by name; all of it is what they or their page said. */
function useFacts({ project_id: project, lead_id: leadId, visitor, page, metadata }: Thread): [string, string][] {
  const maySee = useCan("leads:read");
  const lead = useQuery({
    queryKey: keys.project(project, "leads", leadId),
    queryFn: () => take(api.GET("/v1/projects/{project_id}/leads/{lead_id}", { params: { path: { project_id: project, lead_id: leadId ?? "" } } })),
    enabled: maySee && leadId !== null,
  }).data;
  const isKnown = visitor.verified === true;
  const facts: [string, string | null | undefined][] = [
    ["Name", textAt(visitor, "name") ?? lead?.name],
    ["E-mail", textAt(visitor, "email") ?? lead?.email],
    ["Phone", lead?.phone],
    ["User", textAt(visitor, "user_id")],
    ["Identity", isKnown ? "Confirmed by your site" : null],
    ["Page", [textAt(page, "title"), textAt(page, "url")].filter(Boolean).join(" · ")],
    ...Object.entries({ ...metadata, ...lead?.fields }).map(([name, value]): [string, string] => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  ];
  return facts.filter((fact): fact is [string, string] => Boolean(fact[1]));
}
