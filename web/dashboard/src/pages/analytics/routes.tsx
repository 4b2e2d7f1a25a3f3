import type { RouteObject } from "react-router";

import { lazily } from "../../app/lazily";

export const routes: RouteObject[] = [
  { index: true, lazy: lazily(async () => (await import("./AnalyticsPage")).AnalyticsPage) },
  { path: "confidence", lazy: lazily(async () => (await import("./ConfidencePage")).ConfidencePage) },
  { path: "gaps", lazy: lazily(async () => (await import("./GapsPage")).GapsPage) },
  { path: "gaps/:gapId", lazy: lazily(async () => (await import("./GapPage")).GapPage) },
];
