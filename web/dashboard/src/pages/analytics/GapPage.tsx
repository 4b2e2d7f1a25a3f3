import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearchParams } from "react-router";

import { useCan } from "../../api";
import { useProject } from "../../app/project";
import { Badge, Button, Card, EmptyState, ErrorNote, Page, PageHeader, Skeleton, Time, useToast } from "../../design";
import style from "./Analytics.module.css";
import { gapsKey, loadGap, settle, STATUSES, type Gap, type GapStatus } from "./gap";
import { useRange } from "./range";
import { count, languageName, percent } from "./words";
import { WriteAnswer } from "./WriteAnswer";

/** One gap: how it was asked, and the place to write what is missing. */
export function GapPage() {
  const { id } = useProject();
  const { gapId = "" } = useParams();
  const { range } = useRange();
  const [search] = useSearchParams();
  const back = { to: `/projects/${id}/analytics/gaps?${search}`, label: "Gaps" };
  const query = useQuery({ queryKey: gapsKey(id, "one", gapId, range), queryFn: () => loadGap(id, range, gapId) });
  if (query.data) return <Shown gap={query.data} projectId={id} back={back} />;
  return (
    <Page>
      <PageHeader title="Gap" back={back} />
      {query.error && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton lines={6} label="Loading the gap" />}
      {query.data === null && <EmptyState title="There is no such gap">Nobody asked this in the chosen period. Go back to the gaps and choose a longer one.</EmptyState>}
    </Page>
  );
}

const DONE: Record<GapStatus, string> = { open: "The gap is open again.", answered: "The gap is marked as answered.", dismissed: "The gap is dismissed." };

function Shown({ gap, projectId, back }: { gap: Gap; projectId: string; back: { to: string; label: string } }) {
  const mayChange = useCan("analytics");
  const mayPublish = useCan("sources");
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const change = useMutation({
    mutationFn: (status: GapStatus) => settle(projectId, gap.id, status),
    onSuccess: async (_, status) => {
      toast({ message: DONE[status] });
      await client.invalidateQueries({ queryKey: gapsKey(projectId) });
      await navigate(back.to);
    },
  });
  const button = (status: GapStatus, label: string) => (
    <Button pending={change.isPending} onClick={() => change.mutate(status)}>
      {label}
    </Button>
  );
  const actions =
    gap.status === "open" ? (
      <>
        {button("answered", "Mark as answered")}
        {button("dismissed", "Dismiss")}
      </>
    ) : (
      button("open", "Open again")
    );
  const languages = Object.keys(gap.languages).map(languageName).join(", ");
  return (
    <Page>
      <PageHeader title={gap.question} words={`Asked ${count(gap.count)} ${gap.count === 1 ? "time" : "times"}, refused ${count(gap.refused)}. Confidence ${percent(gap.mean_confidence)}. ${languages}.`} back={back} actions={mayChange ? actions : null} />
      {change.error && <ErrorNote error={change.error} />}
      <Card title="How it was asked">
        <ul className={style.examples}>
          {gap.examples.map((example) => (
            <li key={example.message_id}>
              <span>{example.question}</span>
              <span className={style.soft}>
                <Badge tone={example.answered ? "warn" : "bad"}>{example.answered ? "Unsure" : "Refused"}</Badge> <Time at={example.created_at} />
              </span>
            </li>
          ))}
        </ul>
        {gap.status !== "open" && <p className={style.soft}>This gap is {STATUSES.find((status) => status.value === gap.status)?.label.toLowerCase()}.</p>}
      </Card>
      {mayPublish && <WriteAnswer projectId={projectId} gap={gap} />}
    </Page>
  );
}
