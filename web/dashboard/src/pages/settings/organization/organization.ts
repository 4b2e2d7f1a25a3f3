import { api, keys, take, useMe, type Wire } from "../../../api";
import { forgetProject } from "../../../app/project";

export type Organization = Wire["OrganizationOut"];
export type Role = Wire["MemberPatch"]["role"];

/** The organisation that the person acts in. */
export function useOrganization(): Organization {
  const { organization } = useMe();
  if (organization === null) throw new Error("You belong to no organisation. Ask somebody to invite you.");
  return organization;
}

export const organizationKey = (id: string, ...rest: readonly unknown[]) => keys.organization(id, ...rest);

export const ROLES: readonly (readonly [Role, string, string])[] = [
  ["owner", "Owner", "Everything, including making owners and deleting projects"],
  ["admin", "Admin", "Everything except making owners and deleting projects"],
  ["agent", "Agent", "Answers in the inbox and works on leads; sees knowledge, widgets and analytics"],
  ["viewer", "Viewer", "Sees all that is in the projects, and changes nothing"],
];

export function nameOfRole(role: string): string {
  return ROLES.find(([one]) => one === role)?.[1] ?? role;
}

/** Out of an organisation that one has left, or that is gone: into another one, where there is one. */
export async function goElsewhere(): Promise<void> {
  const { data: left } = await take(api.GET("/v1/organizations"));
  const next = left[0];
  if (next !== undefined) await take(api.POST("/v1/auth/switch-organization", { body: { organization_id: next.id } }));
  forgetProject();
  window.location.assign("/");
}
