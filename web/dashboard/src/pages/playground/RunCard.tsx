import { useId } from "react";

import { useProject } from "../../app/project";
import { Badge, Button, Card, ErrorNote, FormActions, Menu, MenuItem, Skeleton } from "../../design";
import { AnswerText } from "./AnswerText";
import { Citations } from "./Citations";
import { Confidence } from "./Confidence";
import { sourceName, type Known } from "./known";
import style from "./Playground.module.css";
import type { Answer, Run, Scope } from "./run";
import { Why } from "./Why";

interface RunCardProps {
  run: Run;
  known: Known;
  onStop: () => void;
  /** Asks the same of another part of the knowledge. */
  onAgain: (scope: Scope, said: string | null) => void;
}

/** One question with its answer, as it comes and then with all that is known about it. */
export function RunCard({ run, known, onStop, onAgain }: RunCardProps) {
  const id = useId();
  const { answer } = run;
  return (
    <article aria-labelledby={id}>
      <Card>
        <div className={style.asked}>
          <h2 id={id}>{run.question}</h2>
          {run.scopeSaid !== null && <Badge>{run.scopeSaid}</Badge>}
          {run.sessionId !== null && <Badge>Follow-up</Badge>}
        </div>
        <div aria-live="polite" aria-busy={run.state === "asking"}>
          {answer !== null ? <AnswerText answer={answer} runId={run.id} /> : run.text !== "" ? <p className={style.answer}>{run.text}</p> : run.state === "asking" && <Skeleton lines={2} label="The answer is on its way" />}
        </div>
        {run.state === "asking" && run.messageId !== null && (
          <FormActions>
            <Button onClick={onStop}>Stop</Button>
          </FormActions>
        )}
        {run.error !== null && <ErrorNote error={run.error} onRetry={() => onAgain(run.scope, run.scopeSaid)} />}
        {answer !== null && <Told answer={answer} run={run} known={known} onAgain={onAgain} />}
      </Card>
    </article>
  );
}

function Told({ answer, run, known, onAgain }: { answer: Answer; run: Run; known: Known; onAgain: RunCardProps["onAgain"] }) {
  const project = useProject();
  return (
    <>
      {answer.read_as != null && (
        <p className={style.soft}>
          Read as “{answer.read_as.text}”{answer.read_as.by === "model" && ", by the language model"}.
        </p>
      )}
      <Citations citations={answer.citations} projectId={project.id} runId={run.id} />
      <Confidence answer={answer} threshold={project.thresholds.answer} />
      <Facts answer={answer} />
      <Why run={run} answer={answer} projectId={project.id} />
      <Again answer={answer} run={run} known={known} onAgain={onAgain} />
    </>
  );
}

function Facts({ answer }: { answer: Answer }) {
  const { input_tokens: read, output_tokens: written, cost } = answer.usage;
  const parts = [
    answer.model === "extractive" ? "The documents’ own sentences" : answer.model === "small_talk" ? "Small talk" : answer.pinned_answer_id != null ? "A pinned answer" : answer.model,
    `${Math.round(answer.latency_ms.total).toLocaleString("en")} ms, ${Math.round(answer.latency_ms.retrieve).toLocaleString("en")} of them to find the passages`,
    ...(read + written > 0 ? [`${read.toLocaleString("en")} tokens read, ${written.toLocaleString("en")} written${cost === undefined ? "" : `, $${cost}`}`] : []),
  ];
  return <p className={style.soft}>{parts.join(" · ")}</p>;
}

/** The same question with one of its sources off, or of everything. */
function Again({ answer, run, known, onAgain }: { answer: Answer; run: Run; known: Known; onAgain: RunCardProps["onAgain"] }) {
  const all = known.sources.map((source) => source.id);
  const asked = run.scope.source_ids ?? all;
  const cited = known.sources.filter((source) => asked.includes(source.id) && answer.citations.some((citation) => citation.source_id === source.id));
  const choices = known.hasMore && run.scope.source_ids === undefined ? [] : cited.filter(() => asked.length > 1);
  const isLimited = run.scopeSaid !== null;
  if (choices.length === 0 && !isLimited) return null;
  return (
    <FormActions>
      <Menu align="start" trigger={<Button>Ask again</Button>}>
        {isLimited && <MenuItem onSelect={() => onAgain({}, null)}>From all of the knowledge</MenuItem>}
        {choices.map((source) => (
          <MenuItem key={source.id} onSelect={() => onAgain({ ...run.scope, source_ids: asked.filter((id) => id !== source.id) }, [run.scopeSaid, `Without ${sourceName(source)}`].filter(Boolean).join(", "))}>
            Without {sourceName(source)}
          </MenuItem>
        ))}
      </Menu>
    </FormActions>
  );
}
