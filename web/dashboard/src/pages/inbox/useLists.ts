import { api, take, useKeysetList, useMe } from "../../api";
import { listsKey, waitsSince, type Conversation } from "./conversation";
import { VIEWS, type Filters, type View } from "./views";

const AT_ONCE = 50;
const NO_FILTERS: Filters = {};

/** One list of the inbox: what a view and filters leave, who waits longest first, else last changed first. */
export function useConversations(projectId: string, view: View, filters: Filters) {
  const me = useMe().user.id;
  const { status } = VIEWS[view];
  const list = useKeysetList<Conversation>([...listsKey(projectId), view, filters], (cursor, signal) =>
    take(
      api.GET("/v1/projects/{project_id}/conversations", {
        params: { path: { project_id: projectId }, query: { limit: AT_ONCE, ...filters, ...(status === undefined ? {} : { status }), ...(cursor === undefined ? {} : { cursor }) } },
        signal,
      }),
    ),
  );
  return { ...list, rows: inOrder(list.rows, view, me) };
}

/** Who waits, whatever is filtered: for the count, and to know who is new. */
export function useWaiting(projectId: string) {
  return useConversations(projectId, "waiting", NO_FILTERS);
}

function inOrder(rows: readonly Conversation[], view: View, me: string): readonly Conversation[] {
  if (view === "mine") return rows.filter((row) => row.assignee === me);
  if (view !== "waiting") return rows;
  return [...rows].sort((one, other) => (waitsSince(one) ?? "").localeCompare(waitsSince(other) ?? ""));
}
