"""How likely the drafted answer is right and supported: a calibrated probability, its level and its reasons.

Logistic regression over a few scale-free signals (Platt, "Probabilistic Outputs for Support Vector Machines", 1999,
is the one-signal case); parameters in `calibration.json`, fitted and cross-validated by `evals/fit_confidence.py`.
"""

import json
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

Level = Literal["high", "medium", "low"]
Reason = Literal[
    "no_evidence",
    "partial_coverage",
    "ambiguous_question",
    "conflicting_sources",
    "stale_evidence",
    "retrievers_disagree",
    "weak_match",
    "model_unavailable",
    "budget_spent",
    "model_found_no_answer",
    "unsupported_left_out",
    "answer_cut_off",
    "forbidden_topic",
    "embedding_anew",
]

HIGH_FROM = 0.75
MEDIUM_FROM = 0.5
MAX_LOGIT = 30.0
WEAK_SCORE = 0.25  # fused, absolute: below, hardly any right answer
MUCH_UNKNOWN = 0.5
PARTIAL_COVERAGE = 0.6
LITTLE_ISOLATION = 0.08  # several documents are as close to the question as the one cited
DISAGREEMENT = 0.3  # the passage is fourth or worse for one retriever
ANSWERED_FROM = 0.35


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """What the answer rests on; all scale-free, so that they mean the same in a base of three chunks or a million."""

    evidence: float = 0.0
    """1 if any unit could be quoted, else 0; nothing else counts then."""
    foreign: float = 0.0
    """1 if the embedding model does not understand the question's language."""
    score: float = 0.0
    """Fused score of the first cited passage, on the engine's absolute scale."""
    vector: float = 0.0
    """Cosine of question and first cited passage, 0–1; 0 when unknown."""
    isolation: float = 0.0
    """That cosine minus the mean cosine of the other documents' passages: how much this one stands out."""
    lead: float = 0.0
    """Fused score of the first cited passage minus the best of another document."""
    context_lead: float = 0.0
    """Coverage of the best unit in its context minus the best in another document."""
    agreement: float = 0.0
    """1 when both retrievers put the first cited passage first, falling with the worse rank as 1/rank."""
    coverage: float = 0.0
    """Share of the question's weight found in the shown answer and the headings above it."""
    near: float = 0.0
    """The same for the best unit, its neighbours and its headings."""
    passage: float = 0.0
    """The same for the whole first cited passage with its title and headings."""
    missing: float = 0.0
    """Weight share of the heaviest question term that is not near the best unit."""
    unknown: float = 0.0
    """Weight share of the question's terms found in no passage that was read."""
    order: float = 0.0
    """Share of the question's neighbouring word pairs that stand together in the best unit."""
    kind: float = 0.0
    """Whether the shown answer holds the kind of thing asked for (1), not (0), or it cannot be told (0.5)."""
    number: float = 0.0
    """1 if the best unit has a number the question did not say: concrete."""
    contrast: float = 0.0
    """1 if the best unit has the opposite of a word asked for, or the question denies what it says plainly."""
    numbers: float = 0.0
    """1 if the question names a number that the first cited passage does not have."""
    conflict: float = 0.0
    """1 if another document answers a question for a number or a time as well, with other numbers."""


# What the regression sees of the signals: some in pieces or products, as weak words and weak meaning excuse each other.
INPUTS: Mapping[str, Callable[[Signals], float]] = {
    "score_low": lambda signals: min(signals.score, 0.4),
    "vector_squared": lambda signals: signals.vector**2,
    "vector_x_near": lambda signals: signals.vector * signals.near,
    "near_low": lambda signals: min(signals.near, 0.5),
    "missing": lambda signals: signals.missing,
    "isolation": lambda signals: signals.isolation,
    "context_lead": lambda signals: signals.context_lead,
    "contrast": lambda signals: signals.contrast,
    "numbers": lambda signals: signals.numbers,
    "foreign_x_near": lambda signals: signals.foreign * signals.near,
    "foreign_x_score": lambda signals: signals.foreign * signals.score,
}


@lru_cache(maxsize=1)
def calibration() -> Mapping[str, float]:
    """The shipped parameters: `intercept` and one weight for each of `INPUTS`. Raises `ValueError` if they differ."""
    return shipped_weights("calibration.json", INPUTS, made_by="evals.fit_confidence")


def shipped_weights(name: str, inputs: Collection[str], *, made_by: str) -> Mapping[str, float]:
    """The weights of a regression in the file `name`. Raises `ValueError` where they are not those of `inputs`."""
    shipped = json.loads(files("aivastark.answers").joinpath(name).read_text(encoding="utf-8"))
    weights: Mapping[str, float] = shipped["weights"]
    if weights.keys() != {"intercept", *inputs}:
        raise ValueError(f"{name} has other inputs than the code: run python -m {made_by}")
    return weights


def confidence(signals: Signals) -> float:
    """Probability, 0–1, that an answer with these signals is right and supported; 0 without evidence."""
    if not signals.evidence:
        return 0.0
    return regression(calibration(), {name: value(signals) for name, value in INPUTS.items()})


def regression(weights: Mapping[str, float], values: Mapping[str, float]) -> float:
    """The probability, 0–1, of a logistic regression for these values of its inputs."""
    logit = weights["intercept"] + sum(weights[name] * value for name, value in values.items())
    return 1.0 / (1.0 + math.exp(-max(-MAX_LOGIT, min(MAX_LOGIT, logit))))


def log_odds(probability: float, *, edge: float) -> float:
    """Of a probability, held `edge` away from 0 and 1, where they have no end."""
    held = min(max(probability, edge), 1.0 - edge)
    return math.log(held / (1.0 - held))


def level(probability: float) -> Level:
    """high from 0.75, medium from 0.5, else low."""
    return "high" if probability >= HIGH_FROM else "medium" if probability >= MEDIUM_FROM else "low"


def answered(probability: float, *, threshold: float = ANSWERED_FROM) -> bool:
    """Whether the answer is shown; below the threshold the project's own refusal is."""
    return probability >= threshold


def reasons(signals: Signals, probability: float, *, stale: bool = False) -> tuple[Reason, ...]:
    """Why the confidence is not high, or must be read with care: empty for a high one on fresh, undisputed evidence."""
    if not signals.evidence:
        return ("no_evidence",)
    found: list[Reason] = ["stale_evidence"] if stale else []
    if signals.conflict:
        found.append("conflicting_sources")
    if probability < HIGH_FROM:
        doubts: tuple[tuple[Reason, bool], ...] = (
            ("weak_match", signals.score < WEAK_SCORE or signals.unknown > MUCH_UNKNOWN),
            ("partial_coverage", signals.near < PARTIAL_COVERAGE or bool(signals.contrast or signals.numbers)),
            ("ambiguous_question", signals.isolation < LITTLE_ISOLATION and signals.context_lead <= 0.0),
            ("retrievers_disagree", signals.agreement < DISAGREEMENT),
        )
        found += [reason for reason, holds in doubts if holds]
    return tuple(found)
