import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";

import { Button, Form, Select, TextInput } from "../../design";
import { STATES, TYPES, type SourceStatus, type SourceType } from "./source";
import style from "./Knowledge.module.css";

export interface Filters {
  q?: string;
  status?: SourceStatus;
  type?: SourceType;
  tag?: string;
}

/** What the address asks for; what it says wrongly is passed over. */
export function useFilters(): Filters {
  const [search] = useSearchParams();
  const { q, status, type, tag } = Object.fromEntries(search);
  return {
    ...(q ? { q } : {}),
    ...(tag ? { tag } : {}),
    ...(status !== undefined && status in STATES ? { status: status as SourceStatus } : {}),
    ...(type !== undefined && type in TYPES ? { type: type as SourceType } : {}),
  };
}

export function hasFilters(filters: Filters): boolean {
  return Object.keys(filters).length > 0;
}

const NOTHING = { q: "", tag: "", status: "", type: "" };

function textOf({ q, tag, status, type }: typeof NOTHING): string {
  return JSON.stringify([q, tag, status, type]);
}

/** Search and filters of the list; they stand in its address. */
export function SourceFilters({ filters }: { filters: Filters }) {
  const [, setSearch] = useSearchParams();
  const [typed, setTyped] = useState({ ...NOTHING, ...filters });
  const { q = "", tag = "", status = "", type = "" } = filters;
  const sent = useRef<string | null>(null);
  useEffect(() => {
    const now = { q, tag, status, type };
    if (sent.current === textOf(now)) return; // it is from here; what was typed since stays
    sent.current = textOf(now);
    setTyped(now);
  }, [q, tag, status, type]);
  const filter = (change: Partial<typeof NOTHING>) => {
    const all = { ...typed, ...change };
    const now = { q: all.q.trim(), tag: all.tag.trim(), status: all.status, type: all.type };
    sent.current = textOf(now);
    setTyped(now);
    setSearch(Object.fromEntries(Object.entries(now).filter(([, value]) => value !== "")));
  };
  return (
    <search aria-label="Filter sources">
      <Form onSubmit={() => filter({})}>
        <div className={style.filters}>
          <TextInput label="Search" type="search" placeholder="Title or address" value={typed.q} onChange={(event) => setTyped({ ...typed, q: event.target.value })} />
          <TextInput label="Tag" value={typed.tag} onChange={(event) => setTyped({ ...typed, tag: event.target.value })} />
          <Select label="State" value={typed.status} onChange={(event) => filter({ status: event.target.value })}>
            <option value="">Any</option>
            {Object.entries(STATES).map(([status, [words]]) => (
              <option key={status} value={status}>
                {words}
              </option>
            ))}
          </Select>
          <Select label="Kind" value={typed.type} onChange={(event) => filter({ type: event.target.value })}>
            <option value="">Any</option>
            {Object.entries(TYPES).map(([type, words]) => (
              <option key={type} value={type}>
                {words}
              </option>
            ))}
          </Select>
          <div className={style.filterActions}>
            <Button type="submit" icon={Search}>
              Search
            </Button>
            {hasFilters(filters) && (
              <Button kind="quiet" icon={X} onClick={() => filter(NOTHING)}>
                Clear
              </Button>
            )}
          </div>
        </div>
      </Form>
    </search>
  );
}
