import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, useEffect, type ReactNode } from "react";
import { useParams } from "react-router";

import { api, hasCode, keys, take, type Wire } from "../api";
import { ErrorNote, Page, Skeleton } from "../design";
import { NothingHere } from "./NothingHere";

export type Project = Wire["ProjectOut"];

const LAST = "aivastark-project";
const Here = createContext<Project | null>(null);

/** The project of the address. */
export function useProject(): Project {
  const project = useContext(Here);
  if (project === null) throw new Error("This page is below no project.");
  return project;
}

/** Where the person was last in this browser. */
export function lastProjectId(): string | null {
  return localStorage.getItem(LAST);
}

/** The project that the person is in, also on pages beside all projects: there, the one they were last in. */
export function useProjectId(): string | null {
  return useParams().projectId ?? lastProjectId();
}

/** It is gone, or the person is elsewhere now: nobody is to be led there. Without an id, whichever it is. */
export function forgetProject(id = lastProjectId()): void {
  if (lastProjectId() === id) localStorage.removeItem(LAST);
}

/** What is below a project's address, once it is known that there is one. */
export function InProject({ children }: { children: ReactNode }) {
  const id = useParams().projectId ?? "";
  const query = useQuery({
    queryKey: keys.project(id),
    queryFn: () => take(api.GET("/v1/projects/{project_id}", { params: { path: { project_id: id } } })),
  });
  useEffect(() => {
    if (query.data) localStorage.setItem(LAST, id);
  }, [id, query.data]);
  if (query.data) return <Here.Provider value={query.data}>{children}</Here.Provider>;
  if (hasCode(query.error, "not_found")) return <NothingHere />;
  return <Page>{query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : <Skeleton lines={6} />}</Page>;
}
