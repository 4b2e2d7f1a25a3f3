import { useQuery } from "@tanstack/react-query";

import { api, take, type Wire } from "../../../api";
import { Badge, Card, ErrorNote, PageHeader, Skeleton } from "../../../design";
import { DaysTable } from "../shared/DaysTable";
import { bytes, count } from "../shared/numbers";
import style from "../shared/Settings.module.css";
import { UseMeter } from "../shared/UseMeter";
import { organizationKey, useOrganization } from "./organization";

/** What the organisation may have, and what of it is used. */
export function UsagePage() {
  const { id } = useOrganization();
  const path = { organization_id: id };
  const plan = useQuery({ queryKey: organizationKey(id, "plan"), queryFn: () => take(api.GET("/v1/organizations/{organization_id}/plan", { params: { path } })) });
  const usage = useQuery({ queryKey: organizationKey(id, "usage"), queryFn: () => take(api.GET("/v1/organizations/{organization_id}/usage", { params: { path } })) });
  const failed = plan.error !== null ? plan : usage.error !== null ? usage : null;
  return (
    <>
      <PageHeader title="Plan and usage" words="What this organisation may have, and what it uses. Whoever runs this install changes the plan." />
      {failed?.error && <ErrorNote error={failed.error} onRetry={() => void failed.refetch()} />}
      {plan.data && usage.data ? <Told plan={plan.data} usage={usage.data} /> : failed === null && <Skeleton lines={8} />}
    </>
  );
}

function Told({ plan, usage }: { plan: Wire["PlanOut"]; usage: Wire["UsageOut"] }) {
  const { limits } = plan;
  return (
    <>
      <Card title={`Plan: ${plan.plan.charAt(0).toUpperCase()}${plan.plan.slice(1)}`}>
        {plan.overridden.length > 0 && (
          <div>
            <Badge>Some bounds were agreed on for you</Badge>
          </div>
        )}
        <div className={style.meters}>
          <UseMeter label="Questions this month" used={usage.this_month.questions} limit={usage.this_month.limit} />
          <UseMeter label="Projects" used={usage.held.projects} limit={limits.projects} />
        </div>
        <dl className={style.facts}>
          <Fact name="Sources" said={count(usage.held.sources)} />
          <Fact name="Passages" said={count(usage.held.chunks)} />
          <Fact name="Text kept" said={bytes(usage.held.storage_bytes)} />
          <Fact name="Sources in a project" said={bound(limits.sources_per_project)} />
          <Fact name="Passages in a project" said={bound(limits.chunks_per_project)} />
          <Fact name="Members" said={bound(limits.members)} />
          <Fact name="Requests" said={`${count(limits.per_minute)} a minute${limits.per_day === null ? "" : `, ${count(limits.per_day)} a day`}`} />
          <Fact name="Tokens of a project a day" said={bound(limits.tokens_per_project_day)} />
          <Fact name="API" said={plan.api_access ? "Included" : "Not included"} />
        </dl>
      </Card>
      <h2>This month</h2>
      <DaysTable usage={usage} />
    </>
  );
}

function bound(limit: number | null): string {
  return limit === null ? "No limit" : `Up to ${count(limit)}`;
}

function Fact({ name, said }: { name: string; said: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{said}</dd>
    </>
  );
}
