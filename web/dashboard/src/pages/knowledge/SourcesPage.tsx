import { useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useEffect } from "react";

import { api, take, useCan, useKeysetList } from "../../api";
import { useProject } from "../../app/project";
import { Badge, ButtonLink, EmptyState, IconButton, Page, PageHeader, Table, Time, type Column } from "../../design";
import style from "./Knowledge.module.css";
import { useRemoval } from "./removal";
import { isUnderWay, nameOf, sourcesKey, TYPES, type Source } from "./source";
import { hasFilters, SourceFilters, useFilters, type Filters } from "./SourceFilters";
import { SourceState } from "./SourceState";

const AT_ONCE = 50;
const LOOK_AGAIN_MS = 1_500;

/** What the bot knows, with what is under way told as it happens. */
export function SourcesPage() {
  const { id } = useProject();
  const mayChange = useCan("sources");
  const filters = useFilters();
  const [remove, gone] = useRemoval();
  const list = useSources(id, filters);
  const rows = list.rows.filter((source) => !gone.has(source.id));
  const isFiltered = hasFilters(filters);
  const isEmpty = !list.isLoading && rows.length === 0 && !isFiltered;
  const add = (
    <ButtonLink kind="primary" icon={Plus} to="new">
      Add a source
    </ButtonLink>
  );
  const columns = mayChange ? [...COLUMNS, deletion(remove)] : COLUMNS;
  return (
    <Page>
      <PageHeader title="Knowledge" words="What the bot answers from." actions={mayChange && !isEmpty ? add : null} />
      {!isEmpty && <SourceFilters filters={filters} />}
      <Table
        label="Sources"
        list={{ ...list, rows }}
        columns={columns}
        rowKey={(source) => source.id}
        rowLink={(source) => source.id}
        empty={
          isFiltered ? (
            <EmptyState title="No source is like that" action={<ButtonLink to=".">Show all sources</ButtonLink>}>
              Search for part of a title or address, or leave out a filter.
            </EmptyState>
          ) : (
            <EmptyState title="It knows nothing yet" action={mayChange ? add : null}>
              Add a page or all of your site, files or a text. A minute later it answers from it.
            </EmptyState>
          )
        }
      />
    </Page>
  );
}

const COLUMNS: Column<Source>[] = [
  { label: "Source", cell: nameOf },
  { label: "Kind", cell: (source) => TYPES[source.type] },
  { label: "State", cell: (source) => <SourceState source={source} /> },
  { label: "Tags", cell: (source) => (source.tags.length === 0 ? "None" : <Tags tags={source.tags} />) },
  { label: "Read", cell: (source) => (source.sync.last_synced_at === null ? "Not yet" : <Time at={source.sync.last_synced_at} />) },
];

function deletion(remove: (source: Source) => void): Column<Source> {
  return { label: "Delete", isLabelHidden: true, align: "end", cell: (source) => <IconButton icon={Trash2} label={`Delete ${nameOf(source)}`} onClick={() => remove(source)} /> };
}

function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <span className={style.tags}>
      {tags.map((tag) => (
        <Badge key={tag}>{tag}</Badge>
      ))}
    </span>
  );
}

/** The list; looked at again and again while something of it is under way. A stream for each would use up the browser's lines. */
function useSources(projectId: string, filters: Filters) {
  const client = useQueryClient();
  const list = useKeysetList<Source>([...sourcesKey(projectId), filters], (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/sources", { params: { path: { project_id: projectId }, query: { limit: AT_ONCE, ...filters, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const isMoving = list.rows.some((source) => isUnderWay(source) || source.status === "deleting");
  useEffect(() => {
    if (!isMoving) return undefined;
    const timer = setInterval(() => void client.invalidateQueries({ queryKey: sourcesKey(projectId) }), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [client, isMoving, projectId]);
  return list;
}
