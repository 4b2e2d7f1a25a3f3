import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, errorAt, errorBeside, keys, take, type Wire } from "../api";
import { Dialog, DialogActions, ErrorNote, Form, TextInput } from "../design";

type Project = Wire["ProjectOut"];

/** All that a project was told, without what it knows and who it talked to. */
function settingsOf({ instructions, tone, refusal_text, thresholds, languages, retention_days, handoff, answers, budget, privacy, model }: Project) {
  return { instructions, tone, refusal_text, thresholds, languages, retention_days, handoff, answers, budget, privacy, model };
}

/** A project is a bot of its own: empty, or with the settings of another one. */
export function NewProjectDialog({ like = null, isOpen, onClose }: { like?: Project | null; isOpen: boolean; onClose: () => void }) {
  const [name, setName] = useState("");
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () => take(api.POST("/v1/projects", { body: { ...(like === null ? {} : settingsOf(like)), name } })),
    onSuccess: async (project) => {
      await client.invalidateQueries({ queryKey: keys.projects });
      setName("");
      onClose();
      await navigate(`/projects/${project.id}`);
    },
  });
  const beside = errorBeside(create.error, "name");
  const words = like === null ? "A bot of its own, with its own knowledge, conversations and keys." : `It begins with the settings of “${like.name}”: how it answers, hand-off, privacy, budget. Knowledge, widgets and keys are not copied.`;
  return (
    <Dialog title="New project" words={words} isOpen={isOpen} onClose={onClose}>
      <Form onSubmit={() => create.mutate()}>
        <TextInput label="Name" value={name} required autoComplete="off" error={errorAt(create.error, "name")} onChange={(event) => setName(event.target.value)} />
        {beside && <ErrorNote error={beside} />}
        <DialogActions action="Create project" pending={create.isPending} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}
