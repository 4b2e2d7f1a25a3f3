import { useParams } from "react-router";

import { api, take, useKeysetList, type Wire } from "../../api";
import { useProject } from "../../app/project";
import { Badge, EmptyState, Link, Page, PageHeader, Table, type Column, type Tone } from "../../design";
import { sourceKey } from "./source";

type Changed = Wire["ChangedDocument"];

const AT_ONCE = 50;
const CHANGES: Record<Changed["change"], [string, Tone]> = { added: ["Added", "good"], changed: ["Changed", "busy"], removed: ["Removed", "bad"] };

/** What a version changed, document by document. */
export function VersionPage() {
  const { id } = useProject();
  const { sourceId = "", version = "" } = useParams();
  const path = { project_id: id, source_id: sourceId, version: Number(version) };
  const base = `/projects/${id}/knowledge/${sourceId}`;
  const list = useKeysetList<Changed>(sourceKey(id, sourceId, "changes", version), (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/sources/{source_id}/versions/{version}/changes", { params: { path, query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const columns: Column<Changed>[] = [
    { label: "Document", cell: (changed) => (changed.change === "removed" ? (changed.title ?? changed.locator) : <Link to={`${base}/documents/${changed.document_id}`}>{changed.title ?? changed.locator}</Link>) },
    { label: "Change", cell: ({ change }) => <Badge tone={CHANGES[change][1]}>{CHANGES[change][0]}</Badge> },
    { label: "Where", cell: (changed) => changed.locator },
  ];
  return (
    <Page>
      <PageHeader title={`Version ${version}`} words="What it changed, compared with the version before." back={{ to: `${base}/versions`, label: "Versions" }} />
      <Table label="Changes" list={list} columns={columns} rowKey={(changed) => changed.change + changed.document_id} empty={<EmptyState title="It changed no document">Only how its documents are cut or found is different.</EmptyState>} />
    </Page>
  );
}
