const whole = new Intl.NumberFormat("en");
const dollars = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 4 });
const dayOf = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" });
const hourOf = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" });
const languages = new Intl.DisplayNames("en", { type: "language" });
const SECOND_MS = 1_000;

export const NOTHING = "–";

export function count(value: number): string {
  return whole.format(value);
}

export function percent(value: number | null): string {
  return value === null ? NOTHING : `${Math.round(value * 100)}%`;
}

export function duration(ms: number | null): string {
  if (ms === null) return NOTHING;
  return ms < SECOND_MS ? `${Math.round(ms)} ms` : `${(ms / SECOND_MS).toFixed(1)} s`;
}

export function money(value: string | number): string {
  return dollars.format(Number(value));
}

/** A bucket of the volume, in UTC as it is counted. */
export function moment(start: string, interval: "hour" | "day"): string {
  return (interval === "hour" ? hourOf : dayOf).format(new Date(start));
}

export function languageName(code: string): string {
  if (code === "none") return "Not known";
  try {
    return languages.of(code) ?? code;
  } catch {
    return code;
  }
}

const CHANNELS: Record<string, string> = { widget: "Widget", api: "API", mcp: "MCP", openai: "OpenAI-compatible API", none: "Not known" };
const RESOLUTIONS: Record<string, string> = { confirmed: "Confirmed by the visitor", assumed: "Answered, nobody objected", abandoned: "Left without an answer", none: "Still open" };
const STATUSES: Record<string, string> = { open: "With the bot", waiting_human: "Waiting for a person", human: "With a person", closed: "Closed" };

export const channelName = (name: string) => CHANNELS[name] ?? sentence(name);
export const resolutionName = (name: string) => RESOLUTIONS[name] ?? sentence(name);
export const statusName = (name: string) => STATUSES[name] ?? sentence(name);

function sentence(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
