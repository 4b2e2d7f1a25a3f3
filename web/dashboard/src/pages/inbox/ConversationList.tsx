import { useRef } from "react";
import { Link, useLocation } from "react-router";

import type { RowsOf } from "../../design";
import { Button, ButtonLink, EmptyState, ErrorNote, Skeleton } from "../../design";
import type { Conversation } from "./conversation";
import { ConversationRow } from "./ConversationRow";
import { ListFilters } from "./ListFilters";
import style from "./Inbox.module.css";
import { useListKeys } from "./useListKeys";
import { hasFilters, VIEWS, type Filters, type View } from "./views";

interface ListProps {
  list: RowsOf<Conversation>;
  view: View;
  filters: Filters;
  waiting: { count: number; hasMore: boolean };
  openId: string | null;
}

/** The views, the search, and the rows they leave. */
export function ConversationList({ list, view, filters, waiting, openId }: ListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  useListKeys(list.rows, openId, scroller);
  return (
    <>
      <Views view={view} waiting={waiting} />
      <ListFilters filters={filters} />
      <div ref={scroller} className={style.rows}>
        <Rows list={list} view={view} filters={filters} openId={openId} />
      </div>
    </>
  );
}

function Views({ view, waiting }: Pick<ListProps, "view" | "waiting">) {
  const { search } = useLocation();
  const to = (name: string) => {
    const params = new URLSearchParams(search);
    params.set("view", name);
    return { search: `?${params}` };
  };
  return (
    <nav aria-label="Views" className={style.views}>
      {Object.entries(VIEWS).map(([name, { label }]) => (
        <Link key={name} to={to(name)} className={style.view} aria-current={name === view ? "page" : undefined}>
          {label}
          {name === "waiting" && waiting.count > 0 && (
            <span className={style.count}>
              {waiting.count}
              {waiting.hasMore && "+"}
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}

function Rows({ list, view, filters, openId }: Omit<ListProps, "waiting">) {
  if (list.error !== null && list.rows.length === 0) return <ErrorNote error={list.error} onRetry={list.retry} />;
  if (list.isLoading) return <Skeleton lines={9} label="Loading conversations" />;
  if (list.rows.length === 0) return <Nothing view={view} filters={filters} />;
  return (
    <>
      <ol className={style.list} aria-label="List of conversations">
        {list.rows.map((row) => (
          <ConversationRow key={row.id} row={row} isOpen={row.id === openId} />
        ))}
      </ol>
      {list.hasMore && (
        <div className={style.more}>
          <Button pending={list.isLoadingMore} onClick={list.loadMore}>
            Load more
          </Button>
        </div>
      )}
    </>
  );
}

function Nothing({ view, filters }: Pick<ListProps, "view" | "filters">) {
  const { emptyTitle, emptyWords } = VIEWS[view];
  if (hasFilters(filters)) {
    return (
      <EmptyState title="No conversation is like that" action={<ButtonLink to={{ search: `?view=${view}` }}>Show all of them</ButtonLink>}>
        Search for other words, or leave out a filter.
      </EmptyState>
    );
  }
  const elsewhere = view === "all" ? <ButtonLink to="../widgets">Open widgets</ButtonLink> : <ButtonLink to={{ search: "?view=all" }}>Show all conversations</ButtonLink>;
  return (
    <EmptyState title={emptyTitle} action={elsewhere}>
      {emptyWords}
    </EmptyState>
  );
}
