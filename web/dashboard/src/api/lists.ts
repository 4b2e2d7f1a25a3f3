import { useInfiniteQuery, type InfiniteData, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { useMemo } from "react";

import type { RowsOf } from "../design";

/** One page of any list of the API. */
export interface ListPage<Row> {
  data: Row[];
  next_cursor: string | null;
}

type Kept<Row> = InfiniteData<ListPage<Row>, string | undefined>;

/** A list of the API, page after page, in the shape `Table` takes. */
export function useKeysetList<Row>(key: QueryKey, load: (cursor: string | undefined, signal: AbortSignal) => Promise<ListPage<Row>>): RowsOf<Row> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.data) ?? [], [query.data]);
  return {
    rows,
    isLoading: query.isPending,
    error: query.error,
    retry: () => void query.refetch(),
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
  };
}

/** Change the rows of a list that is kept: `null` takes a row out. Gives the way back. */
export function changeRows<Row>(client: QueryClient, key: QueryKey, change: (row: Row) => Row | null): () => void {
  const before = client.getQueryData<Kept<Row>>(key);
  client.setQueryData<Kept<Row>>(key, (kept) => {
    if (kept === undefined) return kept;
    const pages = kept.pages.map((page) => ({ ...page, data: page.data.map(change).filter((row) => row !== null) }));
    return { ...kept, pages };
  });
  return () => client.setQueryData(key, before);
}
