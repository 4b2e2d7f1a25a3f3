import type { RouteObject } from "react-router";

import { lazily } from "../../app/lazily";

export const routes: RouteObject[] = [
  { index: true, lazy: lazily(async () => (await import("./SourcesPage")).SourcesPage) },
  { path: "new", lazy: lazily(async () => (await import("./NewSourcePage")).NewSourcePage) },
  { path: ":sourceId/documents/:documentId", lazy: lazily(async () => (await import("./DocumentPage")).DocumentPage) },
  { path: ":sourceId/versions/:version", lazy: lazily(async () => (await import("./VersionPage")).VersionPage) },
  {
    path: ":sourceId",
    lazy: lazily(async () => (await import("./SourcePage")).SourcePage),
    children: [
      { index: true, lazy: lazily(async () => (await import("./DocumentsPart")).DocumentsPart) },
      { path: "failures", lazy: lazily(async () => (await import("./FailuresPart")).FailuresPart) },
      { path: "versions", lazy: lazily(async () => (await import("./VersionsPart")).VersionsPart) },
      { path: "settings", lazy: lazily(async () => (await import("./SettingsPart")).SettingsPart) },
    ],
  },
];
