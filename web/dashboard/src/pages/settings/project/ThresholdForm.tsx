import { useState } from "react";

import { errorAt, errorBeside, useCan } from "../../../api";
import { useProject } from "../../../app/project";
import { Checkbox, Field } from "../../../design";
import style from "../shared/Settings.module.css";
import { SettingsForm } from "../shared/SettingsForm";
import { useSaving } from "./saving";

const FIRST_PERCENT = 50;
const STEP_PERCENT = 5;

/** What a threshold means, in people's words. */
function meaning(percent: number): string {
  if (percent < 25) return "Answers nearly always, and is wrong more often.";
  if (percent < 50) return "Answers most questions; some answers will not be quite right.";
  if (percent < 75) return "Answers when it is fairly sure, and passes over the rest.";
  return "Answers only when it is very sure, and often says that it does not know.";
}

/** From which confidence an answer is given. */
export function ThresholdForm() {
  const project = useProject();
  const kept = project.thresholds.answer;
  const [isUsual, setUsual] = useState(kept === null);
  const [percent, setPercent] = useState(kept === null ? FIRST_PERCENT : Math.round(kept * 100));
  const save = useSaving();
  return (
    <SettingsForm
      title="How sure it must be"
      words="Each answer has a confidence: how likely it is to be right, as measured on real questions. Below this threshold the bot says that it does not know."
      mayChange={useCan("*")}
      isPending={save.isPending}
      error={errorBeside(save.error, "thresholds.answer")}
      onSave={() => save.mutate({ thresholds: { answer: isUsual ? null : percent / 100 } })}
    >
      <Checkbox label="Use the measured default" hint="Right for most. Change it when wrong answers cost you more than unanswered questions do, or the other way round." checked={isUsual} onChange={setUsual} />
      {!isUsual && (
        <Field label={`Answer from ${percent}% confidence`} hint={meaning(percent)} error={errorAt(save.error, "thresholds.answer")}>
          {(wiring) => (
            <input
              {...wiring}
              type="range"
              min={0}
              max={100}
              step={STEP_PERCENT}
              value={percent}
              aria-valuetext={`${percent}%`}
              className={style.slider}
              onChange={(event) => setPercent(Number(event.target.value))}
            />
          )}
        </Field>
      )}
    </SettingsForm>
  );
}
