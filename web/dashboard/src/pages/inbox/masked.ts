import { api, take, type Wire } from "../../api";
import type { Thread } from "./conversation";

export type Part = Wire["MaskedPart"];

const PLACEHOLDER = /\[(email|phone|card|iban|ip) \d+\]/;
const AT_ONCE = 100;
const PAGES_MAX = 20;

/** Whether something in what was said was masked. */
export function hasMasked({ messages, escalation, page, metadata }: Thread): boolean {
  const texts = [...messages.flatMap(({ content, feedback }) => [content, feedback?.comment ?? ""]), escalation?.note ?? "", JSON.stringify([page, metadata])];
  return texts.some((text) => PLACEHOLDER.test(text));
}

/** What the placeholders of a conversation stand for, each once, in the order they came. */
export async function unmask({ project_id: project, id }: Thread): Promise<Part[]> {
  const parts = new Map<string, Part>();
  let cursor: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const params = { path: { project_id: project, conversation_id: id }, query: { limit: AT_ONCE, ...(cursor === null ? {} : { cursor }) } };
    const page: Wire["MaskedValueList"] = await take(api.GET("/v1/projects/{project_id}/conversations/{conversation_id}/masked-values", { params }));
    for (const part of page.data.flatMap((text) => text.values)) if (!parts.has(part.placeholder)) parts.set(part.placeholder, part);
    cursor = page.next_cursor;
    if (cursor === null) break;
  }
  return [...parts.values()];
}
