import { keys, type Wire } from "../../api";
import type { Tone } from "../../design";

export type Lead = Wire["LeadOut"];
export type Stage = Lead["stage"];
export type Trigger = Lead["trigger"];

export const STAGES: Record<Stage, [string, Tone]> = {
  new: ["New", "busy"],
  contacted: ["Contacted", "plain"],
  qualified: ["Qualified", "warn"],
  won: ["Won", "good"],
  lost: ["Lost", "plain"],
};

export const TRIGGERS: Record<Trigger, string> = {
  message_count: "After some messages",
  keyword: "After a certain word",
  idle: "While it was quiet",
  manual: "Left unasked",
  api: "By hand or program",
};

/** What people call it: a name, or how the person can be reached. */
export function nameOf(lead: Lead): string {
  return lead.name ?? lead.email ?? lead.phone ?? "Somebody";
}

export const leadsKey = (projectId: string, ...rest: readonly unknown[]) => keys.project(projectId, "leads", ...rest);
export const leadKey = (projectId: string, leadId: string) => keys.project(projectId, "lead", leadId);
export const pathOf = (lead: Lead) => ({ project_id: lead.project_id, lead_id: lead.id });

/** A field of a lead as it is typed. What is no text (a list, a number) is shown and left as it is. */
export interface TypedField {
  key: string;
  name: string;
  value: string;
}

export function typedFields(lead: Lead | null): TypedField[] {
  return Object.entries(lead?.fields ?? {})
    .filter((field): field is [string, string] => typeof field[1] === "string")
    .map(([name, value]) => ({ key: name, name, value }));
}

export function otherFields(lead: Lead | null): [string, unknown][] {
  return Object.entries(lead?.fields ?? {}).filter(([, value]) => typeof value !== "string");
}

/** The fields as a merge patch: `null` for each text that is no longer there. */
export function fieldsPatch(before: readonly TypedField[], now: readonly TypedField[]): Record<string, string | null> {
  const named = now.filter((field) => field.name.trim() !== "");
  return {
    ...Object.fromEntries(before.map((field) => [field.name, null])),
    ...Object.fromEntries(named.map((field) => [field.name.trim(), field.value])),
  };
}
