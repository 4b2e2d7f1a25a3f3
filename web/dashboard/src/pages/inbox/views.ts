import { useSearchParams } from "react-router";

import { CHANNELS, type Conversation, type Status } from "./conversation";

export type View = "waiting" | "mine" | "open" | "all" | "closed";

interface ViewRule {
  label: string;
  status?: Status;
  emptyTitle: string;
  emptyWords: string;
}

export const VIEWS: Record<View, ViewRule> = {
  waiting: { label: "Waiting", status: "waiting_human", emptyTitle: "Nobody is waiting", emptyWords: "When a visitor asks for a person, the conversation appears here at once." },
  mine: { label: "Mine", status: "human", emptyTitle: "You have no conversation", emptyWords: "What you take or reply to stands here until it is handed back or closed." },
  open: { label: "With the bot", status: "open", emptyTitle: "The bot talks to nobody", emptyWords: "Conversations that the bot answers stand here." },
  all: { label: "All", emptyTitle: "No conversations yet", emptyWords: "They appear here as soon as somebody asks something, in the widget or through the API." },
  closed: { label: "Closed", status: "closed", emptyTitle: "Nothing is closed", emptyWords: "Closed conversations stand here. One opens again when its visitor writes." },
};

/** What the API is asked for, for a view of this person. */
export function askedFor(view: View, me: string): { status?: Status; assignee?: string } {
  const { status } = VIEWS[view];
  return { ...(status === undefined ? {} : { status }), ...(view === "mine" ? { assignee: me } : {}) };
}

/** What a list is narrowed to, as the API takes it. */
export interface Filters {
  q?: string;
  channel?: string;
  tag?: string;
  from?: string;
  to?: string;
  max_confidence?: number;
}

const LOW = 0.5;

export function useView(): View {
  const view = useSearchParams()[0].get("view");
  return view !== null && view in VIEWS ? (view as View) : "waiting";
}

/** What the address asks for; what it says wrongly is passed over. */
export function useFilters(): Filters {
  const { q, channel, tag, from, to, sure } = Object.fromEntries(useSearchParams()[0]);
  const since = dayOf(from, 0);
  const until = dayOf(to, 1);
  return {
    ...(q ? { q } : {}),
    ...(tag ? { tag } : {}),
    ...(channel !== undefined && channel in CHANNELS ? { channel } : {}),
    ...(since === null ? {} : { from: since }),
    ...(until === null ? {} : { to: until }),
    ...(sure === "low" ? { max_confidence: LOW } : {}),
  };
}

export function hasFilters(filters: Filters): boolean {
  return Object.keys(filters).length > 0;
}

/** Whether a conversation as it is now stands in a view; `null` where only the server can say, as with words in its messages. */
export function belongs(row: Conversation, view: View, filters: Filters, me: string): boolean | null {
  const { status } = VIEWS[view];
  if (status !== undefined && row.status !== status) return false;
  if (view === "mine" && row.assignee !== me) return false;
  if (filters.channel !== undefined && row.channel !== filters.channel) return false;
  if (filters.tag !== undefined && !row.tags.includes(filters.tag)) return false;
  if (filters.to !== undefined && new Date(row.updated_at) >= new Date(filters.to)) return false;
  return filters.q === undefined && filters.max_confidence === undefined ? true : null;
}

/** The first moment of a day of the address, here, so many days later. */
function dayOf(day: string | undefined, later: number): string | null {
  const [year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day ?? "")?.slice(1).map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return null;
  return new Date(year, month - 1, date + later).toISOString();
}
