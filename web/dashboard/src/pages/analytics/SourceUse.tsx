import { useQuery } from "@tanstack/react-query";

import { api, keys, take, type Wire } from "../../api";
import { EmptyState, Table, Time, type Column } from "../../design";
import style from "./Analytics.module.css";
import type { Range } from "./range";
import { count, percent } from "./words";

type Use = Wire["SourceUse"];

const COLUMNS: readonly Column<Use>[] = [
  { label: "Source", cell: (row) => row.title ?? row.source_id },
  { label: "Citations", align: "end", cell: (row) => count(row.citations) },
  { label: "Answers", align: "end", cell: (row) => count(row.answers) },
  { label: "Confidence", align: "end", cell: (row) => percent(row.mean_confidence) },
  { label: "Last cited", align: "end", cell: (row) => (row.last_cited_at === null ? "Never" : <Time at={row.last_cited_at} />) },
];

/** Which parts of the knowledge answers rest on. */
export function SourceUse({ projectId, range }: { projectId: string; range: Range }) {
  const { from, to } = range;
  const query = useQuery({
    queryKey: keys.project(projectId, "analytics-sources", range),
    queryFn: () => take(api.GET("/v1/projects/{project_id}/analytics/sources", { params: { path: { project_id: projectId }, query: { from, to } } })),
  });
  const list = {
    rows: query.data?.data ?? [],
    isLoading: query.isPending,
    error: query.error,
    retry: () => void query.refetch(),
    hasMore: false,
    isLoadingMore: false,
    loadMore: () => undefined,
  };
  return (
    <section className={style.part}>
      <h2>Use of sources</h2>
      <Table
        label="Use of sources"
        list={list}
        columns={COLUMNS}
        rowKey={(row) => row.source_id}
        empty={<EmptyState title="There are no sources">The bot knows nothing yet, so it cites nothing.</EmptyState>}
      />
    </section>
  );
}
