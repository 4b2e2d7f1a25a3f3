import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, keys, take, type Wire } from "../../api";
import { Badge, Button, EmptyState, Link, Table, type Column } from "../../design";
import style from "./Playground.module.css";
import { whereOf, type Answer, type Run } from "./run";

type Hit = Wire["SearchHit"] & { place: number };

const AT_ONCE = 20;

/** Which passages the answer could be made from, and how each half of the search ranked them. */
export function Why({ run, answer, projectId }: { run: Run; answer: Answer; projectId: string }) {
  const [isOpen, setOpen] = useState(false);
  const query = answer.read_as?.text ?? run.question;
  const found = useQuery({
    queryKey: keys.project(projectId, "search", run.id),
    enabled: isOpen,
    staleTime: Infinity,
    queryFn: () => take(api.POST("/v1/projects/{project_id}/search", { params: { path: { project_id: projectId } }, body: { query, limit: AT_ONCE, ...run.scope } })),
    select: ({ data }) => data.map((hit, index): Hit => ({ ...hit, place: index + 1 })),
  });
  const list = { rows: found.data ?? [], isLoading: found.isPending, error: found.error, retry: () => void found.refetch(), hasMore: false, isLoadingMore: false, loadMore: () => undefined };
  return (
    <div className={style.why}>
      <div>
        <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide the passages" : "Why this answer?"}
        </Button>
      </div>
      {isOpen && (
        <>
          <p className={style.soft}>The passages that were found, the best first. Each has a place by its words and one by its meaning; the score is of both.</p>
          <Table label="Passages" list={list} columns={columnsOf(projectId, answer)} rowKey={(hit) => hit.chunk_id} empty={<EmptyState title="No passage was found">Nothing in what it may answer from has to do with the question.</EmptyState>} />
        </>
      )}
    </div>
  );
}

function columnsOf(projectId: string, answer: Answer): Column<Hit>[] {
  const quoted = new Set(answer.citations.map((citation) => citation.chunk_id));
  return [
    { label: "Passage", cell: (hit) => <Passage hit={hit} projectId={projectId} /> },
    { label: "Words", align: "end", cell: (hit) => placeSaid(hit.ranks.keyword) },
    { label: "Meaning", align: "end", cell: (hit) => placeSaid(hit.ranks.vector) },
    { label: "Score", align: "end", cell: (hit) => <span className={style.score}>{hit.score.toFixed(3)}</span> },
    { label: "In the answer", cell: (hit) => (quoted.has(hit.chunk_id) ? <Badge tone="good">Quoted</Badge> : "Not quoted") },
  ];
}

function placeSaid(rank: number | null): string {
  return rank === null ? "Not found" : `${rank}`;
}

function Passage({ hit, projectId }: { hit: Hit; projectId: string }) {
  return (
    <div className={style.passage}>
      <span>
        {hit.place}. <Link to={whereOf(projectId, hit)}>{hit.title ?? hit.url ?? "A document without a title"}</Link>
      </span>
      <span className={style.excerpt}>{hit.text}</span>
    </div>
  );
}
