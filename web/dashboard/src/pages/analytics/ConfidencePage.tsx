import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, keys, take, useCan, type Wire } from "../../api";
import { useProject } from "../../app/project";
import { Badge, Button, Card, ErrorNote, FormActions, Skeleton, useToast } from "../../design";
import style from "./Analytics.module.css";
import { AnalyticsFrame } from "./AnalyticsFrame";
import { Bars, Figure, type Series } from "./Chart";
import { Curve } from "./Curve";
import { useRange, type Range } from "./range";
import { count, percent } from "./words";

type Reliability = Wire["ReliabilityOut"];
const ANSWERS: readonly Series[] = [{ label: "Answers", tone: "first" }];

/** How sure the bot was, and whether it was right as often as it said. */
export function ConfidencePage() {
  const { id } = useProject();
  const { range } = useRange();
  const query = useQuery({ queryKey: keys.project(id, "reliability", range), queryFn: () => load(id, range) });
  return (
    <AnalyticsFrame title="Confidence" words="How sure the bot is of its answers, and whether it keeps its word: of answers that are 80% sure, 80% should be right.">
      {query.error && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton lines={9} label="Loading confidence" />}
      {query.data && (
        <>
          <div className={style.columns}>
            <Card>
              <Reliable seen={query.data.reliability} />
            </Card>
            <Card>
              <Histogram confidence={query.data.confidence} />
            </Card>
          </div>
          <Refit projectId={id} seen={query.data.reliability} />
        </>
      )}
    </AnalyticsFrame>
  );
}

async function load(projectId: string, { from, to }: Range): Promise<{ reliability: Reliability; confidence: Wire["ConfidenceOut"] }> {
  const params = { path: { project_id: projectId }, query: { from, to } };
  const [reliability, overview] = await Promise.all([
    take(api.GET("/v1/projects/{project_id}/analytics/reliability", { params })),
    take(api.GET("/v1/projects/{project_id}/analytics/overview", { params })),
  ]);
  return { reliability, confidence: overview.confidence };
}

function Reliable({ seen }: { seen: Reliability }) {
  const { model } = useProject();
  const { by } = seen;
  const rows = seen.bins.map((bin) => [`${percent(bin.low)} to ${percent(bin.high)}`, count(bin.answers), percent(bin.stated), percent(bin.observed), bin.observed_low === null ? "–" : `${percent(bin.observed_low)} to ${percent(bin.observed_high)}`]);
  return (
    <>
      <Figure
        title="Reliability"
        words="On the diagonal, the bot is right as often as it says. Above it, it is too modest; below it, too sure. The lines show where the true share lies with 95% certainty."
        head={["Confidence", "Judged answers", "Said", "Right", "95% certain"]}
        rows={rows}
      >
        <Curve points={seen.bins} shipped={(model === null ? seen.shipped.extractive : seen.shipped.model).bins} />
      </Figure>
      <p className={style.soft}>
        {seen.graded > 0 && `${count(seen.graded)} answers judged, ${count(seen.right)} of them right: ${count(by.team)} by your team, ${count(by.visitor)} by visitors, ${count(by.resolution)} by how the conversation ended. `}
        {seen.note}
      </p>
      {seen.ece !== null && <p className={style.soft}>On average what it says is off by {percent(seen.ece)} (expected calibration error).</p>}
    </>
  );
}

function Histogram({ confidence }: { confidence: Wire["ConfidenceOut"] }) {
  const name = (bin: Wire["ConfidenceBin"]) => `${percent(bin.low)} to ${percent(bin.high)}`;
  return (
    <Figure
      title="Distribution"
      words={`How sure it was of what it answered and refused. From ${percent(confidence.high_from)} on an answer counts as sure, from ${percent(confidence.medium_from)} on as fairly sure.`}
      head={["Confidence", "Answers and refusals"]}
      rows={confidence.histogram.map((bin) => [name(bin), count(bin.answers)])}
    >
      <Bars bars={confidence.histogram.map((bin) => ({ label: name(bin), values: [bin.answers] }))} series={ANSWERS} said={count} />
    </Figure>
  );
}

const VERDICTS: Record<Wire["ConfidenceMapOut"]["verdict"], { word: string; tone: "good" | "plain"; words: string }> = {
  used: { word: "Adjusted", tone: "good", words: "Confidence is adjusted to what people said of this project’s answers." },
  too_few: { word: "As shipped", tone: "plain", words: "Too few answers were judged to adjust it: it takes 100." },
  one_sided: { word: "As shipped", tone: "plain", words: "Nearly all judged answers were right, or nearly all wrong: it takes 15 of each." },
  no_better: { word: "As shipped", tone: "plain", words: "Adjusting it to the judged answers would not make it better." },
};

function Refit({ projectId, seen }: { projectId: string; seen: Reliability }) {
  const mayChange = useCan("analytics");
  const client = useQueryClient();
  const toast = useToast();
  const params = { path: { project_id: projectId } };
  const done = (message: string) => {
    toast({ message });
    return client.invalidateQueries({ queryKey: keys.project(projectId, "reliability") });
  };
  const refit = useMutation({
    mutationFn: () => take(api.POST("/v1/projects/{project_id}/analytics/reliability/refit", { params })),
    onSuccess: (map) => done(VERDICTS[map.verdict].words),
  });
  const reset = useMutation({
    mutationFn: () => take(api.DELETE("/v1/projects/{project_id}/analytics/reliability/refit", { params })),
    onSuccess: () => done("Confidence is as shipped again."),
  });
  const verdict = seen.map === null ? null : VERDICTS[seen.map.verdict];
  const error = refit.error ?? reset.error;
  return (
    <Card title="Fit to your own answers">
      <p>
        <Badge tone={verdict?.tone ?? "plain"}>{verdict?.word ?? "As shipped"}</Badge>
      </p>
      <p className={style.soft}>{verdict?.words ?? "Grade a few dozen answers in the inbox, picked at random. From 100 judged answers on, confidence is fitted to them every day."}</p>
      {error && <ErrorNote error={error} />}
      {mayChange && (
        <FormActions>
          <Button pending={refit.isPending} onClick={() => refit.mutate()}>
            Fit now
          </Button>
          {seen.map?.verdict === "used" && (
            <Button kind="quiet" pending={reset.isPending} onClick={() => reset.mutate()}>
              Go back to the shipped one
            </Button>
          )}
        </FormActions>
      )}
    </Card>
  );
}
