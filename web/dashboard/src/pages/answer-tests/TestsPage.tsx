import { useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";

import { api, changeRows, take, useCan, useKeysetList, useUndoable } from "../../api";
import { useProject } from "../../app/project";
import { Badge, ButtonLink, EmptyState, IconButton, Table, Time, type Column } from "../../design";
import { HoldSwitch } from "./HoldSwitch";
import { expectationsOf, testsKey, type AnswerTest } from "./test";
import { TestsFrame } from "./TestsFrame";

const AT_ONCE = 50;

/** The questions a project keeps an eye on. */
export function TestsPage() {
  const { id } = useProject();
  const mayChange = useCan("sources");
  const remove = useRemoval(id);
  const list = useKeysetList<AnswerTest>(testsKey(id), (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/answer-tests", { params: { path: { project_id: id }, query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const columns: Column<AnswerTest>[] = [
    { label: "Question", cell: (test) => test.question },
    { label: "Expected", cell: expectationsOf },
    { label: "Result", cell: (test) => <State test={test} /> },
    { label: "Asked", cell: (test) => (test.last_result === null ? "Not yet" : <Time at={test.last_result.at} />) },
  ];
  if (mayChange) {
    columns.push({ label: "Delete", isLabelHidden: true, align: "end", cell: (test) => <IconButton icon={Trash2} label={`Delete “${test.question}”`} onClick={() => remove(test)} /> });
  }
  return (
    <TestsFrame>
      <Table
        label="Tests"
        list={list}
        columns={columns}
        rowKey={(test) => test.id}
        rowLink={(test) => test.id}
        empty={
          <EmptyState title="No tests yet" action={mayChange ? <ButtonLink to="new">Add the first test</ButtonLink> : null}>
            Add the questions that must never be answered wrongly. You see at once when a change breaks one.
          </EmptyState>
        }
      />
      <HoldSwitch />
    </TestsFrame>
  );
}

export function State({ test }: { test: AnswerTest }) {
  if (!test.enabled) return <Badge>Off</Badge>;
  if (test.last_result === null) return <Badge>Not asked yet</Badge>;
  return test.last_result.passed ? <Badge tone="good">Passed</Badge> : <Badge tone="bad">Failed</Badge>;
}

function useRemoval(projectId: string): (test: AnswerTest) => void {
  const client = useQueryClient();
  const act = useUndoable();
  return (test) =>
    act({
      message: `“${test.question}” deleted.`,
      show: () => changeRows<AnswerTest>(client, testsKey(projectId), (row) => (row.id === test.id ? null : row)),
      commit: () => take(api.DELETE("/v1/projects/{project_id}/answer-tests/{test_id}", { params: { path: { project_id: projectId, test_id: test.id } }, keepalive: true })),
    });
}
