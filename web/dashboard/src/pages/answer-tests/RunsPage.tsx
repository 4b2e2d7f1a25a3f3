import { useKeysetList } from "../../api";
import { useProject } from "../../app/project";
import { Badge, EmptyState, Table, Time, type Column } from "../../design";
import { loadRuns, runsKey, tally, type Run } from "./test";
import { TestsFrame } from "./TestsFrame";

const AT_ONCE = 20;
const CAUSES: Record<Run["cause"], string> = { asked: "Somebody asked for it", knowledge: "The knowledge changed" };

const COLUMNS: readonly Column<Run>[] = [
  { label: "Run", cell: (run) => <Time at={run.created_at} /> },
  { label: "Why", cell: (run) => CAUSES[run.cause] },
  { label: "Result", cell: (run) => <RunState run={run} /> },
  { label: "Tests", cell: (run) => (run.status === "done" ? tally(run) : "") },
];

/** The last fifty runs. */
export function RunsPage() {
  const { id } = useProject();
  const list = useKeysetList<Run>(runsKey(id, "list"), (cursor, signal) => loadRuns(id, AT_ONCE, cursor, signal));
  return (
    <TestsFrame>
      <Table label="Runs" list={list} columns={COLUMNS} rowKey={(run) => run.id} rowLink={(run) => run.id} empty={<EmptyState title="No runs yet">Tests run whenever the knowledge changes, and when you ask for it above.</EmptyState>} />
    </TestsFrame>
  );
}

export function RunState({ run }: { run: Run }) {
  if (run.status === "queued") return <Badge>Waiting</Badge>;
  if (run.status === "running") return <Badge tone="busy">Running</Badge>;
  if (run.held.length > 0) return <Badge tone="warn">Change taken back</Badge>;
  return run.failed > 0 ? <Badge tone="bad">Failed</Badge> : <Badge tone="good">Passed</Badge>;
}
