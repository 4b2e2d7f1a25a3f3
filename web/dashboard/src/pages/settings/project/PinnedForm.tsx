import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, errorAt, errorBeside, take, useCan } from "../../../api";
import { useProject } from "../../../app/project";
import { Checkbox, Select, TextArea, useToast } from "../../../design";
import { SettingsForm } from "../shared/SettingsForm";
import { pinnedKey, type Pinned } from "./pinned";

/** A pinned answer to be made, or changed. */
export function PinnedForm({ row }: { row: Pinned | null }) {
  const [questions, setQuestions] = useState((row?.questions ?? []).join("\n"));
  const [answer, setAnswer] = useState(row?.answer ?? "");
  const [match, setMatch] = useState<Pinned["match"]>(row?.match ?? "near");
  const [enabled, setEnabled] = useState(row?.enabled ?? true);
  const save = useSave(row);
  const lines = questions.split("\n").filter((line) => line.trim() !== "");
  return (
    <SettingsForm
      title="Question and answer"
      mayChange={useCan("sources")}
      action={row === null ? "Pin answer" : "Save"}
      isPending={save.isPending}
      error={errorBeside(save.error, "questions", "answer")}
      onSave={() => save.mutate({ questions: lines, answer, match, enabled })}
    >
      <TextArea
        label="Questions"
        hint="One wording a line. Two or three different ones make it reliable."
        placeholder={"Do you ship to Norway?\nIs Norway in your delivery area?"}
        value={questions}
        error={errorAt(save.error, "questions")}
        onChange={(event) => setQuestions(event.target.value)}
      />
      <TextArea label="Answer" hint="Given word for word." rows={5} value={answer} error={errorAt(save.error, "answer")} onChange={(event) => setAnswer(event.target.value)} />
      <Select label="It answers" value={match} onChange={(event) => setMatch(event.target.value as Pinned["match"])}>
        <option value="near">These questions and those that mean nearly the same</option>
        <option value="exact">Only these very words</option>
      </Select>
      <Checkbox label="On" hint="Switched off, it is kept and not used." checked={enabled} onChange={setEnabled} />
    </SettingsForm>
  );
}

interface Filled {
  questions: string[];
  answer: string;
  match: Pinned["match"];
  enabled: boolean;
}

function useSave(row: Pinned | null) {
  const { id } = useProject();
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  return useMutation({
    mutationFn: (body: Filled) =>
      row === null
        ? take<Pinned>(api.POST("/v1/projects/{project_id}/pinned-answers", { params: { path: { project_id: id } }, body }))
        : take<Pinned>(api.PATCH("/v1/projects/{project_id}/pinned-answers/{pinned_id}", { params: { path: { project_id: id, pinned_id: row.id } }, body })),
    onSuccess: async () => {
      toast({ message: row === null ? "Pinned." : "Saved." });
      await client.invalidateQueries({ queryKey: pinnedKey(id) });
      if (row === null) await navigate(`/projects/${id}/settings/pinned`);
    },
  });
}
