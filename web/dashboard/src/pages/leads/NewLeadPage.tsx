import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { api, take, type Wire } from "../../api";
import { useProject } from "../../app/project";
import { Card, Page, PageHeader } from "../../design";
import { leadsKey, type Lead } from "./lead";
import { LeadForm } from "./LeadForm";

/** Somebody met elsewhere: at a fair, on the phone. */
export function NewLeadPage() {
  const { id } = useProject();
  const client = useQueryClient();
  const navigate = useNavigate();
  const add = useMutation({
    mutationFn: (body: Wire["LeadPatch"]) =>
      take<Lead>(api.POST("/v1/projects/{project_id}/leads", { params: { path: { project_id: id } }, body: { ...body, fields: body.fields ?? {}, trigger: "api", stage: "new" } })),
    onSuccess: async (lead) => {
      await client.invalidateQueries({ queryKey: leadsKey(id) });
      await navigate(`../${lead.id}`, { relative: "path" });
    },
  });
  return (
    <Page>
      <PageHeader title="Add a lead" words="An e-mail address or a phone number is needed." back={{ to: `/projects/${id}/leads`, label: "Leads" }} />
      <Card>
        <LeadForm lead={null} action="Add lead" isPending={add.isPending} error={add.error} onSend={(body) => add.mutate(body)} />
      </Card>
    </Page>
  );
}
