import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useParams, useSearchParams } from "react-router";

import { api, hasCode, take, type Wire } from "../../api";
import { NothingHere } from "../../app/NothingHere";
import { useProject } from "../../app/project";
import { Card, ErrorNote, OutsideLink, Page, PageHeader, Skeleton, Tabs, Time } from "../../design";
import style from "./Knowledge.module.css";
import { cutter } from "./points";
import { counted, sourceKey } from "./source";

type Document = Wire["DocumentWithText"];

const KINDS: Record<string, string> = { "text/html": "Web page", "text/plain": "Plain text", "text/markdown": "Markdown", "text/csv": "CSV", "application/pdf": "PDF" };

/** A document as it is kept: the text that quotes are checked against, and the passages cut from it. */
export function DocumentPage() {
  const { id } = useProject();
  const { sourceId = "", documentId = "" } = useParams();
  const query = useQuery({
    queryKey: sourceKey(id, sourceId, "document", documentId),
    queryFn: () =>
      take<Document>(api.GET("/v1/projects/{project_id}/sources/{source_id}/documents/{document_id}", { params: { path: { project_id: id, source_id: sourceId, document_id: documentId } } })),
  });
  if (hasCode(query.error, "not_found")) return <NothingHere />;
  if (query.data === undefined) return <Page>{query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : <Skeleton lines={10} />}</Page>;
  const document = query.data;
  return (
    <Page>
      <PageHeader title={document.title ?? document.locator} words={<Described document={document} />} back={{ to: `/projects/${id}/knowledge/${sourceId}`, label: "Source" }} />
      <div className={style.views}>
        <Views document={document} />
      </div>
    </Page>
  );
}

function Described({ document }: { document: Document }) {
  return (
    <>
      {document.url !== null && (
        <>
          <OutsideLink href={document.url}>{document.url}</OutsideLink>
          {" · "}
        </>
      )}
      {KINDS[document.media_type] ?? document.media_type}
      {document.language !== null && ` · ${new Intl.DisplayNames("en", { type: "language" }).of(document.language)}`}
      {" · fetched "}
      <Time at={document.fetched_at} />
    </>
  );
}

/** Which view is open stands in the address, and so does the quote that is to be seen. */
function Views({ document }: { document: Document }) {
  const [search, setSearch] = useSearchParams();
  const start = Number(search.get("start") ?? Number.NaN);
  const end = Number(search.get("end") ?? Number.NaN);
  const quote = Number.isInteger(start) && Number.isInteger(end) && start < end ? { start, end } : null;
  const tabs = [
    { value: "text", label: "Text", content: <Text text={document.text} quote={quote} /> },
    { value: "passages", label: counted(document.data.length, "passage"), content: <Passages passages={document.data} /> },
  ];
  const change = (view: string) =>
    setSearch(
      (before) => {
        before.set("view", view);
        return before;
      },
      { replace: true },
    );
  return <Tabs label="Views of the document" tabs={tabs} value={search.get("view") === "passages" ? "passages" : "text"} onChange={change} />;
}

function Text({ text, quote }: { text: string; quote: { start: number; end: number } | null }) {
  const mark = useRef<HTMLElement>(null);
  useEffect(() => mark.current?.scrollIntoView({ block: "center" }), [quote?.start, quote?.end]);
  if (quote === null) return <div className={style.text}>{text}</div>;
  const cut = cutter(text);
  return (
    <div className={style.text}>
      {cut(0, quote.start)}
      <mark ref={mark} className={style.mark}>
        {cut(quote.start, quote.end)}
      </mark>
      {cut(quote.end)}
    </div>
  );
}

function Passages({ passages }: { passages: readonly Wire["ChunkOut"][] }) {
  return (
    <ol className={style.passages} aria-label="Passages">
      {passages.map((passage, index) => (
        <li key={passage.id}>
          <Card>
            <p className={style.soft}>
              {[`Passage ${index + 1}`, passage.page === null ? null : `page ${passage.page}`, passage.heading_path.join(" › ") || null, `characters ${passage.char_start} to ${passage.char_end}`].filter(Boolean).join(" · ")}
            </p>
            <p className={style.passage}>{passage.text}</p>
          </Card>
        </li>
      ))}
    </ol>
  );
}
