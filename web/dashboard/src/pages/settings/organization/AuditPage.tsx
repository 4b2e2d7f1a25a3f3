import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";

import { api, keys, take, useKeysetList, type Wire } from "../../../api";
import { useNarrow } from "../../../app/narrow";
import { EmptyState, Field, PageHeader, Select, Table, Time, type Column } from "../../../design";
import style from "../shared/Settings.module.css";
import { ACTS } from "./acts";
import { organizationKey, useOrganization } from "./organization";

type Entry = Wire["AuditEntryOut"];
const AT_ONCE = 50;
const NAMES_MAX = 100;

/** Who did what, newest first; what it is narrowed to is in the address. */
export function AuditPage() {
  const { id } = useOrganization();
  const [search] = useSearchParams();
  const names = useNames(id);
  const projects = useProjectNames();
  const filters = filtersOf(search);
  const list = useKeysetList<Entry>(organizationKey(id, "audit-log", filters), (cursor, signal) =>
    take(api.GET("/v1/organizations/{organization_id}/audit-log", { params: { path: { organization_id: id }, query: { limit: AT_ONCE, ...filters, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const columns: Column<Entry>[] = [
    { label: "Act", cell: (row) => <span className={style.nowrap}>{ACTS[row.action] ?? row.action}</span> },
    { label: "By", cell: (row) => nameOf(row.actor_id, names) },
    { label: "What", cell: (row) => <Target row={row} projects={projects} /> },
    { label: "When", cell: (row) => <span className={style.nowrap}><Time at={row.created_at} /></span> },
  ];
  return (
    <>
      <PageHeader title="Audit log" words="Every administrative act in this organisation. It cannot be changed." />
      <Filters names={names} />
      <Table label="Audit log" list={list} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title="No act is like that">Choose less above, or another day.</EmptyState>} />
    </>
  );
}

function filtersOf(search: URLSearchParams) {
  const day = (name: string, end: string) => (search.get(name) ? { [name]: new Date(`${search.get(name)}T${end}`).toISOString() } : {});
  const word = (name: string) => (search.get(name) ? { [name]: search.get(name) ?? "" } : {});
  return { ...word("actor"), ...word("action"), ...day("from", "00:00:00"), ...day("to", "23:59:59.999") } as { actor?: string; action?: string; from?: string; to?: string };
}

function useNames(organizationId: string): ReadonlyMap<string, string> {
  const { data } = useQuery({
    queryKey: organizationKey(organizationId, "members", "names"),
    queryFn: () => take(api.GET("/v1/organizations/{organization_id}/members", { params: { path: { organization_id: organizationId }, query: { limit: NAMES_MAX } } })),
  });
  return new Map([...(data?.data ?? []).map((member) => [member.user_id, member.name] as const), ["command_line", "Command line"]]);
}

function nameOf(actorId: string, names: ReadonlyMap<string, string>) {
  const name = names.get(actorId);
  if (name !== undefined) return name;
  return (
    <span className={style.stack}>
      <span>{actorId.startsWith("key_") ? "An API key" : "Somebody who left"}</span>
      <span className={style.code}>{actorId}</span>
    </span>
  );
}

function useProjectNames(): ReadonlyMap<string, string> {
  const { data } = useQuery({ queryKey: [...keys.projects, "names"], queryFn: () => take(api.GET("/v1/projects", { params: { query: { limit: NAMES_MAX } } })) });
  return new Map((data?.data ?? []).map((project) => [project.id, project.name]));
}

/** "changed: name, privacy"; what is inside of something is left as it is. */
function said(value: unknown): string {
  if (Array.isArray(value)) return value.map(said).join(", ");
  return typeof value === "string" ? (value.includes(".") ? value : value.replaceAll("_", " ")) : JSON.stringify(value);
}

function Target({ row, projects }: { row: Entry; projects: ReadonlyMap<string, string> }) {
  const details = Object.entries(row.details).map(([name, value]) =>
    name === "project_id" ? `project: ${projects.get(String(value)) ?? String(value)}` : `${name.replaceAll("_", " ")}: ${name === "email" ? String(value) : said(value)}`,
  );
  return (
    <span className={style.stack}>
      {details.length > 0 && <span>{details.join(", ")}</span>}
      <span className={style.code}>{row.target}</span>
    </span>
  );
}

function Filters({ names }: { names: ReadonlyMap<string, string> }) {
  const [search] = useSearchParams();
  const narrow = useNarrow();
  return (
    <div className={style.filters}>
      <Select label="Act" value={search.get("action") ?? ""} onChange={(event) => narrow("action", event.target.value)}>
        <option value="">All</option>
        {Object.entries(ACTS).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      <Select label="By" value={search.get("actor") ?? ""} onChange={(event) => narrow("actor", event.target.value)}>
        <option value="">Anybody</option>
        {[...names].map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      {[
        ["from", "From"],
        ["to", "To"],
      ].map(([name = "", label = ""]) => (
        <Field key={name} label={label}>
          {(wiring) => <input {...wiring} type="date" className={style.time} value={search.get(name) ?? ""} onChange={(event) => narrow(name, event.target.value)} />}
        </Field>
      ))}
    </div>
  );
}
