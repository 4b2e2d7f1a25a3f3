import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, keys, take, useCan } from "../../api";
import { useProject } from "../../app/project";
import { Card, ErrorNote, Switch } from "../../design";

/** Whether content that breaks a test is taken back. */
export function HoldSwitch() {
  const project = useProject();
  const mayChange = useCan("projects");
  const client = useQueryClient();
  const kept = project.answers.hold_failing_publish ?? false;
  const [isOn, setOn] = useState(kept);
  const turn = useMutation({
    // All of `answers` goes along: what is left out of it would go back to its default.
    mutationFn: (hold: boolean) => take(api.PATCH("/v1/projects/{project_id}", { params: { path: { project_id: project.id } }, body: { answers: { ...project.answers, hold_failing_publish: hold } } })),
    onSuccess: (now) => client.setQueryData(keys.project(project.id), now),
    onError: () => setOn(kept),
  });
  const choose = (hold: boolean) => {
    setOn(hold);
    turn.mutate(hold);
  };
  return (
    <Card title="When a change breaks a test">
      <Switch
        label="Take the change back"
        hint="A source whose new content makes a test fail that passed before goes back to its last version, until somebody looks at it. What is published for the first time stays."
        checked={isOn}
        disabled={!mayChange}
        onChange={choose}
      />
      {turn.error && <ErrorNote error={turn.error} />}
    </Card>
  );
}
