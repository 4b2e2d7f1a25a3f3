import { useQuery } from "@tanstack/react-query";
import { Navigate, Outlet, useLocation } from "react-router";

import { api, hasCode, keys, take, useMeQuery } from "../api";
import { ErrorNote, Skeleton } from "../design";
import { Alone } from "./Alone";
import { lastProjectId } from "./project";

/** What is below is for people who are signed in; others are asked to, and come back to where they wanted to go. */
export function SignedIn() {
  const me = useMeQuery();
  const { pathname, search } = useLocation();
  if (me.data) return <Outlet />;
  if (hasCode(me.error, "unauthenticated")) {
    const next = pathname === "/" ? "" : `?next=${encodeURIComponent(pathname + search)}`;
    return <Navigate to={`/sign-in${next}`} replace />;
  }
  return <Alone>{me.error ? <ErrorNote error={me.error} onRetry={() => void me.refetch()} /> : <Skeleton />}</Alone>;
}

/** `/`: the project one was in last, or the first there is. */
export function Home() {
  const projects = useQuery({
    queryKey: [...keys.projects, "home"],
    queryFn: () => take(api.GET("/v1/projects", { params: { query: { limit: 100 } } })),
  });
  if (projects.data === undefined) {
    return <Alone>{projects.error ? <ErrorNote error={projects.error} onRetry={() => void projects.refetch()} /> : <Skeleton />}</Alone>;
  }
  const last = lastProjectId();
  const known = projects.data.data;
  const chosen = known.find((project) => project.id === last) ?? known.at(-1);
  return <Navigate to={chosen === undefined ? "/welcome" : `/projects/${chosen.id}`} replace />;
}
