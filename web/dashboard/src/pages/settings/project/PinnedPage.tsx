import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { api, hasCode, take, useKeysetList, type Wire } from "../../../api";
import { NothingHere } from "../../../app/NothingHere";
import { useProject } from "../../../app/project";
import { EmptyState, ErrorNote, Page, PageHeader, Skeleton, Table, Time, type Column } from "../../../design";
import style from "../shared/Settings.module.css";
import { pinnedKey } from "./pinned";
import { PinnedForm } from "./PinnedForm";

type Hit = Wire["PinnedHitOut"];
const AT_ONCE = 25;
const COLUMNS: Column<Hit>[] = [
  { label: "Question", cell: (hit) => hit.question },
  { label: "Nearness", align: "end", cell: (hit) => (hit.kind === "exact" ? "The same" : `${Math.round(hit.similarity * 100)}%`) },
  { label: "Asked", cell: (hit) => <Time at={hit.created_at} /> },
];

function useBack() {
  return { to: `/projects/${useProject().id}/settings/pinned`, label: "Pinned answers" };
}

/** `pinned/new`. */
export function NewPinnedPage() {
  return (
    <Page>
      <PageHeader title="Pin an answer" back={useBack()} />
      <div className={style.form}>
        <PinnedForm row={null} />
      </div>
    </Page>
  );
}

/** One pinned answer, and the questions it answered. */
export function PinnedPage() {
  const { id } = useProject();
  const pinnedId = useParams().pinnedId ?? "";
  const path = { project_id: id, pinned_id: pinnedId };
  const back = useBack();
  const query = useQuery({
    queryKey: pinnedKey(id, pinnedId),
    queryFn: () => take(api.GET("/v1/projects/{project_id}/pinned-answers/{pinned_id}", { params: { path } })),
  });
  const hits = useKeysetList<Hit>(pinnedKey(id, pinnedId, "hits"), (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/pinned-answers/{pinned_id}/hits", { params: { path, query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  if (hasCode(query.error, "not_found")) return <NothingHere />;
  return (
    <Page>
      <PageHeader title="Pinned answer" back={back} />
      <div className={style.form}>
        {query.data ? <PinnedForm key={query.data.id} row={query.data} /> : query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : <Skeleton lines={6} />}
      </div>
      <h2>Questions it answered</h2>
      <Table
        label="Questions it answered"
        list={hits}
        columns={COLUMNS}
        rowKey={(hit) => hit.message_id}
        empty={<EmptyState title="It was not needed yet">Every question that it answers is listed here, with how near it was.</EmptyState>}
      />
    </Page>
  );
}
