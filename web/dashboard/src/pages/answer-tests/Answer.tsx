import type { Wire } from "../../api";
import style from "./AnswerTests.module.css";
import { difference } from "./diff";

type Given = Wire["AnswerTestAnswer"];

/** An answer as a test got it; with the one before, what is gone is struck out and what is new is marked. */
export function Answer({ answer, before }: { answer: Given; before: Given | null }) {
  const titles = [...new Set(answer.citations.map((citation) => citation.title ?? citation.url ?? citation.source_id))];
  return (
    <div className={style.answer}>
      <blockquote className={style.words}>{before === null || before.answer === answer.answer ? answer.answer : <Changed before={before.answer} after={answer.answer} />}</blockquote>
      <p className={style.soft}>
        {answer.answered ? `${Math.round(answer.confidence * 100)}% sure` : "Refused"}
        {titles.length > 0 && `, cites ${titles.map((title) => `“${title}”`).join(" and ")}`}.
      </p>
    </div>
  );
}

function Changed({ before, after }: { before: string; after: string }) {
  return difference(before, after).map(({ text, kind }, index) => {
    if (kind === "gone") {
      return (
        <del key={index}>
          <span className="visually-hidden">Before: </span>
          {text}
        </del>
      );
    }
    if (kind === "new") {
      return (
        <ins key={index}>
          <span className="visually-hidden">Now: </span>
          {text}
        </ins>
      );
    }
    return <span key={index}>{text}</span>;
  });
}
