import { useQuery } from "@tanstack/react-query";

import { api, keys, take, type Wire } from "../../api";
import { useProject } from "../../app/project";
import { Card, EmptyState, ErrorNote, Link, Skeleton } from "../../design";
import style from "./Analytics.module.css";
import { AnalyticsFrame } from "./AnalyticsFrame";
import { Bars, Figure, Shares, type Series } from "./Chart";
import { Figures } from "./Figures";
import { useRange, type Range } from "./range";
import { SourceUse } from "./SourceUse";
import { channelName, count, languageName, moment, money, resolutionName, statusName } from "./words";

const VOLUME: readonly Series[] = [
  { label: "Answered", tone: "first" },
  { label: "Refused", tone: "second" },
];
const COST: readonly Series[] = [{ label: "Model cost", tone: "first" }];

/** How the bot did in a period. */
export function AnalyticsPage() {
  const { id } = useProject();
  const { range } = useRange();
  const query = useQuery({ queryKey: keys.project(id, "analytics", range), queryFn: () => load(id, range) });
  return (
    <AnalyticsFrame title="Analytics" words="How much is asked, and how well it is answered. Days are UTC days.">
      {query.error && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton lines={9} label="Loading analytics" />}
      {query.data && <Seen projectId={id} range={range} {...query.data} />}
    </AnalyticsFrame>
  );
}

interface Loaded {
  seen: Wire["OverviewOut"];
  volume: Wire["VolumeBucket"][];
  usage: Wire["UsageOut"];
}

async function load(projectId: string, { from, to, interval, firstDay, lastDay }: Range): Promise<Loaded> {
  const path = { project_id: projectId };
  const [seen, volume, usage] = await Promise.all([
    take(api.GET("/v1/projects/{project_id}/analytics/overview", { params: { path, query: { from, to } } })),
    take(api.GET("/v1/projects/{project_id}/analytics/volume", { params: { path, query: { from, to, interval } } })),
    take(api.GET("/v1/projects/{project_id}/usage", { params: { path, query: { from: firstDay, to: lastDay } } })),
  ]);
  return { seen, volume: volume.data, usage };
}

function Seen({ projectId, range, seen, volume, usage }: Loaded & { projectId: string; range: Range }) {
  const { conversations, messages } = seen;
  if (conversations.total === 0 && messages.questions === 0) {
    return (
      <EmptyState title="Nothing was asked in this period" action={<Link to={`/projects/${projectId}/overview`}>Ask the first question</Link>}>
        As soon as somebody asks the bot, this page shows how it did. Or choose a longer period above.
      </EmptyState>
    );
  }
  return (
    <>
      <Figures seen={seen} usage={usage.totals} />
      <Card>
        <Volume volume={volume} range={range} />
      </Card>
      <div className={style.columns}>
        <Card>
          <Shares title="How conversations ended" shares={conversations.by_resolution} name={resolutionName} />
        </Card>
        <Card>
          <Shares title="Where they stand" shares={conversations.by_status} name={statusName} />
        </Card>
        <Card>
          <Shares title="Where they came from" shares={conversations.by_channel} name={channelName} />
        </Card>
        <Card>
          <Shares title="Languages" shares={conversations.by_language} name={languageName} />
        </Card>
      </div>
      {usage.days.some((day) => Number(day.cost) > 0) && (
        <Card>
          <Cost days={usage.days} />
        </Card>
      )}
      <SourceUse projectId={projectId} range={range} />
    </>
  );
}

function Volume({ volume, range }: { volume: readonly Wire["VolumeBucket"][]; range: Range }) {
  const name = (bucket: Wire["VolumeBucket"]) => moment(bucket.start, range.interval);
  const rows = volume.map((bucket) => [name(bucket), count(bucket.conversations), count(bucket.questions), count(bucket.answered), count(bucket.refused), count(bucket.agent_replies)]);
  return (
    <Figure title={range.interval === "hour" ? "Questions per hour" : "Questions per day"} head={["When", "Conversations", "Questions", "Answered", "Refused", "Replies by your team"]} rows={rows}>
      <Bars bars={volume.map((bucket) => ({ label: name(bucket), values: [bucket.answered, bucket.refused] }))} series={VOLUME} said={count} />
    </Figure>
  );
}

function Cost({ days }: { days: readonly Wire["DayOut"][] }) {
  const rows = days.map((day) => [moment(day.day, "day"), money(day.cost), count(day.input_tokens), count(day.output_tokens)]);
  return (
    <Figure title="Model cost per day" words="Days without any use are left out." head={["Day", "Cost", "Tokens read", "Tokens written"]} rows={rows}>
      <Bars bars={days.map((day) => ({ label: moment(day.day, "day"), values: [Number(day.cost)] }))} series={COST} said={money} />
    </Figure>
  );
}
