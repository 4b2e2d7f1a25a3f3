import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { api, hasCode, take } from "../../api";
import { NothingHere } from "../../app/NothingHere";
import { useProject } from "../../app/project";
import { Badge, Card, EmptyState, ErrorNote, Link, Meter, Page, PageHeader, Skeleton, Time } from "../../design";
import { Answer } from "./Answer";
import style from "./AnswerTests.module.css";
import { RunState } from "./RunsPage";
import { isOver, reasonOf, runsKey, tally, type Result } from "./test";

const LOOK_AGAIN_MS = 800;
const CHANGES: Record<Result["changed"][number], string> = { answered: "whether it is answered", sources: "the sources", text: "the words" };

/** A run: what came of each test, those that failed first, and how answers differ from the run before. */
export function RunPage() {
  const { id } = useProject();
  const { runId = "" } = useParams();
  const params = { path: { project_id: id, run_id: runId } };
  const query = useQuery({
    queryKey: runsKey(id, runId),
    queryFn: () => take(api.GET("/v1/projects/{project_id}/answer-tests/runs/{run_id}", { params })),
    refetchInterval: ({ state }) => (state.data && !isOver(state.data) ? LOOK_AGAIN_MS : false),
  });
  if (hasCode(query.error, "not_found")) return <NothingHere />;
  const run = query.data;
  if (run === undefined) return <Page>{query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : <Skeleton lines={8} label="Loading the run" />}</Page>;
  const results = [...run.results].sort((one, other) => Number(one.passed) - Number(other.passed));
  return (
    <Page>
      <PageHeader
        title="Run of the answer tests"
        words={
          <>
            <RunState run={run} /> <Time at={run.created_at} />, {run.cause === "asked" ? "because somebody asked for it" : "because the knowledge changed"}. {isOver(run) && `${tally(run)}.`}
          </>
        }
        back={{ to: `/projects/${id}/answer-tests/runs`, label: "Runs" }}
      />
      {!isOver(run) && <Meter label="Asking the tests" value={run.passed + run.failed} max={Math.max(1, run.total)} said={`${run.passed + run.failed} of ${run.total}`} />}
      {run.held.length > 0 && (
        <p className={style.held}>
          {run.held.length === 1 ? "One source was" : `${run.held.length} sources were`} put back to the version before, because a test failed that passed until then. <Link to={`/projects/${id}/knowledge`}>See your sources</Link>
        </p>
      )}
      {isOver(run) && results.length === 0 && <EmptyState title="No test was asked">There was none to ask, or all were off.</EmptyState>}
      {results.map((result) => (
        <One key={result.test_id} result={result} projectId={id} />
      ))}
    </Page>
  );
}

function One({ result, projectId }: { result: Result; projectId: string }) {
  const { before, changed } = result;
  return (
    <Card>
      <div className={style.title}>
        <h2>
          <Link to={`/projects/${projectId}/answer-tests/${result.test_id}`}>{result.question}</Link>
        </h2>
        {result.passed ? <Badge tone="good">Passed</Badge> : <Badge tone="bad">Failed</Badge>}
      </div>
      {result.reasons.map((reason) => (
        <p key={`${reason.code} ${reason.expected}`} className={style.reason}>
          {reasonOf(reason)}
        </p>
      ))}
      <Answer answer={result.after} before={before} />
      <p className={style.soft}>{before === null ? "It was not asked before." : changed.length === 0 ? "The answer is the same as in the run before." : `Changed since the run before: ${changed.map((name) => CHANGES[name]).join(", ")}.`}</p>
    </Card>
  );
}
