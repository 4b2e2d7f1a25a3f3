import { api, take, useKeysetList, useMe } from "../../api";
import { listsKey, waitsSince, type Conversation } from "./conversation";
import { askedFor, type Filters, type View } from "./views";

const AT_ONCE = 50;
const NO_FILTERS: Filters = {};

/** One list of the inbox: what a view and filters leave, who waits longest first, else last changed first. */
export function useConversations(projectId: string, view: View, filters: Filters) {
  const asked = askedFor(view, useMe().user.id);
  const list = useKeysetList<Conversation>([...listsKey(projectId), view, filters], (cursor, signal) =>
    take(
      api.GET("/v1/projects/{project_id}/conversations", {
        params: { path: { project_id: projectId }, query: { limit: AT_ONCE, ...filters, ...asked, ...(cursor === undefined ? {} : { cursor }) } },
        signal,
      }),
    ),
  );
  return { ...list, rows: view === "waiting" ? byPatience(list.rows) : list.rows };
}

/** Who waits, whatever is filtered: for the count, and to know who is new. */
export function useWaiting(projectId: string) {
  return useConversations(projectId, "waiting", NO_FILTERS);
}

function byPatience(rows: readonly Conversation[]): readonly Conversation[] {
  return [...rows].sort((one, other) => (waitsSince(one) ?? "").localeCompare(waitsSince(other) ?? ""));
}
