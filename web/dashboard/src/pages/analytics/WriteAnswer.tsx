import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileText } from "lucide-react";
import { useState } from "react";

import { api, errorAt, errorBeside, hasCode, keys, take, useCan } from "../../api";
import { Button, ButtonLink, Card, ErrorNote, Form, FormActions, TextArea, TextInput } from "../../design";
import style from "./Analytics.module.css";
import { gapsKey, type Gap } from "./gap";

/** The missing answer: begun with what the team replied, finished by hand, published as a source. */
export function WriteAnswer({ projectId, gap }: { projectId: string; gap: Gap }) {
  const [title, setTitle] = useState(gap.question);
  const [text, setText] = useState("");
  const mayDraft = useCan("conversations:read");
  const client = useQueryClient();
  const params = { path: { project_id: projectId, gap_id: gap.id } };
  const draft = useMutation({
    mutationFn: () => take(api.POST("/v1/projects/{project_id}/analytics/gaps/{gap_id}/draft", { params })),
    onSuccess: (made) => {
      setTitle(made.title);
      setText((typed) => (typed.trim() === "" ? made.text : `${typed.trimEnd()}\n\n${made.text}`));
    },
  });
  const publish = useMutation({
    mutationFn: () => take(api.POST("/v1/projects/{project_id}/analytics/gaps/{gap_id}/publish", { params, body: { title, text } })),
    onSuccess: () => Promise.all([gapsKey(projectId), keys.project(projectId, "sources"), keys.project(projectId, "answer-tests")].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  if (publish.data) return <Published projectId={projectId} question={gap.question} />;
  const beside = errorBeside(publish.error, "title", "text");
  const isUnanswered = hasCode(draft.error, "conflict");
  return (
    <Card title="Write the answer">
      <p className={style.soft}>It becomes a source of its own, and an answer test that the question cites it.</p>
      <Form onSubmit={() => publish.mutate()}>
        <TextInput label="Title" value={title} error={errorAt(publish.error, "title")} onChange={(event) => setTitle(event.target.value)} />
        <TextArea
          label="Answer"
          rows={8}
          hint={draft.data ? "Drafted from what your team replied. Take out what is about one customer only before you publish it." : "Markdown is understood."}
          value={text}
          error={errorAt(publish.error, "text")}
          onChange={(event) => setText(event.target.value)}
        />
        {isUnanswered && <p className={style.soft}>Nobody on your team has replied to these questions yet, so there is nothing to draft from. Write the answer yourself.</p>}
        {draft.error && !isUnanswered && <ErrorNote error={draft.error} />}
        {beside && <ErrorNote error={beside} />}
        <FormActions>
          <Button kind="primary" type="submit" pending={publish.isPending}>
            Publish answer
          </Button>
          {mayDraft && (
            <Button icon={FileText} pending={draft.isPending} onClick={() => draft.mutate()}>
              Draft from replies
            </Button>
          )}
        </FormActions>
      </Form>
    </Card>
  );
}

function Published({ projectId, question }: { projectId: string; question: string }) {
  return (
    <Card title="Published">
      <p role="status">The bot is reading it now. In a moment it answers “{question}”.</p>
      <FormActions>
        <ButtonLink kind="primary" to={`/projects/${projectId}/analytics/gaps`}>
          Go on with the next gap
        </ButtonLink>
        <ButtonLink to={`/projects/${projectId}/knowledge`}>See your sources</ButtonLink>
      </FormActions>
    </Card>
  );
}
