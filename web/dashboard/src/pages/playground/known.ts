import { useQuery } from "@tanstack/react-query";

import { api, keys, take, type Wire } from "../../api";

type Source = Wire["SourceOut"];

/** As many as a question may name. */
const AT_ONCE = 100;

export interface Known {
  sources: readonly Source[];
  tags: readonly string[];
  /** There are more sources than are here. */
  hasMore: boolean;
}

/** The sources a question can be limited to, and their tags. */
export function useKnown(projectId: string) {
  return useQuery({
    queryKey: keys.project(projectId, "sources", "names"),
    queryFn: () => take(api.GET("/v1/projects/{project_id}/sources", { params: { path: { project_id: projectId }, query: { limit: AT_ONCE } } })),
    select: ({ data, has_more: hasMore }): Known => {
      const sources = data.filter((source) => source.version > 0 && source.status !== "deleting");
      return { sources, tags: [...new Set(sources.flatMap((source) => source.tags))].sort(), hasMore };
    },
  });
}

export function sourceName(source: Source): string {
  return source.title ?? source.locator ?? "A source without a title";
}
