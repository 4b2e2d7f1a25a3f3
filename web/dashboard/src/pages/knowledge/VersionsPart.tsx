import { useState } from "react";

import { api, take, useCan, useKeysetList, type Wire } from "../../api";
import { Badge, Button, ConfirmDialog, EmptyState, Table, Time, type Column } from "../../design";
import { isUnderWay, pathOf, sourceKey, type Source } from "./source";
import { useActions } from "./useActions";
import { useSource } from "./useSource";

type Version = Wire["SourceVersionOut"];

const AT_ONCE = 20;

const COLUMNS: Column<Version>[] = [
  { label: "Version", cell: (version) => `Version ${version.version}` },
  { label: "From", cell: (version) => (version.cause === "rollback" ? `Version ${version.rolled_back_to}, brought back` : "Reading") },
  { label: "Added", align: "end", cell: (version) => version.documents.added.toLocaleString("en") },
  { label: "Changed", align: "end", cell: (version) => version.documents.changed.toLocaleString("en") },
  { label: "Removed", align: "end", cell: (version) => version.documents.removed.toLocaleString("en") },
  { label: "Documents", align: "end", cell: (version) => version.documents_total.toLocaleString("en") },
  { label: "Published", cell: (version) => <Time at={version.published_at} /> },
];

/** What was published when, with the way back. */
export function VersionsPart() {
  const source = useSource();
  const mayChange = useCan("sources") && !isUnderWay(source);
  const [asked, setAsked] = useState<number | null>(null);
  const list = useKeysetList<Version>(sourceKey(source.project_id, source.id, "versions", source.version), (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/sources/{source_id}/versions", { params: { path: pathOf(source), query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  return (
    <>
      <Table
        label="Versions"
        list={list}
        columns={[...COLUMNS, wayBack(source, mayChange, setAsked)]}
        rowKey={(version) => String(version.version)}
        rowLink={(version) => String(version.version)}
        empty={<EmptyState title="Nothing is published yet">Each time its content changes, a version is kept here. The last ten stay.</EmptyState>}
      />
      <Asking source={source} version={asked} onClose={() => setAsked(null)} />
    </>
  );
}

function wayBack(source: Source, mayChange: boolean, ask: (version: number) => void): Column<Version> {
  const cell = (version: Version) => {
    if (version.version === source.version) return <Badge tone="good">Served</Badge>;
    return mayChange ? <Button onClick={() => ask(version.version)}>Bring back</Button> : null;
  };
  return { label: "Bring back", isLabelHidden: true, align: "end", cell };
}

function Asking({ source, version, onClose }: { source: Source; version: number | null; onClose: () => void }) {
  const { rollBack } = useActions(source);
  return (
    <ConfirmDialog
      title={`Bring back version ${version ?? ""}?`}
      words="Its content is published again as a new version, and the source is not read again by itself until you press “Read again”."
      action="Bring it back"
      isOpen={version !== null}
      pending={rollBack.isPending}
      error={rollBack.error}
      onConfirm={() => version !== null && rollBack.mutate(version, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
