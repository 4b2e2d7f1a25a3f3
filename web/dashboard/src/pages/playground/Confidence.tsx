import { Badge, Meter, type Tone } from "../../design";
import style from "./Playground.module.css";
import { LEVELS, percent, reasonSaid, type Answer } from "./run";

const TONES: Record<Answer["confidence_level"], Tone> = { high: "good", medium: "busy", low: "warn" };

/** How sure the bot is, and every reason why it is not surer or did not answer. */
export function Confidence({ answer, threshold }: { answer: Answer; threshold: number | null }) {
  const level = LEVELS[answer.confidence_level];
  const reasons = answer.confidence_reasons;
  return (
    <section className={style.confidence} aria-label="Confidence">
      <div className={style.asked}>
        <Badge tone={answer.answered ? TONES[answer.confidence_level] : "warn"}>{answer.answered ? `${level} confidence` : "Not answered"}</Badge>
      </div>
      <Meter label="Confidence" value={answer.confidence} max={1} said={percent(answer.confidence)} />
      {reasons.length > 0 && (
        <ul className={style.reasons} aria-label="Reasons">
          {reasons.map((code) => (
            <li key={code}>
              {reasonSaid(code)} <span className={style.soft}>({code})</span>
            </li>
          ))}
        </ul>
      )}
      <p className={style.soft}>{ruleOf(answer, threshold)}</p>
    </section>
  );
}

/** By which rule it was answered or refused. */
function ruleOf({ answered, confidence, confidence_reasons: reasons, pinned_answer_id: pinned }: Answer, threshold: number | null): string {
  if (pinned != null) return "A pinned answer is given whatever the threshold is.";
  const from = threshold === null ? "the calibrated default" : percent(threshold);
  if (reasons.includes("small_talk") || reasons.includes("clarifying_question")) return "The threshold has no part in this.";
  if (answered) return `This project answers from ${from} on. With a threshold above ${percent(confidence)} it would have refused.`;
  if (reasons.includes("forbidden_topic") || reasons.includes("no_evidence")) return "No threshold would change that.";
  if (threshold !== null && confidence < threshold) return `Refused by the threshold: this project answers from ${from} on.`;
  return threshold === null ? "Refused: the confidence is below the calibrated default, or what was found proves no answer." : "Refused although the threshold is reached: what was found proves no answer.";
}
