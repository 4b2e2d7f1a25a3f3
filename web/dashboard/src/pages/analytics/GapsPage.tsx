import { useQuery, useQueryClient } from "@tanstack/react-query";
import { EyeOff } from "lucide-react";
import { useSearchParams } from "react-router";

import { useCan, useUndoable, type Wire } from "../../api";
import { useProject } from "../../app/project";
import { ButtonLink, EmptyState, IconButton, Select, Table, Time, type Column } from "../../design";
import { AnalyticsFrame } from "./AnalyticsFrame";
import { gapsKey, loadGaps, settle, STATUSES, statusOf, type Gap, type GapStatus } from "./gap";
import { useRange } from "./range";
import { count, percent } from "./words";

const EMPTY: Record<GapStatus, { title: string; words: string }> = {
  open: { title: "No open gaps", words: "Questions that the bot refuses or is unsure about are gathered here by meaning, the most asked first." },
  answered: { title: "No gap was answered yet", words: "What you write an answer for is kept here." },
  dismissed: { title: "Nothing was dismissed", words: "Gaps that need no answer are kept here once you dismiss them." },
};

/** What people ask and the knowledge lacks. */
export function GapsPage() {
  const { id } = useProject();
  const { range } = useRange();
  const [search, setSearch] = useSearchParams();
  const status = statusOf(search);
  const key = gapsKey(id, status, range);
  const mayChange = useCan("analytics");
  const dismiss = useDismissal(id, key);
  const query = useQuery({ queryKey: key, queryFn: () => loadGaps(id, range, status) });
  const columns: Column<Gap>[] = [
    { label: "Question", cell: (gap) => gap.question },
    { label: "Asked", align: "end", cell: (gap) => count(gap.count) },
    { label: "Refused", align: "end", cell: (gap) => count(gap.refused) },
    { label: "Confidence", align: "end", cell: (gap) => percent(gap.mean_confidence) },
    { label: "Last asked", align: "end", cell: (gap) => <Time at={gap.last_asked_at} /> },
  ];
  if (mayChange && status === "open") {
    columns.push({ label: "Dismiss", isLabelHidden: true, align: "end", cell: (gap) => <IconButton icon={EyeOff} label={`Dismiss “${gap.question}”`} onClick={() => dismiss(gap)} /> });
  }
  const choose = (value: string) => {
    const next = new URLSearchParams(search);
    next.set("status", value);
    setSearch(next, { replace: true });
  };
  const picker = (
    <Select label="Gaps" value={status} onChange={(event) => choose(event.target.value)}>
      {STATUSES.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </Select>
  );
  return (
    <AnalyticsFrame title="Gaps" words="What people ask and the bot cannot answer well. Write the answer once, and it can." beside={picker}>
      <Table
        label="Gaps"
        list={{ rows: query.data?.data ?? [], isLoading: query.isPending, error: query.error, retry: () => void query.refetch(), hasMore: false, isLoadingMore: false, loadMore: () => undefined }}
        columns={columns}
        rowKey={(gap) => gap.id}
        rowLink={(gap) => `${gap.id}?${search}`}
        empty={
          <EmptyState title={EMPTY[status].title} action={<ButtonLink to={`/projects/${id}/knowledge/new`}>Add a source</ButtonLink>}>
            {EMPTY[status].words}
          </EmptyState>
        }
      />
    </AnalyticsFrame>
  );
}

function useDismissal(projectId: string, key: readonly unknown[]): (gap: Gap) => void {
  const client = useQueryClient();
  const act = useUndoable();
  return (gap) =>
    act({
      message: `“${gap.question}” dismissed.`,
      show: () => {
        const before = client.getQueryData<Wire["GapsOut"]>(key);
        client.setQueryData<Wire["GapsOut"]>(key, (kept) => kept && { ...kept, data: kept.data.filter((one) => one.id !== gap.id) });
        return () => client.setQueryData(key, before);
      },
      commit: () => settle(projectId, gap.id, "dismissed"),
    });
}
