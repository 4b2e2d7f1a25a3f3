import { ButtonLink, EmptyState, Page, PageHeader } from "../design";

/** For an address that leads nowhere, or to what this person may not see: the two must look alike. */
export function NothingHere() {
  return (
    <Page>
      <PageHeader title="There is nothing here" />
      <EmptyState title="This address leads nowhere" action={<ButtonLink to="/">Go to the overview</ButtonLink>}>
        It may have been deleted, or belong to another organisation than the one you are in.
      </EmptyState>
    </Page>
  );
}
