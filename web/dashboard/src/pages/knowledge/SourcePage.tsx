import { RefreshCw, Square, Trash2 } from "lucide-react";
import { Outlet, useNavigate } from "react-router";

import { hasCode, useCan } from "../../api";
import { Button, ErrorNote, OutsideLink, Page, PageHeader, Skeleton, TabLinks } from "../../design";
import { NothingHere } from "../../app/NothingHere";
import { isUnderWay, nameOf, originOf, TYPES, type Source } from "./source";
import { SourceStatus } from "./SourceStatus";
import { useActions } from "./useActions";
import { useSourceQuery } from "./useSource";

/** One source: how it is, what it holds, what became of it. */
export function SourcePage() {
  const query = useSourceQuery();
  const mayChange = useCan("sources");
  if (hasCode(query.error, "not_found")) return <NothingHere />;
  if (query.data === undefined) return <Page>{query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : <Skeleton lines={8} />}</Page>;
  const source = query.data;
  const base = `/projects/${source.project_id}/knowledge/${source.id}`;
  const links = [
    { to: base, label: "Documents", end: true },
    { to: `${base}/failures`, label: "Failed and left out" },
    { to: `${base}/versions`, label: "Versions" },
    { to: `${base}/settings`, label: "Settings" },
  ];
  return (
    <Page>
      <PageHeader
        title={nameOf(source)}
        words={<Origin source={source} />}
        back={{ to: `/projects/${source.project_id}/knowledge`, label: "Knowledge" }}
        actions={mayChange && source.status !== "deleting" ? <Actions source={source} /> : null}
      />
      <SourceStatus source={source} mayChange={mayChange} />
      <TabLinks label="Parts of the source" links={mayChange ? links : links.slice(0, 3)} />
      <Outlet context={source} />
    </Page>
  );
}

function Origin({ source }: { source: Source }) {
  const origin = originOf(source);
  const locator = source.locator === null || source.locator === nameOf(source) ? null : source.locator;
  return (
    <>
      {TYPES[source.type]}
      {origin !== null && (
        <>
          {" · "}
          <OutsideLink href={origin}>{locator ?? "Open it"}</OutsideLink>
        </>
      )}
      {origin === null && locator !== null && ` · ${locator}`}
    </>
  );
}

function Actions({ source }: { source: Source }) {
  const navigate = useNavigate();
  const { sync, cancel } = useActions(source);
  return (
    <>
      {isUnderWay(source) ? (
        <Button icon={Square} pending={cancel.isPending} onClick={() => cancel.mutate()}>
          Stop reading
        </Button>
      ) : (
        <Button kind="primary" icon={RefreshCw} pending={sync.isPending} onClick={() => sync.mutate({})}>
          Read again
        </Button>
      )}
      <Button icon={Trash2} onClick={() => void navigate(`/projects/${source.project_id}/knowledge`, { state: { remove: source } })}>
        Delete
      </Button>
    </>
  );
}
