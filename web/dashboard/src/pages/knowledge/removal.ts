import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";

import { api, take, useUndoable } from "../../api";
import { nameOf, pathOf, type Source } from "./source";

/** Deletes sources with a way back. Gives who does it, and the ids that are to be shown no more. */
export function useRemoval(): [(source: Source) => void, ReadonlySet<string>] {
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const act = useUndoable();
  const remove = (source: Source) =>
    act({
      message: `“${nameOf(source)}” deleted.`,
      show: () => {
        setGone((before) => new Set(before).add(source.id));
        return () => setGone((before) => new Set([...before].filter((id) => id !== source.id)));
      },
      commit: () => take(api.DELETE("/v1/projects/{project_id}/sources/{source_id}", { params: { path: pathOf(source) }, keepalive: true })),
    });
  useHandedOver(remove);
  return [remove, gone];
}

/** A source's own page leaves its deletion to the list, where it can be undone. */
function useHandedOver(remove: (source: Source) => void): void {
  const { state, pathname } = useLocation();
  const navigate = useNavigate();
  const done = useRef(false);
  const source = (state as { remove?: Source } | null)?.remove;
  useEffect(() => {
    if (source === undefined || done.current) return;
    done.current = true;
    void navigate(pathname, { replace: true });
    remove(source);
  });
}
