import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";

import { api, take, useUndoable } from "../../api";
import { nameOf, pathOf, type Lead } from "./lead";

/** Deletes leads with a way back. Gives who does it, and the ids that are to be shown no more. */
export function useRemoval(): [(lead: Lead) => void, ReadonlySet<string>] {
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const act = useUndoable();
  const remove = (lead: Lead) =>
    act({
      message: `“${nameOf(lead)}” deleted.`,
      show: () => {
        setGone((before) => new Set(before).add(lead.id));
        return () => setGone((before) => new Set([...before].filter((id) => id !== lead.id)));
      },
      commit: () => take(api.DELETE("/v1/projects/{project_id}/leads/{lead_id}", { params: { path: pathOf(lead) }, keepalive: true })),
    });
  useHandedOver(remove);
  return [remove, gone];
}

/** A lead's own page leaves its deletion to the list, where it can be undone. */
function useHandedOver(remove: (lead: Lead) => void): void {
  const { state, pathname } = useLocation();
  const navigate = useNavigate();
  const done = useRef(false);
  const lead = (state as { remove?: Lead } | null)?.remove;
  useEffect(() => {
    if (lead === undefined || done.current) return;
    done.current = true;
    void navigate(pathname, { replace: true });
    remove(lead);
  });
}
