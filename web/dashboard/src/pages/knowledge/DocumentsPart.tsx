import { api, take, useKeysetList, type Wire } from "../../api";
import { EmptyState, Table, Time, type Column } from "../../design";
import { counted, isUnderWay, pathOf, sourceKey } from "./source";
import { useSource } from "./useSource";

type Document = Wire["DocumentOut"];

const AT_ONCE = 50;

const COLUMNS: Column<Document>[] = [
  { label: "Document", cell: (document) => document.title ?? document.locator },
  { label: "Where", cell: (document) => document.locator },
  { label: "Passages", align: "end", cell: (document) => document.chunks.toLocaleString("en") },
  { label: "Since version", align: "end", cell: (document) => document.version },
  { label: "Fetched", cell: (document) => <Time at={document.fetched_at} /> },
];

/** What is published of a source. */
export function DocumentsPart() {
  const source = useSource();
  const hasPlaces = source.type !== "raw" && source.type !== "file";
  const key = sourceKey(source.project_id, source.id, "documents", source.version);
  const list = useKeysetList<Document>(key, (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/sources/{source_id}/documents", { params: { path: pathOf(source), query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  return (
    <Table
      label="Documents"
      list={list}
      columns={hasPlaces ? COLUMNS : COLUMNS.filter((column) => column.label !== "Where")}
      rowKey={(document) => document.id}
      rowLink={(document) => `documents/${document.id}`}
      empty={
        <EmptyState title="No document is published">
          {isUnderWay(source) ? "They appear here as soon as all of it is read." : `Nothing of this source could be published: ${counted(source.progress.documents_failed, "document")} failed.`}
        </EmptyState>
      }
    />
  );
}
