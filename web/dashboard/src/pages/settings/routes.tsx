import { Navigate, type RouteObject } from "react-router";

import { lazily } from "../../app/lazily";

/** Of one project: `/projects/{project_id}/settings/…`. */
export const routes: RouteObject[] = [
  {
    lazy: lazily(async () => (await import("./project/SettingsFrame")).SettingsFrame),
    children: [
      { index: true, element: <Navigate to="general" replace /> },
      { path: "general", lazy: lazily(async () => (await import("./project/GeneralPage")).GeneralPage) },
      { path: "answers", lazy: lazily(async () => (await import("./project/AnswersPage")).AnswersPage) },
      { path: "privacy", lazy: lazily(async () => (await import("./project/PrivacyPage")).PrivacyPage) },
      { path: "models", lazy: lazily(async () => (await import("./project/ModelsPage")).ModelsPage) },
      { path: "budget", lazy: lazily(async () => (await import("./project/BudgetPage")).BudgetPage) },
      { path: "hand-off", lazy: lazily(async () => (await import("./project/HandOffPage")).HandOffPage) },
      { path: "pinned", lazy: lazily(async () => (await import("./project/PinnedListPage")).PinnedListPage) },
      { path: "keys", lazy: lazily(async () => (await import("./project/ProjectKeysPage")).ProjectKeysPage) },
      { path: "webhooks", lazy: lazily(async () => (await import("./project/WebhooksPage")).WebhooksPage) },
    ],
  },
  { path: "events", lazy: lazily(async () => (await import("./project/EventsPage")).EventsPage) },
  { path: "pinned/new", lazy: lazily(async () => (await import("./project/PinnedPage")).NewPinnedPage) },
  { path: "pinned/:pinnedId", lazy: lazily(async () => (await import("./project/PinnedPage")).PinnedPage) },
  { path: "webhooks/new", lazy: lazily(async () => (await import("./project/NewWebhookPage")).NewWebhookPage) },
  { path: "webhooks/:webhookId", lazy: lazily(async () => (await import("./project/WebhookPage")).WebhookPage) },
  { path: "webhooks/:webhookId/deliveries/:deliveryId", lazy: lazily(async () => (await import("./project/DeliveryPage")).DeliveryPage) },
];

/** `/organization/…`. */
export const organizationRoutes: RouteObject[] = [
  {
    lazy: lazily(async () => (await import("./organization/OrganizationFrame")).OrganizationFrame),
    children: [
      { index: true, element: <Navigate to="team" replace /> },
      { path: "team", lazy: lazily(async () => (await import("./organization/TeamPage")).TeamPage) },
      { path: "clients", lazy: lazily(async () => (await import("./organization/ClientsPage")).ClientsPage) },
      { path: "usage", lazy: lazily(async () => (await import("./organization/UsagePage")).UsagePage) },
      { path: "audit-log", lazy: lazily(async () => (await import("./organization/AuditPage")).AuditPage) },
      { path: "keys", lazy: lazily(async () => (await import("./organization/OrganizationKeysPage")).OrganizationKeysPage) },
      { path: "general", lazy: lazily(async () => (await import("./organization/OrganizationPage")).OrganizationPage) },
    ],
  },
];

/** `/account/…`. */
export const accountRoutes: RouteObject[] = [
  {
    lazy: lazily(async () => (await import("./account/AccountFrame")).AccountFrame),
    children: [
      { index: true, element: <Navigate to="profile" replace /> },
      { path: "profile", lazy: lazily(async () => (await import("./account/ProfilePage")).ProfilePage) },
      { path: "security", lazy: lazily(async () => (await import("./account/SecurityPage")).SecurityPage) },
      { path: "sessions", lazy: lazily(async () => (await import("./account/SessionsPage")).SessionsPage) },
    ],
  },
];
