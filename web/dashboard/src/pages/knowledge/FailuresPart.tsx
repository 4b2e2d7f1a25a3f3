import { RotateCcw } from "lucide-react";

import { api, take, useCan, useKeysetList, type Wire } from "../../api";
import { Badge, Button, EmptyState, FormActions, Table, type Column } from "../../design";
import style from "./Knowledge.module.css";
import { isUnderWay, pathOf, sourceKey } from "./source";
import { useActions } from "./useActions";
import { useSource } from "./useSource";

type Failure = Wire["SourceFailureOut"];

const AT_ONCE = 50;

const COLUMNS: Column<Failure>[] = [
  { label: "Document", cell: (failure) => failure.locator },
  { label: "What", cell: (failure) => <Badge tone={failure.skipped ? "plain" : "bad"}>{failure.skipped ? "Left out" : "Failed"}</Badge> },
  {
    label: "Why",
    cell: (failure) => (
      <>
        {failure.message} <span className={style.soft}>({failure.code})</span>
      </>
    ),
  },
];

/** What the last reading could not have, and what it left out on purpose. */
export function FailuresPart() {
  const source = useSource();
  const mayChange = useCan("sources");
  const { sync } = useActions(source);
  const key = sourceKey(source.project_id, source.id, "failures", source.updated_at);
  const list = useKeysetList<Failure>(key, (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/sources/{source_id}/failures", { params: { path: pathOf(source), query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const canRetry = mayChange && !isUnderWay(source) && list.rows.some((failure) => !failure.skipped);
  return (
    <>
      {canRetry && (
        <FormActions>
          <Button icon={RotateCcw} pending={sync.isPending} onClick={() => sync.mutate({ only: "failed" })}>
            Try the failed ones again
          </Button>
        </FormActions>
      )}
      <Table
        label="Failed and left out"
        list={list}
        columns={COLUMNS}
        rowKey={(failure) => `${failure.locator} ${failure.code}`}
        empty={<EmptyState title="Nothing failed">Every document that was found is read and served.</EmptyState>}
      />
    </>
  );
}
