import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, keys, take, useKeysetList, type Wire } from "../../api";
import { Badge, Button, EmptyState, ErrorNote, Table, Time, useToast, type Column } from "../../design";
import { useDraft } from "./draft";
import { same, widgetKey, type Settings } from "./widget";
import style from "./Widgets.module.css";

type Version = Wire["VersionOut"];
const AT_ONCE = 20;
const PARTS: readonly [keyof Settings, string][] = [
  ["name", "name"],
  ["enabled", "on or off"],
  ["branding", "look"],
  ["launcher", "button"],
  ["content", "words"],
  ["behavior", "behaviour"],
  ["lead_capture", "leads"],
  ["handoff", "hand-off"],
  ["security", "security"],
  ["limits", "limits"],
];

/** Every change, with the way back. */
export function HistoryTab() {
  const { projectId, widget, mayChange } = useDraft();
  const client = useQueryClient();
  const toast = useToast();
  const path = { project_id: projectId, widget_id: widget.id };
  const key = keys.project(projectId, "widget-versions", widget.id, widget.version);
  const list = useKeysetList<Version>(key, (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/widgets/{widget_id}/versions", { params: { path, query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const restore = useMutation({
    mutationFn: (version: number) => take(api.POST("/v1/projects/{project_id}/widgets/{widget_id}/versions/{version}/restore", { params: { path: { ...path, version } } })),
    onSuccess: (now, version) => {
      client.setQueryData(widgetKey(projectId, widget.id), now);
      toast({ message: `Version ${version} is back.` });
    },
  });
  const columns: Column<Version>[] = [
    { label: "Version", cell: (row) => `Version ${row.version}` },
    { label: "What changed", cell: (row) => (row.restored_from === null ? changesOf(row, list.rows) : `Back to version ${row.restored_from}`) },
    { label: "When", cell: (row) => <Time at={row.created_at} /> },
    {
      label: "Restore",
      isLabelHidden: true,
      align: "end",
      cell: (row) =>
        row.version === widget.version ? (
          <Badge tone="good">Now</Badge>
        ) : mayChange ? (
          <Button kind="quiet" pending={restore.isPending} onClick={() => restore.mutate(row.version)}>
            Go back to this
          </Button>
        ) : null,
    },
  ];
  return (
    <div className={style.list}>
      {restore.error && <ErrorNote error={restore.error} />}
      <Table label="Versions" list={list} columns={columns} rowKey={(row) => String(row.version)} empty={<EmptyState title="No versions">Each change of the widget is kept here.</EmptyState>} />
    </div>
  );
}

function changesOf(row: Version, rows: readonly Version[]): string {
  const before = rows.find((other) => other.version === row.version - 1);
  if (row.version === 1) return "Made";
  if (before === undefined) return "Changed";
  const parts = PARTS.filter(([name]) => !same(row.configuration[name], before.configuration[name])).map(([, words]) => words);
  const words = parts.join(", ");
  return words === "" ? "Nothing" : words.charAt(0).toUpperCase() + words.slice(1);
}
