import type { RouteObject } from "react-router";

import { lazily } from "../../app/lazily";

export const routes: RouteObject[] = [
  {
    path: "",
    lazy: lazily(async () => (await import("./InboxPage")).InboxPage),
    children: [
      { index: true, lazy: lazily(async () => (await import("./NothingOpen")).NothingOpen) },
      { path: ":conversationId", lazy: lazily(async () => (await import("./ConversationPart")).ConversationPart) },
    ],
  },
];
