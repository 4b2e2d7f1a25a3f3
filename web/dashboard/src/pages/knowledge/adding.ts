import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { createSource, sourcesKey, type NewSource } from "./source";

/** Adds a source and goes where it can be watched: what has many documents has a page that is worth it. */
export function useAdding(projectId: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (source: NewSource) => createSource(projectId, source),
    onSuccess: async (source, sent) => {
      await client.invalidateQueries({ queryKey: sourcesKey(projectId) });
      const hasMany = sent.crawl != null || sent.type === "github" || sent.type === "drive";
      await navigate(`/projects/${projectId}/knowledge${hasMany ? `/${source.id}` : ""}`);
    },
  });
}
