import { api, keys, take, type ListPage, type Wire } from "../../../api";

export type Key = Wire["KeyOut"];

/** Where keys are: those of a project, or those of the whole organisation. The same six calls, at two addresses. */
export interface KeyHome {
  queryKey: readonly unknown[];
  list: (cursor: string | undefined, signal: AbortSignal) => Promise<ListPage<Key>>;
  make: (body: Wire["NewKey"]) => Promise<Wire["KeyMade"]>;
  rename: (keyId: string, name: string) => Promise<Key>;
  rotate: (keyId: string, overlapSeconds: number) => Promise<Wire["KeyMade"]>;
  revoke: (keyId: string) => Promise<unknown>;
}

const AT_ONCE = 50;
const page = (cursor: string | undefined) => ({ limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) });

export function projectKeys(projectId: string): KeyHome {
  const home = { project_id: projectId };
  const one = (keyId: string) => ({ path: { ...home, key_id: keyId } });
  return {
    queryKey: keys.project(projectId, "keys"),
    list: (cursor, signal) => take(api.GET("/v1/projects/{project_id}/api-keys", { params: { path: home, query: page(cursor) }, signal })),
    make: (body) => take(api.POST("/v1/projects/{project_id}/api-keys", { params: { path: home }, body })),
    rename: (keyId, name) => take(api.PATCH("/v1/projects/{project_id}/api-keys/{key_id}", { params: one(keyId), body: { name } })),
    rotate: (keyId, overlap) => take(api.POST("/v1/projects/{project_id}/api-keys/{key_id}/rotate", { params: one(keyId), body: { overlap_seconds: overlap } })),
    revoke: (keyId) => take(api.DELETE("/v1/projects/{project_id}/api-keys/{key_id}", { params: one(keyId) })),
  };
}

export function organizationKeys(organizationId: string): KeyHome {
  const home = { organization_id: organizationId };
  const one = (keyId: string) => ({ path: { ...home, key_id: keyId } });
  return {
    queryKey: keys.organization(organizationId, "keys"),
    list: (cursor, signal) => take(api.GET("/v1/organizations/{organization_id}/api-keys", { params: { path: home, query: page(cursor) }, signal })),
    make: (body) => take(api.POST("/v1/organizations/{organization_id}/api-keys", { params: { path: home }, body })),
    rename: (keyId, name) => take(api.PATCH("/v1/organizations/{organization_id}/api-keys/{key_id}", { params: one(keyId), body: { name } })),
    rotate: (keyId, overlap) => take(api.POST("/v1/organizations/{organization_id}/api-keys/{key_id}/rotate", { params: one(keyId), body: { overlap_seconds: overlap } })),
    revoke: (keyId) => take(api.DELETE("/v1/organizations/{organization_id}/api-keys/{key_id}", { params: one(keyId) })),
  };
}
