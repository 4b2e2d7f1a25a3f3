import type { RouteObject } from "react-router";

import { lazily } from "../../app/lazily";

export const routes: RouteObject[] = [
  { index: true, lazy: lazily(async () => (await import("./WidgetsPage")).WidgetsPage) },
  { path: "new", lazy: lazily(async () => (await import("./NewWidgetPage")).NewWidgetPage) },
  {
    path: ":widgetId",
    lazy: lazily(async () => (await import("./WidgetPage")).WidgetPage),
    children: [
      { index: true, lazy: lazily(async () => (await import("./LookTab")).LookTab) },
      { path: "content", lazy: lazily(async () => (await import("./ContentTab")).ContentTab) },
      { path: "behavior", lazy: lazily(async () => (await import("./BehaviorTab")).BehaviorTab) },
      { path: "leads", lazy: lazily(async () => (await import("./LeadsTab")).LeadsTab) },
      { path: "handoff", lazy: lazily(async () => (await import("./HandoffTab")).HandoffTab) },
      { path: "security", lazy: lazily(async () => (await import("./SecurityTab")).SecurityTab) },
      { path: "install", lazy: lazily(async () => (await import("./InstallTab")).InstallTab) },
      { path: "history", lazy: lazily(async () => (await import("./HistoryTab")).HistoryTab) },
    ],
  },
];
