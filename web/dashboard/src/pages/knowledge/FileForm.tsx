import { useQueryClient } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { useRef, useState, type DragEvent } from "react";

import { newId } from "../../api/ids";
import { Badge, Button, ButtonLink } from "../../design";
import { classes } from "../../design/classes";
import style from "./Knowledge.module.css";
import { sourcesKey, uploadSource } from "./source";

interface Sent {
  id: string;
  name: string;
  state: "sending" | "sent" | "refused";
  reason?: string;
}

const SAID = { sending: ["Sending", "busy"], sent: ["Added", "good"], refused: ["Not added", "bad"] } as const;

/** Files, by dropping or choosing; each is a source of its own, sent one after the other. */
export function FileForm({ projectId }: { projectId: string }) {
  const [sent, setSent] = useState<readonly Sent[]>([]);
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const client = useQueryClient();
  const send = async (files: readonly File[]) => {
    const added = files.map((file) => ({ id: newId(), file }));
    setSent((before) => [...before, ...added.map(({ id, file }) => ({ id, name: file.name, state: "sending" as const }))]);
    for (const { id, file } of added) {
      const outcome = await uploadSource(projectId, file).then(
        () => ({ state: "sent" as const }),
        (error: Error) => ({ state: "refused" as const, reason: error.message }),
      );
      setSent((before) => before.map((one) => (one.id === id ? { ...one, ...outcome } : one)));
    }
    await client.invalidateQueries({ queryKey: sourcesKey(projectId) });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void send([...event.dataTransfer.files]);
  };
  return (
    <div className={style.files}>
      <div
        className={classes(style.drop, isOver && style.over)}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <p>Drop files here: PDF, Word, PowerPoint, Excel, HTML, Markdown or plain text.</p>
        <input ref={input} type="file" multiple hidden onChange={(event) => void send([...(event.target.files ?? [])])} />
        <Button kind="primary" icon={Upload} onClick={() => input.current?.click()}>
          Choose files
        </Button>
      </div>
      <ul className={style.files} aria-live="polite" aria-label="Files">
        {sent.map((file) => (
          <li key={file.id} className={style.file}>
            <span>
              {file.name}
              {file.reason !== undefined && `: ${file.reason}`}
            </span>
            <Badge tone={SAID[file.state][1]}>{SAID[file.state][0]}</Badge>
          </li>
        ))}
      </ul>
      {sent.some((file) => file.state === "sent") && (
        <div>
          <ButtonLink to={`/projects/${projectId}/knowledge`}>See how far they are</ButtonLink>
        </div>
      )}
    </div>
  );
}
