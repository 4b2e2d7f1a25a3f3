import { Badge, Meter } from "../../design";
import { stateOf, type Source } from "./source";
import style from "./Knowledge.module.css";

/** Where a source is, in a cell of a list. */
export function SourceState({ source }: { source: Source }) {
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
