import { X } from "lucide-react";
import { useState, type FormEvent } from "react";

import type { Thread } from "./conversation";
import style from "./Thread.module.css";

const TAG_MAX_CHARS = 64;
const ICON_PX = 12;

/** The tags of a conversation; with `onChange`, each can be taken off and another put on. */
export function Tags({ thread, onChange }: { thread: Thread; onChange: ((tags: string[]) => void) | null }) {
  const [typed, setTyped] = useState("");
  const add = (event: FormEvent) => {
    event.preventDefault();
    const tag = typed.trim();
    setTyped("");
    if (tag !== "" && !thread.tags.includes(tag)) onChange?.([...thread.tags, tag]);
  };
  return (
    <span className={style.tags}>
      {thread.tags.map((tag) => (
        <span key={tag} className={style.tag}>
          <span>{tag}</span>
          {onChange && (
            <button type="button" className={style.untag} aria-label={`Remove the tag ${tag}`} onClick={() => onChange(thread.tags.filter((one) => one !== tag))}>
              <X size={ICON_PX} aria-hidden />
            </button>
          )}
        </span>
      ))}
      {onChange && (
        <form onSubmit={add}>
          <input className={style.newTag} aria-label="Add a tag" placeholder="Add tag" maxLength={TAG_MAX_CHARS} value={typed} onChange={(event) => setTyped(event.target.value)} />
        </form>
      )}
    </span>
  );
}
