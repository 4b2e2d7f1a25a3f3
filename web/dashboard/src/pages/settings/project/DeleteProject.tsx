import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { api, keys, take } from "../../../api";
import { forgetProject, useProject } from "../../../app/project";
import { DeleteCard } from "../shared/DeleteCard";

/** The end of a project, once its name is typed. */
export function DeleteProject() {
  const { id, name } = useProject();
  const client = useQueryClient();
  const navigate = useNavigate();
  return (
    <DeleteCard
      what="project"
      name={name}
      words="Its knowledge, conversations, leads, widgets, keys and webhooks go with it. Nothing of it can be had back."
      warning="Everything in it is erased, and its widgets stop answering at once."
      onDelete={() => take(api.DELETE("/v1/projects/{project_id}", { params: { path: { project_id: id } } }))}
      onDeleted={async () => {
        forgetProject(id);
        await client.invalidateQueries({ queryKey: keys.projects });
        await navigate("/organization/clients");
        client.removeQueries({ queryKey: keys.project(id) });
      }}
    />
  );
}
