import { keys, type Wire } from "../../api";
import type { Tone } from "../../design";

export type Conversation = Wire["ConversationOut"];
export type Thread = Wire["ConversationWithMessages"];
export type Message = Wire["MessageOut"];
export type Status = Conversation["status"];

export const STATES: Record<Status, [words: string, tone: Tone]> = {
  waiting_human: ["Waiting", "warn"],
  human: ["With a person", "good"],
  open: ["With the bot", "plain"],
  closed: ["Closed", "plain"],
};

export const REASONS: Record<NonNullable<Conversation["escalation"]>["reason"], string> = {
  requested_by_visitor: "The visitor asked for a person",
  low_confidence: "The bot was not sure",
  repeated_failure: "The bot failed several times",
  sensitive_topic: "A sensitive topic",
  agent: "Passed on by a colleague",
  other: "Passed on",
};

export const CHANNELS: Record<string, string> = { widget: "Widget", api: "API", openai: "OpenAI-compatible API", mcp: "MCP", cli: "Command line" };

/** All lists of the inbox. */
export function listsKey(projectId: string) {
  return keys.project(projectId, "conversations", "list");
}

export function threadKey(projectId: string, id: string) {
  return keys.project(projectId, "conversations", "thread", id);
}

/** What it is about, as the list names it. */
export function subjectOf({ subject, last_message: last }: Conversation): string {
  return subject ?? last?.preview ?? "No words yet";
}

/** Who the visitor is, as far as the site or a form told. */
export function visitorOf({ visitor }: Pick<Conversation, "visitor">): string | null {
  return textAt(visitor, "name") ?? textAt(visitor, "email") ?? textAt(visitor, "user_id");
}

/** Text at a name of something that came from outside. */
export function textAt(from: Record<string, unknown> | null, name: string): string | null {
  const value = from?.[name];
  return typeof value === "string" && value !== "" ? value : null;
}

/** Since when somebody waits; null when nobody does. */
export function waitsSince({ status, escalated_at: at, updated_at: changed }: Conversation): string | null {
  return status === "waiting_human" ? (at ?? changed) : null;
}
