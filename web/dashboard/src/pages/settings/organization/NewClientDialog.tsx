import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, errorAt, errorBeside, keys, take, type Wire } from "../../../api";
import { Button, Dialog, ErrorNote, Form, FormActions, TextInput } from "../../../design";

type Project = Wire["ProjectOut"];

/** All that a project was told, without what it knows and who it talked to. */
function settingsOf({ instructions, tone, refusal_text, thresholds, languages, retention_days, handoff, answers, budget, privacy, model }: Project) {
  return { instructions, tone, refusal_text, thresholds, languages, retention_days, handoff, answers, budget, privacy, model };
}

/** A project to be made, empty or with the settings of another one. */
export function NewClientDialog({ like, onClose }: { like: Project | null; onClose: () => void }) {
  const [name, setName] = useState("");
  const client = useQueryClient();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: () => take(api.POST("/v1/projects", { body: { ...(like === null ? {} : settingsOf(like)), name } })),
    onSuccess: async (project) => {
      await client.invalidateQueries({ queryKey: keys.projects });
      await navigate(`/projects/${project.id}/overview`);
    },
  });
  const beside = errorBeside(make.error, "name");
  const words = like === null ? "A bot of its own, with its own knowledge, conversations and keys." : `It begins with the settings of “${like.name}”: how it answers, hand-off, privacy, budget. Knowledge, widgets and keys are not copied.`;
  return (
    <Dialog title="New project" words={words} isOpen onClose={onClose}>
      <Form onSubmit={() => make.mutate()}>
        <TextInput label="Name" placeholder="The client's name" autoComplete="off" value={name} error={errorAt(make.error, "name")} onChange={(event) => setName(event.target.value)} />
        {beside && <ErrorNote error={beside} />}
        <FormActions>
          <Button kind="primary" type="submit" pending={make.isPending}>
            Create project
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </FormActions>
      </Form>
    </Dialog>
  );
}
