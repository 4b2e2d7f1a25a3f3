"""From outcomes to a row of numbers, and from rows to a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from evals.api import Outcome
from evals.metrics import (
    auroc,
    expected_calibration_error,
    holds_answer,
    mean,
    ndcg_at,
    percentile,
    recall_at,
    reciprocal_rank_at,
)

COLUMNS = {
    "questions": "n",
    "recall5": "R@5",
    "mrr10": "MRR@10",
    "ndcg10": "nDCG@10",
    "right": "right",
    "cited_first": "cited 1st",
    "cited_any": "cited any",
    "refused_unanswerable": "refused unans.",
    "refused_answerable": "refused ans.",
    "auroc": "AUROC",
    "ece": "ECE",
    "verbatim": "verbatim",
    "words": "words",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
}
WHOLE = frozenset({"questions", "words", "p50_ms", "p99_ms", "first_token_ms", "provider_ms"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """An outcome and whether it was right, by the rule of its set."""

    outcome: Outcome
    right: bool


def judge(outcomes: Sequence[Outcome], *, span_answers: bool) -> list[Judged]:
    """Right: shown, answerable, and holding a gold answer or, where answers are prose, citing gold first."""
    return [Judged(outcome=outcome, right=_is_right(outcome, span_answers)) for outcome in outcomes]


def summarise(judged: Sequence[Judged]) -> dict[str, float]:
    """A row of the table; what does not apply is NaN."""
    outcomes = [one.outcome for one in judged]
    answerable = [one for one in outcomes if one.question.answerable]
    shown = [one for one in answerable if one.answered]
    searched = [(one.ranked, one.question.relevant) for one in answerable]
    milliseconds = [one.milliseconds for one in outcomes]
    confidences = [one.confidence for one in outcomes]
    rights = [one.right for one in judged]
    return {
        "questions": len(judged),
        "recall5": mean([recall_at(*one, 5) for one in searched]),
        "mrr10": mean([reciprocal_rank_at(*one, 10) for one in searched]),
        "ndcg10": mean([ndcg_at(*one, 10) for one in searched]),
        "right": mean([one.right for one in judged if one.outcome.question.answerable]),
        "cited_first": mean([one.cited[0] in one.question.relevant for one in shown]),
        "cited_any": mean([any(cited in one.question.relevant for cited in one.cited) for one in shown]),
        "refused_unanswerable": mean([not one.answered for one in outcomes if not one.question.answerable]),
        "refused_answerable": mean([not one.answered for one in answerable]),
        "auroc": auroc(confidences, rights),
        "ece": expected_calibration_error(confidences, rights),
        "verbatim": mean([quote for one in outcomes for quote in one.verbatim]),
        "words": mean([len(one.answer.split()) for one in outcomes if one.answered]),
        "p50_ms": percentile(milliseconds, 0.5),
        "p99_ms": percentile(milliseconds, 0.99),
    }


def table(rows: Mapping[str, Mapping[str, float]]) -> Table:
    """The rows, for people."""
    drawn = Table(title="Through the HTTP API", title_justify="left")
    drawn.add_column("set")
    for heading in COLUMNS.values():
        drawn.add_column(heading, justify="right")
    for name, row in rows.items():
        drawn.add_row(name, *(shown(column, row[column]) for column in COLUMNS))
    return drawn


def _is_right(outcome: Outcome, span_answers: bool) -> bool:
    question = outcome.question
    if not outcome.answered or not question.answerable:
        return False
    if span_answers:
        return holds_answer(outcome.answer, question.answers)
    return bool(outcome.cited) and outcome.cited[0] in question.relevant


def shown(column: str, value: float) -> str:
    if value != value:
        return "-"
    return f"{value:.0f}" if column in WHOLE else f"{value:.3f}"
