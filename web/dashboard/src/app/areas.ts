import { BarChart3, BookOpen, Building2, CircleUser, ClipboardCheck, Contact, FlaskConical, Inbox, ListChecks, MessageSquare, Settings, type LucideIcon } from "lucide-react";
import type { RouteObject } from "react-router";

import { routes as analytics } from "../pages/analytics/routes";
import { routes as answerTests } from "../pages/answer-tests/routes";
import { routes as inbox } from "../pages/inbox/routes";
import { routes as knowledge } from "../pages/knowledge/routes";
import { routes as leads } from "../pages/leads/routes";
import { routes as overview } from "../pages/overview/routes";
import { routes as playground } from "../pages/playground/routes";
import { accountRoutes, organizationRoutes, routes as settings } from "../pages/settings/routes";
import { routes as widgets } from "../pages/widgets/routes";

export interface Area {
  /** Below `/projects/{project_id}/`. */
  path: string;
  label: string;
  icon: LucideIcon;
  /** The scope a person needs to see it, as a key would. */
  needs: string;
  routes: RouteObject[];
}

/** The areas of a project, in the order of the navigation. An area that is not here does not exist. */
export const AREAS: readonly Area[] = [
  { path: "overview", label: "Overview", icon: ListChecks, needs: "sources:read", routes: overview },
  { path: "inbox", label: "Inbox", icon: Inbox, needs: "conversations:read", routes: inbox },
  { path: "knowledge", label: "Knowledge", icon: BookOpen, needs: "sources:read", routes: knowledge },
  { path: "playground", label: "Playground", icon: FlaskConical, needs: "query", routes: playground },
  { path: "leads", label: "Leads", icon: Contact, needs: "leads:read", routes: leads },
  { path: "widgets", label: "Widgets", icon: MessageSquare, needs: "widgets:read", routes: widgets },
  { path: "analytics", label: "Analytics", icon: BarChart3, needs: "analytics:read", routes: analytics },
  { path: "answer-tests", label: "Answer tests", icon: ClipboardCheck, needs: "sources:read", routes: answerTests },
  { path: "settings", label: "Settings", icon: Settings, needs: "sources:read", routes: settings },
];

/** What is beside all projects: below `/`, and below the areas in the navigation. */
export const BESIDE: readonly Omit<Area, "needs">[] = [
  { path: "organization", label: "Organisation", icon: Building2, routes: organizationRoutes },
  { path: "account", label: "Your account", icon: CircleUser, routes: accountRoutes },
];
