import { useEffect } from "react";

import type { RowsOf } from "../../design";
import type { Conversation } from "./conversation";

/** A page may hold rows of others alone, as in "Mine": then the next one is fetched, until there is something or no more. */
export function useFullPages({ rows, isLoading, hasMore, isLoadingMore, error, loadMore }: RowsOf<Conversation>): void {
  const isToGoOn = rows.length === 0 && !isLoading && hasMore && !isLoadingMore && error === null;
  useEffect(() => {
    if (isToGoOn) loadMore();
  });
}
