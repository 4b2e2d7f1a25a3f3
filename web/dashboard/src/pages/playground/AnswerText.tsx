import { Fragment } from "react";

import style from "./Playground.module.css";
import type { Answer, Citation } from "./run";

interface Piece {
  text: string;
  citations: readonly Citation[];
}

/** The answer, with what a quote supports marked; a mark leads to its quote. */
export function AnswerText({ answer, runId }: { answer: Answer; runId: string }) {
  return (
    <p className={style.answer}>
      {piecesOf(answer).map((piece, index) =>
        piece.citations.length === 0 ? (
          <Fragment key={index}>{withLinks(piece.text, answer, runId)}</Fragment>
        ) : (
          <mark key={index} className={style.mark}>
            {withLinks(piece.text, answer, runId)}
          </mark>
        ),
      )}
    </p>
  );
}

/** The text cut where a supported stretch begins or ends. */
function piecesOf({ answer, citations }: Answer): Piece[] {
  const points = Array.from(answer); // the API counts Unicode characters
  const edges = [...new Set([0, points.length, ...citations.flatMap(({ answer_span: span }) => [span.start, span.end])])].sort((one, other) => one - other);
  return edges.slice(0, -1).map((start, index) => {
    const end = edges[index + 1] ?? points.length;
    return { text: points.slice(start, end).join(""), citations: citations.filter(({ answer_span: span }) => span.start <= start && end <= span.end) };
  });
}

/** `[1]` as a link to the first quote. */
function withLinks(text: string, answer: Answer, runId: string) {
  return text.split(/(\[\d+\])/).map((part, index) => {
    const number = /^\[(\d+)\]$/.exec(part)?.[1];
    if (number === undefined || !answer.citations.some((citation) => citation.index === Number(number))) return <Fragment key={index}>{part}</Fragment>;
    return (
      <a key={index} className={style.number} href={`#${quoteId(runId, Number(number))}`} aria-label={`Quote ${number}`}>
        {number}
      </a>
    );
  });
}

export function quoteId(runId: string, index: number): string {
  return `quote-${runId}-${index}`;
}
