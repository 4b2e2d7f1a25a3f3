import { useCan, useMe } from "../../../api";
import { EmptyState, Page, PageHeader } from "../../../design";
import { Frame } from "../shared/Frame";

/** What is beside all projects. The log and the keys are for those who run the organisation. */
export function OrganizationFrame() {
  const runs = useCan("*");
  const { organization } = useMe();
  if (organization === null) {
    return (
      <Page>
        <PageHeader title="Organisation" />
        <EmptyState title="You belong to no organisation">Ask an owner or admin of one to invite you.</EmptyState>
      </Page>
    );
  }
  const links = [
    { to: "/organization/team", label: "Team" },
    { to: "/organization/clients", label: "Clients" },
    { to: "/organization/usage", label: "Plan and usage" },
    ...(runs
      ? [
          { to: "/organization/audit-log", label: "Audit log" },
          { to: "/organization/keys", label: "API keys" },
        ]
      : []),
    { to: "/organization/general", label: "General" },
  ];
  return <Frame label="Organisation" links={links} />;
}
