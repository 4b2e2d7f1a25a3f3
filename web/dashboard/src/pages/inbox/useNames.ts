import { useQuery } from "@tanstack/react-query";

import { api, keys, take, useMe, type Wire } from "../../api";

const NAMES_MAX = 100;
const FRESH_MS = 300_000;

/** The people of the organisation, whom a conversation can be given to. */
export function useColleagues(): readonly Wire["MemberOut"][] {
  const organization = useMe().organization?.id ?? "";
  return (
    useQuery({
      queryKey: keys.organization(organization, "members", "names"),
      queryFn: () => take(api.GET("/v1/organizations/{organization_id}/members", { params: { path: { organization_id: organization }, query: { limit: NAMES_MAX } } })),
      staleTime: FRESH_MS,
    }).data?.data ?? []
  );
}

/** What somebody is called: oneself "You"; whoever is not in the organisation as the conversation has them. */
export function useNames(): (assignee: string) => string {
  const me = useMe().user.id;
  const colleagues = useColleagues();
  return (assignee) => {
    if (assignee === me) return "You";
    const found = colleagues.find((one) => one.user_id === assignee);
    return found === undefined ? assignee : found.name || found.email;
  };
}
