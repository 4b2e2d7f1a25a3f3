"""How well what a language model chose to say answers the question: its confidence, from the sentences it rests on.

Retrieval says how good the passages are. A model may take a sentence of the best of them that is proven and beside the
point; so its answers are judged by the sentences themselves as well: their own words, how they compare with the best
that could have been quoted, and how much beside them could not be proven. Weights in `calibration_model.json`, fitted
and cross-validated by `evals/fit_model_confidence.py` on scripted models, good and bad ones.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from aivastark.answers.confidence import MAX_LOGIT, Signals, confidence
from aivastark.answers.expectations import holds
from aivastark.answers.extractive import Evidence, Examined, judge
from aivastark.answers.relevance import Rated

LEAST_PROBABILITY = 0.01  # as an input: below and above its opposite, the tails say nothing more
DOUBT_OF_MADE_UP = 0.5  # how much a model that only made things up is doubted in what it proves


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What the sentences of an answer rest on, each number 0–1; all scale-free, as `Signals` are."""

    drafted: float = 0.0
    """Confidence in the documents' own answer: whether the passages answer at all."""
    judged: float = 0.0
    """The same around the best sentence chosen here."""
    coverage: float = 0.0
    """Share of the question's weight in that sentence itself."""
    share: float = 0.0
    """Its score as a share of the best among all that could have been quoted."""
    kind: float = 0.0
    """Whether what was chosen holds the kind of thing asked for (1), not (0), or it cannot be told (0.5)."""


INPUTS: Mapping[str, Callable[[Chosen], float]] = {
    "drafted": lambda chosen: _logit(chosen.drafted),
    "judged": lambda chosen: _logit(chosen.judged),
    "coverage": lambda chosen: chosen.coverage,
    "share": lambda chosen: chosen.share,
    "kind": lambda chosen: chosen.kind,
}


def choice(examined: Examined, evidence: Sequence[Evidence], drafted: Signals) -> Chosen:
    """What an answer that rests on `evidence` is judged by; `drafted` are the signals of the documents' own answer."""
    ranked = sorted(examined.rated, key=lambda unit: -unit.score)
    best = next((unit for unit in ranked if _rests_on(examined, unit, evidence)), None)
    if best is None:
        return Chosen()
    quotes = "\n".join(one.passage.text[one.start : one.end] for one in evidence)
    return Chosen(
        drafted=confidence(drafted),
        judged=confidence(judge(examined, evidence)),
        coverage=best.features.coverage,
        share=max(0.0, best.score / ranked[0].score) if ranked[0].score > 0 else 0.0,
        kind=holds(examined.question.expected, quotes, examined.question.text),
    )


def _rests_on(examined: Examined, rated: Rated, evidence: Sequence[Evidence]) -> bool:
    passage, unit = examined.passages[rated.passage], examined.readings[rated.passage].units[rated.unit]
    return any(
        one.passage.chunk_id == passage.chunk_id and unit.start < one.end and unit.end > one.start for one in evidence
    )


@lru_cache(maxsize=1)
def calibration() -> Mapping[str, float]:
    """The shipped parameters: `intercept` and one weight for each of `INPUTS`. Raises `ValueError` if they differ."""
    shipped = json.loads(files("aivastark.answers").joinpath("calibration_model.json").read_text(encoding="utf-8"))
    weights: Mapping[str, float] = shipped["weights"]
    if weights.keys() != {"intercept", *INPUTS}:
        raise ValueError("calibration_model.json does not fit choice.py: run python -m evals.fit_model_confidence")
    return weights


def sureness(chosen: Chosen, *, strengths: Sequence[float], unproven: int) -> float:
    """Probability, 0–1, that what a model said is right. 0 without evidence.

    `strengths` are those of the proofs of its sentences (`support.Support`), `unproven` is how many were left out.
    These two only take away, by rule: what models make up cannot be scripted as they do it, so nothing is fitted.
    """
    if not chosen.judged or not strengths:
        return 0.0
    weights = calibration()
    logit = weights["intercept"] + sum(weights[name] * value(chosen) for name, value in INPUTS.items())
    proof = sum(strengths) / len(strengths)
    honest = 1.0 - DOUBT_OF_MADE_UP * unproven / (len(strengths) + unproven)
    return proof * honest / (1.0 + math.exp(-max(-MAX_LOGIT, min(MAX_LOGIT, logit))))


def _logit(probability: float) -> float:
    held = min(max(probability, LEAST_PROBABILITY), 1.0 - LEAST_PROBABILITY)
    return math.log(held / (1.0 - held))
