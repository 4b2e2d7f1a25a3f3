import createClient from "openapi-fetch";

import { errorOf } from "./errors";
import type { components, paths } from "./schema";
import { sessionFetch } from "./session";

/** The shapes of the wire: `Wire["SourceOut"]`. */
export type Wire = components["schemas"];

/** Every operation of the API, typed: `take(api.GET("/v1/projects/{project_id}/sources", { params }))`. */
export const api = createClient<paths>({ fetch: sessionFetch });

/** What a call answered. Throws `ApiError`. */
export async function take<Data>(call: Promise<{ data?: Data; error?: unknown; response: Response }>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw errorOf(response, error);
  return data as Data;
}
