import { useQueryClient } from "@tanstack/react-query";

import { changeRows, useEvents } from "../../api";
import { Badge, Meter } from "../../design";
import { isUnderWay, sourcesKey, stateOf, type Source } from "./source";
import style from "./Knowledge.module.css";

interface Told {
  source?: Source;
}

/** Where a source is; while it is being read, live. */
export function SourceState({ source }: { source: Source }) {
  const client = useQueryClient();
  const told = ({ source: now }: Told) => {
    if (now !== undefined) changeRows<Source>(client, sourcesKey(source.project_id), (row) => (row.id === now.id ? now : row));
  };
  const path = isUnderWay(source) ? `/v1/projects/${source.project_id}/sources/${source.id}/events` : null;
  useEvents(path, { progress: told, done: told });
  const { words, tone } = stateOf(source);
  const { documents_done: done, documents_total: total } = source.progress;
  return (
    <div className={style.state}>
      <Badge tone={tone}>{words}</Badge>
      {source.status === "processing" && <Meter label="Documents" value={total > 0 ? done : null} max={Math.max(total, 1)} said={`${done} of ${total}`} />}
      {source.error !== null && <p className={style.reason}>{source.error.message}</p>}
    </div>
  );
}
