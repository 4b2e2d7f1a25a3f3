import { useState } from "react";
import { useSearchParams } from "react-router";

import { Checkbox, Select } from "../../design";
import { sourceName, type Known } from "./known";
import style from "./Playground.module.css";
import type { Scope } from "./run";

type Kind = "all" | "tags" | "sources" | "without";

/** What the address says that a question is answered from: `?from=tags&name=billing`. */
export interface Asked {
  kind: Kind;
  names: readonly string[];
}

export function useAsked(): [Asked, (asked: Asked) => void] {
  const [search, setSearch] = useSearchParams();
  const from = search.get("from");
  const kind: Kind = from === "tags" || from === "sources" || from === "without" ? from : "all";
  const [asked, setAsked] = useState<Asked>({ kind, names: search.getAll("name") });
  const change = (changed: Asked) => {
    setAsked(changed); // the address follows a moment later, too late for a checkbox
    const { kind: now, names } = changed;
    setSearch(
      (before) => {
        before.delete("name");
        if (now === "all") before.delete("from");
        else before.set("from", now);
        for (const name of names) before.append("name", name);
        return before;
      },
      { replace: true },
    );
  };
  return [asked, change];
}

/** The same as the API takes it, and as people say it. */
export function scopeOf({ kind, names }: Asked, known: Known): { scope: Scope; said: string | null } {
  if (kind === "all" || names.length === 0) return { scope: {}, said: null };
  if (kind === "tags") return { scope: { tags: [...names] }, said: `Only what is tagged ${names.join(" or ")}` };
  const chosen = known.sources.filter((source) => names.includes(source.id)).map(sourceName);
  if (kind === "sources") return { scope: { source_ids: [...names] }, said: `Only from ${chosen.join(", ")}` };
  const others = known.sources.filter((source) => !names.includes(source.id)).map((source) => source.id);
  return { scope: { source_ids: others }, said: `Without ${chosen.join(", ")}` };
}

/** Whether nothing would be left to answer from. */
export function isNothingLeft({ kind, names }: Asked, known: Known): boolean {
  return kind === "without" && known.sources.every((source) => names.includes(source.id));
}

/** What to answer from: everything, some tags, some sources, or all but some. */
export function ScopeFields({ asked, known, onChange }: { asked: Asked; known: Known; onChange: (asked: Asked) => void }) {
  const choices = asked.kind === "tags" ? known.tags.map((tag) => ({ value: tag, label: tag })) : known.sources.map((source) => ({ value: source.id, label: sourceName(source) }));
  const toggle = (value: string, isOn: boolean) => onChange({ ...asked, names: isOn ? [...asked.names, value] : asked.names.filter((name) => name !== value) });
  const hint = known.hasMore ? "There are more than 100 sources; the newest 100 can be chosen." : null;
  return (
    <>
      <Select label="Answer from" hint={hint} value={asked.kind} onChange={(event) => onChange({ kind: event.target.value as Kind, names: [] })}>
        <option value="all">All of the knowledge</option>
        {known.tags.length > 0 && <option value="tags">Some tags</option>}
        <option value="sources">Some sources</option>
        {!known.hasMore && <option value="without">All but some sources</option>}
      </Select>
      {asked.kind !== "all" && (
        <fieldset className={style.choices}>
          <legend className="visually-hidden">{LEGENDS[asked.kind]}</legend>
          {choices.map(({ value, label }) => (
            <Checkbox key={value} label={label} checked={asked.names.includes(value)} onChange={(isOn) => toggle(value, isOn)} />
          ))}
        </fieldset>
      )}
    </>
  );
}

const LEGENDS = { tags: "Tags to answer from", sources: "Sources to answer from", without: "Sources to leave out" } as const;
