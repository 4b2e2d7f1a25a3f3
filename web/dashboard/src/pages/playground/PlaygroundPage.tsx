import { useState } from "react";
import { useSearchParams } from "react-router";

import { useProject } from "../../app/project";
import { Button, ButtonLink, Card, Checkbox, EmptyState, ErrorNote, Form, FormActions, Page, PageHeader, Skeleton, TextArea } from "../../design";
import { useKnown, type Known } from "./known";
import style from "./Playground.module.css";
import { RunCard } from "./RunCard";
import { isNothingLeft, ScopeFields, scopeOf, useAsked } from "./ScopeFields";
import { useRuns } from "./useRuns";

/** Where one asks as a visitor would, and sees why the answer is what it is. */
export function PlaygroundPage() {
  const { id } = useProject();
  const known = useKnown(id);
  return (
    <Page>
      <PageHeader title="Playground" words="Ask as a visitor would, and see why the bot answers as it does." />
      {known.data === undefined ? known.error ? <ErrorNote error={known.error} onRetry={() => void known.refetch()} /> : <Skeleton lines={6} /> : <Playground key={id} projectId={id} known={known.data} />}
    </Page>
  );
}

function Playground({ projectId, known }: { projectId: string; known: Known }) {
  const { runs, ask, stop, clear } = useRuns(projectId);
  const last = runs.find((run) => run.answer !== null)?.answer ?? null;
  if (known.sources.length === 0 && runs.length === 0) {
    return (
      <EmptyState title="There is nothing to answer from" action={<ButtonLink kind="primary" to={`/projects/${projectId}/knowledge`}>Go to the knowledge</ButtonLink>}>
        As soon as a source is ready, you can ask about it here.
      </EmptyState>
    );
  }
  return (
    <div className={style.halves}>
      <Card>
        <Question
          known={known}
          sessionId={last?.session_id ?? null}
          onAsk={(question, scope, scopeSaid, sessionId) => ask({ question, scope, scopeSaid, sessionId })}
        />
      </Card>
      <div className={style.runs} role="region" aria-label="Answers">
        {runs.length === 0 && <p className={style.soft}>Answers appear here, the last one first. Ask the same with less to answer from, and compare.</p>}
        {runs.map((run) => (
          <RunCard key={run.id} run={run} onStop={() => stop(run)} onAgain={(scope, scopeSaid) => ask({ ...run, sessionId: null, scope, scopeSaid })} known={known} />
        ))}
        {runs.length > 1 && (
          <div>
            <Button kind="quiet" onClick={clear}>
              Clear the answers
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

interface QuestionProps {
  known: Known;
  /** Of the conversation that can be gone on with. */
  sessionId: string | null;
  onAsk: (question: string, scope: ReturnType<typeof scopeOf>["scope"], scopeSaid: string | null, sessionId: string | null) => void;
}

function Question({ known, sessionId, onAsk }: QuestionProps) {
  const [search, setSearch] = useSearchParams();
  const [question, setQuestion] = useState(search.get("question") ?? "");
  const [goesOn, setGoesOn] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [asked, setAsked] = useAsked();
  const { scope, said } = scopeOf(asked, known);
  const send = () => {
    if (question.trim() === "") return setRefusal("Write a question first.");
    if (isNothingLeft(asked, known)) return setRefusal("With all sources left out there is nothing to answer from.");
    setRefusal(null);
    setSearch(
      (before) => {
        before.set("question", question.trim());
        return before;
      },
      { replace: true },
    );
    return onAsk(question.trim(), scope, said, goesOn ? sessionId : null);
  };
  return (
    <Form onSubmit={send}>
      <TextArea
        label="Question"
        rows={3}
        value={question}
        error={refusal}
        onChange={(event) => setQuestion(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <ScopeFields asked={asked} known={known} onChange={setAsked} />
      {sessionId !== null && <Checkbox label="Go on with the conversation" hint="The bot then knows what was asked before." checked={goesOn} onChange={setGoesOn} />}
      <FormActions>
        <Button kind="primary" type="submit">
          Ask
        </Button>
      </FormActions>
    </Form>
  );
}
