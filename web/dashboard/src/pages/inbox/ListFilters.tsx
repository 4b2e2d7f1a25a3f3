import { SlidersHorizontal, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";

import { useNarrow } from "../../app/narrow";
import { Button, Form, IconButton, Select, TextInput } from "../../design";
import { CHANNELS } from "./conversation";
import style from "./Inbox.module.css";
import { hasFilters, type Filters } from "./views";

const NAMES = ["q", "tag", "channel", "from", "to", "sure"] as const;
export const SEARCH_ID = "inbox-search";

/** Search and filters; they stand in the address. */
export function ListFilters({ filters }: { filters: Filters }) {
  const [search, setSearch] = useSearchParams();
  const narrow = useNarrow();
  const q = search.get("q") ?? "";
  const [typed, setTyped] = useState(q);
  const sent = useRef(q);
  useEffect(() => {
    if (sent.current === q) return; // it is from here; what was typed since stays
    sent.current = q;
    setTyped(q);
  }, [q]);
  const [isOpen, setOpen] = useState(Object.keys(filters).some((name) => name !== "q"));
  const find = () => {
    sent.current = typed.trim();
    narrow("q", typed.trim());
  };
  const clear = () => {
    setTyped("");
    setSearch((before) => {
      NAMES.forEach((name) => before.delete(name));
      return before;
    });
  };
  return (
    <search aria-label="Filter conversations" className={style.filters}>
      <Form onSubmit={find}>
        <div className={style.searchLine}>
          <input id={SEARCH_ID} type="search" className={style.search} placeholder="Words in a message" aria-label="Search" value={typed} onChange={(event) => setTyped(event.target.value)} onBlur={find} />
          <IconButton icon={SlidersHorizontal} label="Filters" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)} />
          {hasFilters(filters) && <IconButton icon={X} label="Clear search and filters" onClick={clear} />}
        </div>
        {isOpen && <MoreFilters search={search} narrow={narrow} />}
      </Form>
    </search>
  );
}

function MoreFilters({ search, narrow }: { search: URLSearchParams; narrow: (name: string, value: string) => void }) {
  const [tag, setTag] = useState(search.get("tag") ?? "");
  const at = (name: string) => ({ value: search.get(name) ?? "", onChange: (event: { target: { value: string } }) => narrow(name, event.target.value) });
  return (
    <div className={style.moreFilters}>
      <Select label="Through" {...at("channel")}>
        <option value="">Any</option>
        {Object.entries(CHANNELS).map(([channel, words]) => (
          <option key={channel} value={channel}>
            {words}
          </option>
        ))}
      </Select>
      <Select label="Answers" {...at("sure")}>
        <option value="">Any</option>
        <option value="low">Unsure</option>
      </Select>
      <TextInput label="Changed from" type="date" {...at("from")} />
      <TextInput label="To" type="date" {...at("to")} />
      <TextInput label="Tag" value={tag} onChange={(event) => setTag(event.target.value)} onBlur={() => narrow("tag", tag.trim())} />
      <Button type="submit" onClick={() => narrow("tag", tag.trim())}>
        Apply
      </Button>
    </div>
  );
}
