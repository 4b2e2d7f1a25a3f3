import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, keys, take, type Wire } from "../../api";
import { Badge, Button, ErrorNote, Form, FormActions, TextInput } from "../../design";
import style from "./Step.module.css";

/** One question and its answer, with where it is from. */
export function AskOnce({ projectId }: { projectId: string }) {
  const [message, setMessage] = useState("");
  const client = useQueryClient();
  const ask = useMutation({
    mutationFn: () => take<Wire["AnswerOut"]>(api.POST("/v1/projects/{project_id}/query", { params: { path: { project_id: projectId } }, body: { message } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.project(projectId, "progress") }),
  });
  const beside = errorBeside(ask.error, "message");
  return (
    <div className={style.ask}>
      <Form onSubmit={() => ask.mutate()}>
        <TextInput label="Question" value={message} error={errorAt(ask.error, "message")} onChange={(event) => setMessage(event.target.value)} />
        {beside && <ErrorNote error={beside} />}
        <FormActions>
          <Button kind="primary" type="submit" pending={ask.isPending}>
            Ask
          </Button>
        </FormActions>
      </Form>
      <div aria-live="polite">{ask.data && <Answer answer={ask.data} />}</div>
    </div>
  );
}

function Answer({ answer }: { answer: Wire["AnswerOut"] }) {
  return (
    <div className={style.answer}>
      <p>{answer.answer}</p>
      <p>
        <Badge tone={answer.answered ? "good" : "warn"}>{answer.answered ? `${Math.round(answer.confidence * 100)} % sure` : "Not answered"}</Badge>
      </p>
      {answer.citations.length > 0 && (
        <ol aria-label="Sources of the answer">
          {answer.citations.map((citation) => (
            <li key={citation.id}>
              <strong>
                {citation.index}. {citation.title ?? citation.url ?? "A source without a title"}
              </strong>
              <blockquote>{citation.quote}</blockquote>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
