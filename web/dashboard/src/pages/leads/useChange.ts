import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, take, type Wire } from "../../api";
import { useToast } from "../../design";
import { leadKey, leadsKey, pathOf, type Lead } from "./lead";

/** Sends a change; what it made is then on the page, and the lists are asked anew. */
export function useChange(lead: Lead, said = "Saved.") {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (body: Wire["LeadPatch"]) => take<Lead>(api.PATCH("/v1/projects/{project_id}/leads/{lead_id}", { params: { path: pathOf(lead) }, body })),
    onSuccess: async (now) => {
      client.setQueryData(leadKey(lead.project_id, lead.id), now);
      toast({ message: said });
      await client.invalidateQueries({ queryKey: leadsKey(lead.project_id) });
    },
  });
}
