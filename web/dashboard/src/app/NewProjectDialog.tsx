import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, errorAt, errorBeside, keys, take } from "../api";
import { Button, Dialog, ErrorNote, Form, FormActions, TextInput } from "../design";

/** A project is a bot of its own: its knowledge, its conversations, its keys. */
export function NewProjectDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [name, setName] = useState("");
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () => take(api.POST("/v1/projects", { body: { name } })),
    onSuccess: async (project) => {
      await client.invalidateQueries({ queryKey: keys.projects });
      setName("");
      onClose();
      await navigate(`/projects/${project.id}`);
    },
  });
  const beside = errorBeside(create.error, "name");
  return (
    <Dialog title="New project" words="A bot of its own, with its own knowledge, conversations and keys." isOpen={isOpen} onClose={onClose}>
      <Form onSubmit={() => create.mutate()}>
        <TextInput label="Name" value={name} required autoComplete="off" error={errorAt(create.error, "name")} onChange={(event) => setName(event.target.value)} />
        {beside && <ErrorNote error={beside} />}
        <FormActions>
          <Button kind="primary" type="submit" pending={create.isPending}>
            Create project
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </FormActions>
      </Form>
    </Dialog>
  );
}
