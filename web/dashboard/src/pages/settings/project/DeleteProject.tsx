import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, keys, take } from "../../../api";
import { forgetProject, useProject } from "../../../app/project";
import { Button, Card, ConfirmDialog, FormActions } from "../../../design";
import style from "../shared/Settings.module.css";

/** The end of a project, once its name is typed. */
export function DeleteProject() {
  const { id, name } = useProject();
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => take(api.DELETE("/v1/projects/{project_id}", { params: { path: { project_id: id } } })),
    onSuccess: async () => {
      forgetProject(id);
      await client.invalidateQueries({ queryKey: keys.projects });
      await navigate("/organization/clients");
      client.removeQueries({ queryKey: keys.project(id) });
    },
  });
  return (
    <Card title="Delete this project">
      <p className={style.words}>Its knowledge, conversations, leads, widgets, keys and webhooks go with it. Nothing of it can be had back.</p>
      <FormActions>
        <Button kind="danger" onClick={() => setAsking(true)}>
          Delete project
        </Button>
      </FormActions>
      <ConfirmDialog
        title={`Delete “${name}”?`}
        words="Everything in it is erased, and its widgets stop answering at once."
        action="Delete project"
        name={name}
        isOpen={isAsking}
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      />
    </Card>
  );
}
