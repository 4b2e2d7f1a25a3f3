import { useState, type ReactNode } from "react";

import { ApiError, type Wire } from "../../api";
import { Button, ErrorNote, Form, FormActions, Switch, TextArea, TextInput } from "../../design";
import type { AnswerTest } from "./test";

type Body = Wire["NewAnswerTest"];

interface Typed {
  question: string;
  language: string;
  tags: string;
  cite: string;
  say: string;
  avoid: string;
  confidence: string;
  refuse: boolean;
  enabled: boolean;
}

const PARAMS = ["question", "language", "tags", "must_cite", "must_say", "must_not_say", "min_confidence"] as const;

interface TestFormProps {
  test?: AnswerTest;
  action: string;
  pending: boolean;
  error: Error | null;
  disabled?: boolean;
  /** More buttons beside the one that sends. */
  beside?: ReactNode;
  onSend: (body: Body) => void;
}

/** A question, and what its answer must be like. */
export function TestForm({ test, action, pending, error, disabled = false, beside, onSend }: TestFormProps) {
  const [typed, setTyped] = useState<Typed>(() => typedOf(test));
  const set = (next: Partial<Typed>) => setTyped((before) => ({ ...before, ...next }));
  const on = (name: (typeof PARAMS)[number]) => errorOn(error, name);
  const left = error !== null && PARAMS.every((name) => on(name) === null) ? error : null;
  return (
    <Form onSubmit={() => onSend(bodyOf(typed))}>
      <TextArea label="Question" rows={2} hint="As a visitor would ask it." value={typed.question} error={on("question")} disabled={disabled} onChange={(event) => set({ question: event.target.value })} />
      <Switch label="It must be refused" hint="For what the bot must never answer." checked={typed.refuse} disabled={disabled} onChange={(refuse) => set({ refuse })} />
      {!typed.refuse && (
        <>
          <TextArea label="It must cite" optional rows={2} hint="One source a line: its title, its address or its id." value={typed.cite} error={on("must_cite")} disabled={disabled} onChange={(event) => set({ cite: event.target.value })} />
          <TextArea label="It must say" optional rows={2} hint="One a line. Case, accents and word endings make no difference." value={typed.say} error={on("must_say")} disabled={disabled} onChange={(event) => set({ say: event.target.value })} />
          <TextArea label="It must not say" optional rows={2} hint="One a line." value={typed.avoid} error={on("must_not_say")} disabled={disabled} onChange={(event) => set({ avoid: event.target.value })} />
          <TextInput label="Confidence of at least (%)" optional type="number" min={0} max={100} value={typed.confidence} error={on("min_confidence")} disabled={disabled} onChange={(event) => set({ confidence: event.target.value })} />
        </>
      )}
      <TextInput label="Language" optional hint="As two letters, such as de. Without it: as the question." value={typed.language} error={on("language")} disabled={disabled} onChange={(event) => set({ language: event.target.value })} />
      <TextArea label="Tags" optional rows={2} hint="One a line: only sources with these tags may be used." value={typed.tags} error={on("tags")} disabled={disabled} onChange={(event) => set({ tags: event.target.value })} />
      <Switch label="Ask it in every run" checked={typed.enabled} disabled={disabled} onChange={(enabled) => set({ enabled })} />
      {left && <ErrorNote error={left} />}
      {!disabled && (
        <FormActions>
          <Button kind="primary" type="submit" pending={pending}>
            {action}
          </Button>
          {beside}
        </FormActions>
      )}
    </Form>
  );
}

function errorOn(error: Error | null, name: string): string | null {
  if (!(error instanceof ApiError) || error.param === null) return null;
  return error.param === name || error.param.startsWith(`${name}.`) ? error.message : null;
}

function typedOf(test: AnswerTest | undefined): Typed {
  const lines = (words: readonly string[] = []) => words.join("\n");
  return {
    question: test?.question ?? "",
    language: test?.language ?? "",
    tags: lines(test?.tags),
    cite: lines(test?.must_cite),
    say: lines(test?.must_say),
    avoid: lines(test?.must_not_say),
    confidence: test?.min_confidence == null ? "" : String(Math.round(test.min_confidence * 100)),
    refuse: test?.must_refuse ?? false,
    enabled: test?.enabled ?? true,
  };
}

function bodyOf(typed: Typed): Body {
  const shared = {
    question: typed.question,
    language: typed.language.trim() === "" ? null : typed.language.trim().toLowerCase(),
    tags: linesOf(typed.tags),
    enabled: typed.enabled,
  };
  if (typed.refuse) return { ...shared, must_refuse: true };
  return {
    ...shared,
    must_cite: linesOf(typed.cite),
    must_say: linesOf(typed.say),
    must_not_say: linesOf(typed.avoid),
    min_confidence: typed.confidence.trim() === "" ? null : Number(typed.confidence) / 100,
  };
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
