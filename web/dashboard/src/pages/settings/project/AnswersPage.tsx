import { useState } from "react";

import { errorAt, errorBeside, useCan } from "../../../api";
import { useProject } from "../../../app/project";
import { Checkbox, PageHeader, Select, TextArea, TextInput } from "../../../design";
import style from "../shared/Settings.module.css";
import { SettingsForm } from "../shared/SettingsForm";
import { useSaving } from "./saving";
import { ThresholdForm } from "./ThresholdForm";

type Length = "short" | "medium" | "long";
type Unsupported = "drop" | "refuse";

/** How the bot speaks, and when it would rather not. */
export function AnswersPage() {
  return (
    <>
      <PageHeader title="Answers" words="How the bot speaks, and when it says that it does not know." />
      <div className={style.form}>
        <VoiceForm />
        <RefusalForm />
        <ThresholdForm />
        <ChecksForm />
      </div>
    </>
  );
}

/** What is empty goes back to the default. */
function orDefault(text: string): string | null {
  return text.trim() === "" ? null : text;
}

function VoiceForm() {
  const project = useProject();
  const [instructions, setInstructions] = useState(project.instructions ?? "");
  const [tone, setTone] = useState(project.tone ?? "");
  const [length, setLength] = useState<Length>(project.answers.length ?? "medium");
  const [smallTalk, setSmallTalk] = useState(project.answers.small_talk ?? true);
  const [clarify, setClarify] = useState(project.answers.clarify ?? true);
  const save = useSaving();
  const answers = { ...project.answers, length, small_talk: smallTalk, clarify };
  return (
    <SettingsForm
      title="How it speaks"
      words="Instructions, tone and length hold where a language model writes the answers. Without one, the bot answers in the words of your documents."
      mayChange={useCan("*")}
      isPending={save.isPending}
      error={errorBeside(save.error, "instructions", "tone")}
      onSave={() => save.mutate({ instructions: orDefault(instructions), tone: orDefault(tone), answers })}
    >
      <TextArea
        label="Instructions"
        optional
        hint="What a new colleague would be told. They never make the bot say what no source says."
        placeholder="Call customers by their first name. Give prices in euros."
        value={instructions}
        error={errorAt(save.error, "instructions")}
        onChange={(event) => setInstructions(event.target.value)}
      />
      <TextInput label="Tone" optional hint="A few words, such as: friendly and brief." value={tone} error={errorAt(save.error, "tone")} onChange={(event) => setTone(event.target.value)} />
      <Select label="Length" value={length} onChange={(event) => setLength(event.target.value as Length)}>
        <option value="short">Short</option>
        <option value="medium">Medium</option>
        <option value="long">Long</option>
      </Select>
      <Checkbox label="Answer greetings and thanks in kind" hint="Otherwise “Hello!” is searched for in your knowledge, as any question is." checked={smallTalk} onChange={setSmallTalk} />
      <Checkbox label="Ask back when a question could mean several things" hint="Otherwise the bot answers the likeliest of them." checked={clarify} onChange={setClarify} />
    </SettingsForm>
  );
}

function RefusalForm() {
  const project = useProject();
  const [text, setText] = useState(project.refusal_text ?? "");
  const save = useSaving();
  return (
    <SettingsForm
      title="When it does not know"
      words="The bot never makes an answer up. This is what it says instead."
      mayChange={useCan("*")}
      isPending={save.isPending}
      error={errorBeside(save.error, "refusal_text")}
      onSave={() => save.mutate({ refusal_text: orDefault(text) })}
    >
      <TextArea
        label="Words"
        optional
        hint="Left empty, it says so in the language of the visitor."
        placeholder="I don't know. Write to us and we will find out."
        value={text}
        error={errorAt(save.error, "refusal_text")}
        onChange={(event) => setText(event.target.value)}
      />
    </SettingsForm>
  );
}

function ChecksForm() {
  const project = useProject();
  const [unsupported, setUnsupported] = useState<Unsupported>(project.answers.unsupported ?? "drop");
  const [topics, setTopics] = useState((project.answers.forbidden_topics ?? []).join("\n"));
  const [holds, setHolds] = useState(project.answers.hold_failing_publish ?? false);
  const save = useSaving();
  const lines = topics.split("\n").filter((line) => line.trim() !== "");
  const answers = { ...project.answers, unsupported, forbidden_topics: lines, hold_failing_publish: holds };
  return (
    <SettingsForm title="Checks" mayChange={useCan("*")} isPending={save.isPending} error={errorBeside(save.error, "answers.forbidden_topics")} onSave={() => save.mutate({ answers })}>
      <Select
        label="A sentence that no source supports"
        hint="Every sentence of a language model is checked against your sources. Refusing is stricter; the answer then appears only once all of it is checked."
        value={unsupported}
        onChange={(event) => setUnsupported(event.target.value as Unsupported)}
      >
        <option value="drop">Leave the sentence out</option>
        <option value="refuse">Refuse the whole answer</option>
      </Select>
      <TextArea
        label="Forbidden topics"
        optional
        hint="One a line. A question or a sentence with all the words of a line is refused: “medical advice” catches “Can you give medical advice?”"
        value={topics}
        error={errorAt(save.error, "answers.forbidden_topics", "answers")}
        onChange={(event) => setTopics(event.target.value)}
      />
      <Checkbox
        label="Hold back new content that breaks an answer test"
        hint="The content before it goes on answering until somebody accepts the new one."
        checked={holds}
        onChange={setHolds}
      />
    </SettingsForm>
  );
}
