import type { RouteObject } from "react-router";

import { lazily } from "../../app/lazily";

export const routes: RouteObject[] = [
  { index: true, lazy: lazily(async () => (await import("./TestsPage")).TestsPage) },
  { path: "new", lazy: lazily(async () => (await import("./NewTestPage")).NewTestPage) },
  { path: "runs", lazy: lazily(async () => (await import("./RunsPage")).RunsPage) },
  { path: "runs/:runId", lazy: lazily(async () => (await import("./RunPage")).RunPage) },
  { path: ":testId", lazy: lazily(async () => (await import("./TestPage")).TestPage) },
];
