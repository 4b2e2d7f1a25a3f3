import { useRouteError } from "react-router";

import { Button, EmptyState, Page, PageHeader } from "../design";

/** For a mistake of ours in a page, and for code that could not be loaded, as after a new release. */
export function Broken() {
  const error = useRouteError();
  return (
    <Page>
      <PageHeader title="This page broke" />
      <EmptyState
        title="Something went wrong in this page"
        action={
          <Button kind="primary" onClick={() => window.location.reload()}>
            Load it again
          </Button>
        }
      >
        {error instanceof Error ? error.message : "Load it again; nothing that was saved is lost."}
      </EmptyState>
    </Page>
  );
}
