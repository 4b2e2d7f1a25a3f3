import { BookOpen, ListChecks, type LucideIcon } from "lucide-react";
import type { RouteObject } from "react-router";

import { routes as knowledge } from "../pages/knowledge/routes";
import { routes as overview } from "../pages/overview/routes";

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
  { path: "knowledge", label: "Knowledge", icon: BookOpen, needs: "sources:read", routes: knowledge },
];
