import { createBrowserRouter, Navigate, Outlet, useParams } from "react-router";

import { doors } from "../pages/door/routes";
import { welcome } from "../pages/welcome/routes";
import { AREAS, BESIDE } from "./areas";
import { Broken } from "./Broken";
import { NothingHere } from "./NothingHere";
import { InProject } from "./project";
import { Shell } from "./Shell";
import { Home, SignedIn } from "./SignedIn";
import { SignInAgain } from "./SignInAgain";

function Root() {
  return (
    <>
      <Outlet />
      <SignInAgain />
    </>
  );
}

function BelowProject() {
  return (
    <InProject key={useParams().projectId}>
      <Outlet />
    </InProject>
  );
}

/** Every address there is. */
export function makeRouter() {
  return createBrowserRouter([
    {
      Component: Root,
      ErrorBoundary: Broken,
      HydrateFallback: () => null,
      children: [
        ...doors,
        {
          Component: SignedIn,
          children: [
            { index: true, Component: Home },
            ...welcome,
            {
              Component: Shell,
              children: [
                {
                  path: "projects/:projectId",
                  Component: BelowProject,
                  children: [
                    { index: true, element: <Navigate to="overview" replace /> },
                    ...AREAS.map(({ path, routes }) => ({ path, ErrorBoundary: Broken, children: routes })),
                    { path: "*", Component: NothingHere },
                  ],
                },
                ...BESIDE.map(({ path, routes }) => ({ path, ErrorBoundary: Broken, children: routes })),
              ],
            },
            { path: "*", Component: NothingHere },
          ],
        },
      ],
    },
  ]);
}
