import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Play, Plus } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";

import { api, take, useCan } from "../../api";
import { useProject } from "../../app/project";
import { Button, ButtonLink, ErrorNote, Link, Meter, Page, PageHeader, TabLinks } from "../../design";
import style from "./AnswerTests.module.css";
import { isOver, loadRuns, runsKey, tally, testsKey, type Run } from "./test";

const LOOK_AGAIN_MS = 800;

/** The head that tests and runs share, with the latest run and how far it is. */
export function TestsFrame({ children }: { children: ReactNode }) {
  const { id } = useProject();
  const mayChange = useCan("sources");
  const client = useQueryClient();
  const base = `/projects/${id}/answer-tests`;
  const latest = useLatestRun(id);
  const run = useMutation({
    mutationFn: () => take(api.POST("/v1/projects/{project_id}/answer-tests/run", { params: { path: { project_id: id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: runsKey(id) }),
  });
  const isUnderWay = latest !== null && !isOver(latest);
  const actions = (
    <>
      <ButtonLink kind="primary" icon={Plus} to={`${base}/new`}>
        Add a test
      </ButtonLink>
      <Button icon={Play} pending={run.isPending || isUnderWay} onClick={() => run.mutate()}>
        Run now
      </Button>
    </>
  );
  const links = [
    { to: base, label: "Tests", end: true },
    { to: `${base}/runs`, label: "Runs" },
  ];
  return (
    <Page>
      <PageHeader title="Answer tests" words="Questions with what you expect of their answers. They are asked whenever the knowledge changes." actions={mayChange ? actions : null} />
      <TabLinks label="Answer tests" links={links} />
      {run.error && <ErrorNote error={run.error} />}
      {latest && <Latest run={latest} base={base} />}
      {children}
    </Page>
  );
}

function Latest({ run, base }: { run: Run; base: string }) {
  if (!isOver(run)) {
    const done = run.passed + run.failed;
    return (
      <div className={style.latest}>
        <Meter label={run.status === "queued" ? "The run begins in a moment" : "Asking the tests"} value={run.status === "queued" ? null : done} max={Math.max(1, run.total)} said={run.status === "queued" ? "" : `${done} of ${run.total}`} />
      </div>
    );
  }
  return (
    <p className={style.latest} role="status">
      Latest run: {tally(run)}. <Link to={`${base}/runs/${run.id}`}>See its answers</Link>
    </p>
  );
}

/** The latest run; while it is under way it is looked at again and again, and the tests once it is over. */
function useLatestRun(projectId: string): Run | null {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: runsKey(projectId, "latest"),
    queryFn: async () => (await loadRuns(projectId, 1)).data[0] ?? null,
    refetchInterval: ({ state }) => (state.data && !isOver(state.data) ? LOOK_AGAIN_MS : false),
  });
  const run = query.data ?? null;
  const wasUnderWay = useRef(false);
  useEffect(() => {
    if (run === null) return;
    if (wasUnderWay.current && isOver(run)) {
      void client.invalidateQueries({ queryKey: testsKey(projectId) });
      void client.invalidateQueries({ queryKey: runsKey(projectId, "list") });
    }
    wasUnderWay.current = !isOver(run);
  }, [client, projectId, run]);
  return run;
}
