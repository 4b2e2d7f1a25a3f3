import { Plus, Trash2 } from "lucide-react";
import { useId, type ReactNode } from "react";

import { Button, IconButton } from "../../design";
import { errorOn, useDraft, valueAt, type At } from "./draft";
import style from "./Widgets.module.css";

interface ListEditorProps<Item> {
  at: At;
  title: string;
  words: string;
  /** What one of them is called: "rule". */
  one: string;
  fresh: Item;
  children: (item: Item, change: (next: Partial<Item>) => void) => ReactNode;
}

/** Things of a kind, each with its fields, to add and to remove. */
export function ListEditor<Item extends object>({ at, title, words, one, fresh, children }: ListEditorProps<Item>) {
  const { settings, set, error, mayChange } = useDraft();
  const id = useId();
  const items = valueAt(settings, at) as Item[];
  const wrong = errorOn(error, at);
  return (
    <section className={style.list} aria-labelledby={id}>
      <div>
        <h3 id={id}>{title}</h3>
        <p className={style.soft}>{words}</p>
      </div>
      {items.map((item, index) => (
        // Fields keep what is typed in them; a removal is the only thing that moves them, and it changes the length.
        <fieldset key={`${items.length}-${index}`} className={style.item} disabled={!mayChange}>
          <legend>{`${one.charAt(0).toUpperCase()}${one.slice(1)} ${index + 1}`}</legend>
          {children(item, (next) => set(at, items.map((other, place) => (place === index ? { ...other, ...next } : other))))}
          {mayChange && (
            <div className={style.remove}>
              <IconButton icon={Trash2} label={`Remove ${one} ${index + 1}`} onClick={() => set(at, items.filter((_, place) => place !== index))} />
            </div>
          )}
        </fieldset>
      ))}
      {wrong !== null && (
        <p className={style.wrong} role="alert">
          {wrong}
        </p>
      )}
      {mayChange && (
        <div>
          <Button icon={Plus} onClick={() => set(at, [...items, fresh])}>
            Add {one}
          </Button>
        </div>
      )}
    </section>
  );
}
