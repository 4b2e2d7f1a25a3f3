import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, keys, take, type Wire } from "../../../api";
import { useProject } from "../../../app/project";
import { useToast } from "../../../design";

/** Saves settings of the project of the address. */
export function useSaving() {
  const { id } = useProject();
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (body: Wire["ProjectPatch"]) => take(api.PATCH("/v1/projects/{project_id}", { params: { path: { project_id: id } }, body })),
    onSuccess: async (project) => {
      client.setQueryData(keys.project(id), project);
      toast({ message: "Saved." });
      await client.invalidateQueries({ queryKey: keys.projects });
    },
  });
}
