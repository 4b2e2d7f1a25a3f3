import { api, keys, take, type Wire } from "../../api";
import type { Tone } from "../../design";

export type Source = Wire["SourceOut"];
export type SourceType = Source["type"];
export type SourceStatus = Source["status"];
export type NewSource = Wire["NewSource"];

export const TYPES: Record<SourceType, string> = { url: "Page or site", file: "File", raw: "Text", github: "GitHub", drive: "Google Drive" };

export const STATES: Record<SourceStatus, [string, Tone]> = {
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
export function nameOf(source: { title: string | null; locator: string | null; type: SourceType }): string {
  return source.title ?? source.locator ?? TYPES[source.type];
}

/** Where it is from, if that is a page one can open. */
export function originOf(source: Source): string | null {
  return source.locator !== null && /^https?:\/\//.test(source.locator) ? source.locator : null;
}

export const sourcesKey = (projectId: string) => keys.project(projectId, "sources");
export const sourceKey = (projectId: string, sourceId: string, ...rest: readonly unknown[]) => keys.project(projectId, "source", sourceId, ...rest);

export const pathOf = (source: Source) => ({ project_id: source.project_id, source_id: source.id });

export function createSource(projectId: string, body: NewSource): Promise<Source> {
  return take<Source>(api.POST("/v1/projects/{project_id}/sources", { params: { path: { project_id: projectId } }, body }));
}

/** Files go as a form; the types know the JSON form alone. */
export function uploadSource(projectId: string, file: File, tags: readonly string[]): Promise<Source> {
  const form = new FormData();
  form.append("file", file);
  for (const tag of tags) form.append("tags", tag);
  return take<Source>(
    api.POST("/v1/projects/{project_id}/sources", {
      params: { path: { project_id: projectId } },
      body: form as unknown as NewSource,
      bodySerializer: (body) => body as unknown as FormData,
    }),
  );
}

/** "a, b" or one a line, as they are typed. */
export function listed(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

/** "1 document", "1,200 documents". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
