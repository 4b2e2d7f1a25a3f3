// The names under which answers are kept. All of a project's begin alike, so that a change can drop a branch of them.
export const keys = {
  me: ["me"] as const,
  organizations: ["organizations"] as const,
  projects: ["projects"] as const,
  organization: (id: string, ...rest: readonly unknown[]) => ["organization", id, ...rest] as const,
  project: (id: string, ...rest: readonly unknown[]) => ["project", id, ...rest] as const,
};
