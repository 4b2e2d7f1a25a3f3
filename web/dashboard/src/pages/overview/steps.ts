import { useQuery } from "@tanstack/react-query";

import { api, keys, take, type Wire } from "../../api";

export interface Progress {
  sources: Wire["SourceOut"][];
  isTaught: boolean;
  isTried: boolean;
  isOwn: boolean;
  isOnSite: boolean;
  widget: Wire["WidgetOut"] | null;
}

const PUBLISHED = new Set(["ready", "partial"]);
const LOOK_AGAIN_MS = 3_000;

/** How far a project is, from what is really there: sources that are published, conversations, a widget that was changed, visitors. */
export function useProgress(projectId: string) {
  const path = { project_id: projectId };
  return useQuery({
    queryKey: keys.project(projectId, "progress"),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.isOnSite === true ? false : LOOK_AGAIN_MS),
    queryFn: async (): Promise<Progress> => {
      const [sources, conversations, visits, widgets] = await Promise.all([
        take(api.GET("/v1/projects/{project_id}/sources", { params: { path, query: { limit: 100 } } })),
        take(api.GET("/v1/projects/{project_id}/conversations", { params: { path, query: { limit: 1 } } })),
        take(api.GET("/v1/projects/{project_id}/conversations", { params: { path, query: { limit: 1, channel: "widget" } } })),
        take(api.GET("/v1/projects/{project_id}/widgets", { params: { path, query: { limit: 100 } } })),
      ]);
      return {
        sources: sources.data,
        isTaught: sources.data.some((source) => PUBLISHED.has(source.status)),
        isTried: conversations.data.length > 0,
        isOwn: widgets.data.some((widget) => widget.version > 1),
        isOnSite: visits.data.length > 0,
        widget: widgets.data.at(-1) ?? null,
      };
    },
  });
}
