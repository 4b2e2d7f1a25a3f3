import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "react-router";

import { api, hasCode, take, useCan, type Wire } from "../../api";
import { NothingHere } from "../../app/NothingHere";
import { useProject } from "../../app/project";
import { Card, ErrorNote, Link, Page, PageHeader, Skeleton, Time, useToast } from "../../design";
import { Answer } from "./Answer";
import style from "./AnswerTests.module.css";
import { reasonOf, testsKey, type AnswerTest } from "./test";
import { TestForm } from "./TestForm";
import { State } from "./TestsPage";

/** One test: what came of it, and what it expects. */
export function TestPage() {
  const { id } = useProject();
  const { testId = "" } = useParams();
  const params = { path: { project_id: id, test_id: testId } };
  const query = useQuery({ queryKey: testsKey(id, testId), queryFn: () => take(api.GET("/v1/projects/{project_id}/answer-tests/{test_id}", { params })) });
  if (query.data) return <Shown key={query.data.updated_at} test={query.data} projectId={id} />;
  if (hasCode(query.error, "not_found")) return <NothingHere />;
  return <Page>{query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : <Skeleton lines={8} label="Loading the test" />}</Page>;
}

function Shown({ test, projectId }: { test: AnswerTest; projectId: string }) {
  const mayChange = useCan("sources");
  const client = useQueryClient();
  const toast = useToast();
  const save = useMutation({
    mutationFn: (body: Wire["NewAnswerTest"]) => take(api.PUT("/v1/projects/{project_id}/answer-tests/{test_id}", { params: { path: { project_id: projectId, test_id: test.id } }, body })),
    onSuccess: (now) => {
      client.setQueryData(testsKey(projectId, test.id), now);
      toast({ message: "Saved. Run the tests to ask it anew." });
      return client.invalidateQueries({ queryKey: testsKey(projectId), exact: true });
    },
  });
  const last = test.last_result;
  return (
    <Page>
      <PageHeader title={test.question} words={<State test={test} />} back={{ to: `/projects/${projectId}/answer-tests`, label: "Answer tests" }} />
      {last && (
        <Card title="The latest answer">
          {last.reasons.map((reason) => (
            <p key={`${reason.code} ${reason.expected}`} className={style.reason}>
              {reasonOf(reason)}
            </p>
          ))}
          <Answer answer={last} before={null} />
          <p className={style.soft}>
            Asked <Time at={last.at} /> in a <Link to={`/projects/${projectId}/answer-tests/runs/${last.run_id}`}>run of all tests</Link>.
          </p>
        </Card>
      )}
      <Card title="What is expected">
        <TestForm test={test} action="Save test" pending={save.isPending} error={save.error} disabled={!mayChange} onSend={(body) => save.mutate(body)} />
      </Card>
    </Page>
  );
}
