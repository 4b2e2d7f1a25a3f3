import type { RouteObject } from "react-router";

import { lazily } from "../../app/lazily";

export const routes: RouteObject[] = [
  { index: true, lazy: lazily(async () => (await import("./LeadsPage")).LeadsPage) },
  { path: "new", lazy: lazily(async () => (await import("./NewLeadPage")).NewLeadPage) },
  { path: ":leadId", lazy: lazily(async () => (await import("./LeadPage")).LeadPage) },
];
