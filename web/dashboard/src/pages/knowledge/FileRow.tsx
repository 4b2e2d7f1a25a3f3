import { useQuery } from "@tanstack/react-query";

import { api, take } from "../../api";
import { Badge, Button, Link, type Tone } from "../../design";
import style from "./Knowledge.module.css";
import { isUnderWay, pathOf, sourceKey, type Source } from "./source";
import { SourceState } from "./SourceState";

const LOOK_AGAIN_MS = 1_500;

/** A file on its way. */
export interface Sent {
  id: string;
  file: File;
  state: "waiting" | "sending" | "sent" | "refused";
  reason?: string | null;
  source?: Source;
}

const SAID: Record<Exclude<Sent["state"], "sent">, [string, Tone]> = { waiting: ["Waiting", "plain"], sending: ["Sending", "busy"], refused: ["Not added", "bad"] };

/** One file: on its way, then how far it is read. */
export function FileRow({ file, onAgain }: { file: Sent; onAgain: () => void }) {
  const { source, state } = file;
  return (
    <li className={style.file}>
      <div className={style.fileName}>
        {source === undefined ? file.file.name : <Link to={`../${source.id}`}>{file.file.name}</Link>}
        {file.reason != null && <p className={style.reason}>{file.reason}</p>}
      </div>
      {source !== undefined && <Reading source={source} />}
      {state !== "sent" && <Badge tone={SAID[state][1]}>{SAID[state][0]}</Badge>}
      {state === "refused" && <Button onClick={onAgain}>Try again</Button>}
    </li>
  );
}

function Reading({ source }: { source: Source }) {
  const now = useQuery({
    queryKey: sourceKey(source.project_id, source.id),
    queryFn: () => take<Source>(api.GET("/v1/projects/{project_id}/sources/{source_id}", { params: { path: pathOf(source) } })),
    initialData: source,
    refetchInterval: (query) => (query.state.data !== undefined && isUnderWay(query.state.data) ? LOOK_AGAIN_MS : false),
  });
  return <SourceState source={now.data} />;
}
