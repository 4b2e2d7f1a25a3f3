import { keys, type Wire } from "../../api";

export type Lead = Wire["LeadOut"];
export type Stage = Lead["stage"];

export const STAGES: Record<Stage, string> = { new: "New", contacted: "Contacted", qualified: "Qualified", won: "Won", lost: "Lost" };

export const TRIGGERS: Record<Lead["trigger"], string> = {
  message_count: "Asked after some messages",
  keyword: "Asked because of a word",
  idle: "Asked while idle",
  manual: "The visitor wanted to",
  api: "Added through the API",
};

export function leadsKey(projectId: string, ...rest: readonly unknown[]) {
  return keys.project(projectId, "leads", ...rest);
}

export function nameOf(lead: Lead): string {
  return lead.name ?? lead.email ?? lead.phone ?? "Without a name";
}
