import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, take, type Wire } from "../../api";
import { useToast } from "../../design";
import { pathOf, sourceKey, sourcesKey, type Source } from "./source";

/** What can be done with a source; each tells at once how it is then. */
export function useActions(source: Source) {
  const client = useQueryClient();
  const toast = useToast();
  const path = pathOf(source);
  const onSuccess = async (now: Source) => {
    client.setQueryData(sourceKey(source.project_id, source.id), now);
    await client.invalidateQueries({ queryKey: sourcesKey(source.project_id) });
    await client.invalidateQueries({ queryKey: sourceKey(source.project_id, source.id) });
  };
  const onError = (error: Error) => toast({ message: error.message });
  const sync = useMutation({
    mutationFn: (body: Wire["SourceSyncIn"]) => take<Source>(api.POST("/v1/projects/{project_id}/sources/{source_id}/sync", { params: { path }, body })),
    onSuccess,
    onError,
  });
  const cancel = useMutation({
    mutationFn: () => take<Source>(api.POST("/v1/projects/{project_id}/sources/{source_id}/cancel", { params: { path } })),
    onSuccess,
    onError,
  });
  const rollBack = useMutation({
    mutationFn: (version: number) => take<Source>(api.POST("/v1/projects/{project_id}/sources/{source_id}/rollback", { params: { path }, body: { version } })),
    onSuccess,
    onError,
  });
  return { sync, cancel, rollBack };
}
