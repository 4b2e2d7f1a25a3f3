// What the roles of people reach, as aivastark/accounts/roles.py has it; the server decides, this only hides what it would refuse.
export type Role = "owner" | "admin" | "agent" | "viewer";

const AGENT = new Set(["query", "conversations", "leads", "sources:read", "widgets:read", "analytics:read", "webhooks:read"]);

/** Whether a role reaches a scope: `can(role, "sources")` to change them, `can(role, "sources:read")` to see them. */
export function can(role: string | null, scope: string): boolean {
  if (role === "owner" || role === "admin") return true;
  const [resource = "", right] = scope.split(":");
  if (role === "agent") return AGENT.has(scope) || (right === "read" && AGENT.has(resource));
  return role === "viewer" && right === "read";
}
