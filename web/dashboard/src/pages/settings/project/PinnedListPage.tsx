import { useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";

import { api, changeRows, take, useCan, useKeysetList, useUndoable } from "../../../api";
import { useProject } from "../../../app/project";
import { Badge, ButtonLink, EmptyState, IconButton, PageHeader, Table, Time, type Column } from "../../../design";
import { count } from "../shared/numbers";
import style from "../shared/Settings.module.css";
import { pinnedKey, type Pinned } from "./pinned";

const AT_ONCE = 50;

/** Questions that are answered in words a person wrote. */
export function PinnedListPage() {
  const { id } = useProject();
  const mayChange = useCan("sources");
  const remove = useRemoval(id);
  const base = `/projects/${id}/settings/pinned`;
  const list = useKeysetList<Pinned>(pinnedKey(id), (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/pinned-answers", { params: { path: { project_id: id }, query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const add = mayChange ? (
    <ButtonLink kind="primary" icon={Plus} to={`${base}/new`}>
      Pin an answer
    </ButtonLink>
  ) : null;
  const columns: Column<Pinned>[] = [
    { label: "Question", cell: (row) => row.questions[0] },
    { label: "Wordings", align: "end", cell: (row) => row.questions.length },
    { label: "State", cell: (row) => <Badge tone={row.enabled ? "good" : "plain"}>{row.enabled ? "On" : "Off"}</Badge> },
    { label: "Used", cell: (row) => <Used row={row} /> },
  ];
  if (mayChange) columns.push({ label: "Delete", isLabelHidden: true, align: "end", cell: (row) => <IconButton icon={Trash2} label={`Delete ${row.questions[0]}`} onClick={() => remove(row)} /> });
  return (
    <>
      <PageHeader title="Pinned answers" words="Some questions have one right answer: prices, promises, law. Pin it, and the bot gives it word for word." actions={list.rows.length > 0 ? add : null} />
      <Table
        label="Pinned answers"
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        rowLink={(row) => `${base}/${row.id}`}
        empty={
          <EmptyState title="No answer is pinned" action={add}>
            Where the exact words matter, write them yourself: they go before all knowledge.
          </EmptyState>
        }
      />
    </>
  );
}

function Used({ row }: { row: Pinned }) {
  if (row.last_hit_at === null) return "Never";
  return (
    <span className={style.stack}>
      <span>{row.hits === 1 ? "Once" : `${count(row.hits)} times`}</span>
      <span className={style.note}>
        <Time at={row.last_hit_at} />
      </span>
    </span>
  );
}

function useRemoval(projectId: string): (row: Pinned) => void {
  const client = useQueryClient();
  const act = useUndoable();
  return (gone) =>
    act({
      message: `“${gone.questions[0]}” deleted.`,
      show: () => changeRows<Pinned>(client, pinnedKey(projectId), (row) => (row.id === gone.id ? null : row)),
      commit: () => take(api.DELETE("/v1/projects/{project_id}/pinned-answers/{pinned_id}", { params: { path: { project_id: projectId, pinned_id: gone.id } }, keepalive: true })),
    });
}
