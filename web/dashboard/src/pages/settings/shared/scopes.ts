/** What keys can be allowed, in the words of what they open. */
export const SCOPES: readonly (readonly [string, string])[] = [
  ["query", "Ask questions and search"],
  ["sources", "Knowledge"],
  ["conversations", "Conversations"],
  ["leads", "Leads"],
  ["widgets", "Widgets"],
  ["webhooks", "Webhooks and events"],
  ["analytics", "Analytics and usage"],
];

const NAMES = new Map(SCOPES);

/** "Everything", or what it opens, with "(read)" where it changes nothing. */
export function rightsOf(scopes: readonly string[]): string {
  if (scopes.includes("*")) return "Everything";
  return scopes
    .map((scope) => {
      const [resource = "", right] = scope.split(":");
      return `${NAMES.get(resource) ?? resource}${right === "read" ? " (read)" : ""}`;
    })
    .join(", ");
}
