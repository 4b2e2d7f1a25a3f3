import { useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";

import { api, changeRows, take, useCan, useKeysetList, useUndoable } from "../../api";
import { useProject } from "../../app/project";
import { ButtonLink, EmptyState, IconButton, Page, PageHeader, Table, Time, type Column } from "../../design";
import { nameOf, sourcesKey, TYPES, type Source } from "./source";
import { SourceState } from "./SourceState";

const AT_ONCE = 50;

/** What the bot knows, with what is under way told as it happens. */
export function SourcesPage() {
  const { id } = useProject();
  const mayChange = useCan("sources");
  const remove = useRemoval(id);
  const list = useKeysetList<Source>(sourcesKey(id), (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/sources", { params: { path: { project_id: id }, query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const add = (
    <ButtonLink kind="primary" icon={Plus} to="new">
      Add a source
    </ButtonLink>
  );
  const columns: Column<Source>[] = [
    { label: "Source", cell: nameOf },
    { label: "Kind", cell: (source) => TYPES[source.type] },
    { label: "State", cell: (source) => <SourceState source={source} /> },
    { label: "Read", cell: (source) => (source.sync.last_synced_at === null ? "Not yet" : <Time at={source.sync.last_synced_at} />) },
  ];
  if (mayChange) {
    columns.push({ label: "Delete", isLabelHidden: true, align: "end", cell: (source) => <IconButton icon={Trash2} label={`Delete ${nameOf(source)}`} onClick={() => remove(source)} /> });
  }
  return (
    <Page>
      <PageHeader title="Knowledge" words="What the bot answers from." actions={mayChange && list.rows.length > 0 ? add : null} />
      <Table
        label="Sources"
        list={list}
        columns={columns}
        rowKey={(source) => source.id}
        empty={
          <EmptyState title="It knows nothing yet" action={mayChange ? add : null}>
            Add a page of your site, a file or a text. A minute later it answers from it.
          </EmptyState>
        }
      />
    </Page>
  );
}

function useRemoval(projectId: string): (source: Source) => void {
  const client = useQueryClient();
  const act = useUndoable();
  return (source) =>
    act({
      message: `“${nameOf(source)}” deleted.`,
      show: () => changeRows<Source>(client, sourcesKey(projectId), (row) => (row.id === source.id ? null : row)),
      commit: () => take(api.DELETE("/v1/projects/{project_id}/sources/{source_id}", { params: { path: { project_id: projectId, source_id: source.id } }, keepalive: true })),
    });
}
