import { Outlet } from "react-router";

import { Page, TabLinks, type TabLink } from "../../../design";

/** Pages beside each other: the way between them, and below it the one that is open, with its own title. */
export function Frame({ label, links }: { label: string; links: readonly TabLink[] }) {
  return (
    <Page>
      <TabLinks label={label} links={links} />
      <Outlet />
    </Page>
  );
}
