import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useOutletContext, useParams } from "react-router";

import { api, take, useEvents } from "../../api";
import { useProject } from "../../app/project";
import { isUnderWay, sourceKey, type Source } from "./source";

interface Told {
  source?: Source;
}

/** The source of the address; while it is being read, as it comes. */
export function useSourceQuery() {
  const { id } = useProject();
  const sourceId = useParams().sourceId ?? "";
  const client = useQueryClient();
  const key = sourceKey(id, sourceId);
  const query = useQuery({
    queryKey: key,
    queryFn: () => take<Source>(api.GET("/v1/projects/{project_id}/sources/{source_id}", { params: { path: { project_id: id, source_id: sourceId } } })),
  });
  const progress = ({ source }: Told) => {
    if (source !== undefined) client.setQueryData(key, source);
  };
  const done = (told: Told) => {
    progress(told);
    void client.invalidateQueries({ queryKey: key });
  };
  const isLive = query.data !== undefined && isUnderWay(query.data);
  useEvents(isLive ? `/v1/projects/${id}/sources/${sourceId}/events` : null, { progress, done });
  return query;
}

/** The source whose page a part is on. */
export function useSource(): Source {
  return useOutletContext<Source>();
}
