import { useQueryClient } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { useRef, useState, type DragEvent } from "react";

import { newId } from "../../api/ids";
import { Button, ButtonLink, TextInput } from "../../design";
import { classes } from "../../design/classes";
import { FileRow, type Sent } from "./FileRow";
import style from "./Knowledge.module.css";
import { listed, sourcesKey, uploadSource } from "./source";

/** Files, by dropping or choosing; each is a source of its own, sent one after the other and read meanwhile. */
export function FileForm({ projectId }: { projectId: string }) {
  const [tags, setTags] = useState("");
  const [sent, send] = useSending(projectId, tags);
  const added = sent.filter((file) => file.state === "sent").length;
  return (
    <div className={style.files}>
      <TextInput label="Tags" optional hint="Separate them with commas. They go to every file you add now." value={tags} autoComplete="off" onChange={(event) => setTags(event.target.value)} />
      <DropPlace onFiles={(files) => void send(files)} />
      <p className="visually-hidden" role="status">
        {sent.length > 0 && `${added} of ${sent.length} added`}
      </p>
      {sent.length > 0 && (
        <ul className={style.fileList} aria-label="Files">
          {sent.map((file) => (
            <FileRow key={file.id} file={file} onAgain={() => void send([file.file], file.id)} />
          ))}
        </ul>
      )}
      {added > 0 && (
        <div>
          <ButtonLink to={`/projects/${projectId}/knowledge`}>Go to the list</ButtonLink>
        </div>
      )}
    </div>
  );
}

/** What was sent so far, and what sends more; with the id of one that was refused, that one again. */
function useSending(projectId: string, tags: string): [readonly Sent[], (files: readonly File[], again?: string) => Promise<void>] {
  const [sent, setSent] = useState<readonly Sent[]>([]);
  const client = useQueryClient();
  const change = (id: string, outcome: Partial<Sent>) => setSent((before) => before.map((one) => (one.id === id ? { ...one, ...outcome } : one)));
  const send = async (files: readonly File[], again?: string) => {
    const added = files.map((file): Sent => ({ id: again ?? newId(), file, state: "waiting" }));
    if (again === undefined) setSent((before) => [...added, ...before]);
    for (const { id, file } of added) {
      change(id, { state: "sending", reason: null });
      await uploadSource(projectId, file, listed(tags)).then(
        (source) => change(id, { state: "sent", source }),
        (error: Error) => change(id, { state: "refused", reason: error.message }),
      );
    }
    await client.invalidateQueries({ queryKey: sourcesKey(projectId) });
  };
  return [sent, send];
}

function DropPlace({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles([...event.dataTransfer.files]);
  };
  const hover = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <div className={classes(style.drop, isOver && style.over)} onDragOver={hover} onDragLeave={() => setOver(false)} onDrop={drop}>
      <p>Drop files here: PDF, Word, PowerPoint, Excel, HTML, Markdown or plain text.</p>
      <input ref={input} type="file" multiple hidden aria-label="Files to add" onChange={(event) => onFiles([...(event.target.files ?? [])])} />
      <Button kind="primary" icon={Upload} onClick={() => input.current?.click()}>
        Choose files
      </Button>
    </div>
  );
}
