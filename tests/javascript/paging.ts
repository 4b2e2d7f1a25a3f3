// What a developer writes with types generated from /openapi.json: pages through the conversations that a word is said in.
import createClient from "openapi-fetch";
import type { components, paths } from "./client.js";

declare const process: { argv: string[]; exitCode: number };

type Conversation = components["schemas"]["ConversationOut"];

const [baseUrl, key, project_id, q] = process.argv.slice(2) as [string, string, string, string];
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });

const found: Conversation[] = [];
let pages = 0;
let cursor: string | undefined;
do {
  const query = { q, channel: "api", status: "open" as const, limit: 3, ...(cursor === undefined ? {} : { cursor }) };
  const { data, error } = await client.GET("/v1/projects/{project_id}/conversations", {
    params: { path: { project_id }, query },
  });
  if (data === undefined) throw new Error(`${error.error.code}: ${error.error.message}`);
  found.push(...data.data);
  pages += 1;
  cursor = data.next_cursor ?? undefined;
} while (cursor !== undefined);

const { error } = await client.GET("/v1/projects/{project_id}/conversations/{conversation_id}", {
  params: { path: { project_id, conversation_id: "conv_of_nobody" } },
});
console.log(JSON.stringify({ pages, ids: found.map((one) => one.id), refused: error?.error.code }));
