import { api, keys, take, type Wire } from "../../api";
import type { Tone } from "../../design";

export type Source = Wire["SourceOut"];
export type SourceType = Source["type"];

export const TYPES: Record<SourceType, string> = { url: "Page or site", file: "File", raw: "Text", github: "GitHub", drive: "Google Drive" };

const STATES: Record<Source["status"], [string, Tone]> = {
  pending: ["Waiting", "busy"],
  processing: ["Reading", "busy"],
  ready: ["Ready", "good"],
  partial: ["Ready, with gaps", "warn"],
  held: ["Held back", "warn"],
  failed: ["Failed", "bad"],
  deleting: ["Deleting", "plain"],
};

export function stateOf(source: Source): { words: string; tone: Tone } {
  const [words, tone] = STATES[source.status];
  return { words, tone };
}

export function isUnderWay(source: Source): boolean {
  return source.status === "pending" || source.status === "processing";
}

/** What people call it: its title, or where it is from. */
export function nameOf(source: Source): string {
  return source.title ?? source.locator ?? TYPES[source.type];
}

export const sourcesKey = (projectId: string) => keys.project(projectId, "sources");

export function createSource(projectId: string, body: Wire["NewSource"]): Promise<Source> {
  return take<Source>(api.POST("/v1/projects/{project_id}/sources", { params: { path: { project_id: projectId } }, body }));
}

/** Files go as a form; the types know the JSON form alone. */
export function uploadSource(projectId: string, file: File): Promise<Source> {
  const form = new FormData();
  form.append("file", file);
  return take<Source>(
    api.POST("/v1/projects/{project_id}/sources", {
      params: { path: { project_id: projectId } },
      body: form as unknown as Wire["NewSource"],
      bodySerializer: (body) => body as unknown as FormData,
    }),
  );
}
