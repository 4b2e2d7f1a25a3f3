import { Search, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

import { Button, Form, Select, TextInput } from "../../design";
import { STAGES, TRIGGERS, type Stage, type Trigger } from "./lead";
import style from "./Leads.module.css";

const NAMES = ["q", "stage", "trigger", "from", "to"] as const;
type Name = (typeof NAMES)[number];

export interface Filters {
  q?: string;
  stage?: Stage;
  trigger?: Trigger;
  from?: string;
  to?: string;
}

/** The moment at which a day begins here, `days` later; nothing where it is no day. */
function beginning(day: string | null, days = 0): string | null {
  if (day === null || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + days);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** What the address asks for; what it says wrongly is passed over. A day counts whole. */
export function useFilters(): Filters {
  const [search] = useSearchParams();
  const { q, stage, trigger } = Object.fromEntries(search);
  const from = beginning(search.get("from"));
  const to = beginning(search.get("to"), 1);
  return {
    ...(q ? { q } : {}),
    ...(stage !== undefined && stage in STAGES ? { stage: stage as Stage } : {}),
    ...(trigger !== undefined && trigger in TRIGGERS ? { trigger: trigger as Trigger } : {}),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
  };
}

export function hasFilters(filters: Filters): boolean {
  return Object.keys(filters).length > 0;
}

/** Search and filters of the list; they stand in its address. */
export function LeadFilters({ isFiltered }: { isFiltered: boolean }) {
  const [search, setSearch] = useSearchParams();
  const asked = search.get("q") ?? "";
  const [q, setQ] = useState(asked);
  useEffect(() => setQ(asked), [asked]);
  const narrow = (name: Name, value: string) =>
    setSearch((before) => {
      const now = Object.fromEntries(NAMES.map((each) => [each, before.get(each) ?? ""]));
      return Object.fromEntries(Object.entries({ ...now, [name]: value.trim() }).filter(([, each]) => each !== ""));
    });
  const day = (name: "from" | "to", label: string) => <TextInput label={label} type="date" value={search.get(name) ?? ""} onChange={(event) => narrow(name, event.target.value)} />;
  return (
    <search aria-label="Filter leads">
      <Form onSubmit={() => narrow("q", q)}>
        <div className={style.filters}>
          <TextInput label="Search" type="search" placeholder="Name, e-mail or phone" value={q} onChange={(event) => setQ(event.target.value)} />
          <Choice label="Stage" value={search.get("stage") ?? ""} options={Object.entries(STAGES).map(([value, [words]]) => [value, words])} onChange={(value) => narrow("stage", value)} />
          <Choice label="How it came" value={search.get("trigger") ?? ""} options={Object.entries(TRIGGERS)} onChange={(value) => narrow("trigger", value)} />
          {day("from", "From")}
          {day("to", "To")}
          <div className={style.row}>
            <Button type="submit" icon={Search}>
              Search
            </Button>
            {isFiltered && (
              <Button kind="quiet" icon={X} onClick={() => setSearch({})}>
                Clear
              </Button>
            )}
          </div>
        </div>
      </Form>
    </search>
  );
}

function Choice({ label, value, options, onChange }: { label: string; value: string; options: [string, string][]; onChange: (value: string) => void }) {
  return (
    <Select label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">Any</option>
      {options.map(([each, words]) => (
        <option key={each} value={each}>
          {words}
        </option>
      ))}
    </Select>
  );
}
