import { api, keys, take, type Wire } from "../../api";
import type { Range } from "./range";

export type Gap = Wire["GapOut"];
export type GapStatus = Gap["status"];

export const STATUSES: readonly { value: GapStatus; label: string }[] = [
  { value: "open", label: "Open" },
  { value: "answered", label: "Answered" },
  { value: "dismissed", label: "Dismissed" },
];
const AT_MOST = 100;

export const gapsKey = (projectId: string, ...rest: readonly unknown[]) => keys.project(projectId, "gaps", ...rest);

export function statusOf(search: URLSearchParams): GapStatus {
  return STATUSES.find((status) => status.value === search.get("status"))?.value ?? "open";
}

export function loadGaps(projectId: string, { from, to }: Range, status: GapStatus): Promise<Wire["GapsOut"]> {
  return take(api.GET("/v1/projects/{project_id}/analytics/gaps", { params: { path: { project_id: projectId }, query: { from, to, status, limit: AT_MOST } } }));
}

/** A gap of the period, whatever became of it; null where there is none. */
export async function loadGap(projectId: string, range: Range, gapId: string): Promise<Gap | null> {
  for (const { value } of STATUSES) {
    const found = (await loadGaps(projectId, range, value)).data.find((gap) => gap.id === gapId);
    if (found !== undefined) return found;
  }
  return null;
}

export function settle(projectId: string, gapId: string, status: GapStatus): Promise<Gap> {
  return take(api.PATCH("/v1/projects/{project_id}/analytics/gaps/{gap_id}", { params: { path: { project_id: projectId, gap_id: gapId } }, body: { status }, keepalive: true }));
}
