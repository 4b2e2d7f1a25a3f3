import type { Wire } from "../../../api";
import { EmptyState, Table, type Column } from "../../../design";
import { count, money } from "./numbers";

type Day = Wire["DayOut"];

const exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });

const COLUMNS: Column<Day>[] = [
  { label: "Day (UTC)", cell: (day) => exact.format(new Date(`${day.day}T00:00:00Z`)) },
  { label: "Questions", align: "end", cell: (day) => count(day.questions) },
  { label: "Not answered", align: "end", cell: (day) => count(day.answers_refused) },
  { label: "Tokens", align: "end", cell: (day) => count(day.input_tokens + day.output_tokens) },
  { label: "Cost", align: "end", cell: (day) => money(day.cost) },
];

/** What was used, day by day, the latest first. */
export function DaysTable({ usage }: { usage: Wire["UsageOut"] }) {
  const rows = [...usage.days].sort((one, other) => other.day.localeCompare(one.day));
  const list = { rows, isLoading: false, error: null, retry: () => undefined, hasMore: false, isLoadingMore: false, loadMore: () => undefined };
  return <Table label="Use by day" list={list} columns={COLUMNS} rowKey={(day) => day.day} empty={<EmptyState title="Nothing was used yet">As soon as somebody asks a question, it is counted here.</EmptyState>} />;
}
