import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import type { Wire } from "../../api";
import { createSource, sourcesKey } from "./source";

/** Adds a source and goes to the list, where it can be watched. */
export function useAdding(projectId: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (source: Wire["NewSource"]) => createSource(projectId, source),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: sourcesKey(projectId) });
      await navigate(`/projects/${projectId}/knowledge`);
    },
  });
}
