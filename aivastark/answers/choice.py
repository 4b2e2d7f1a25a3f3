"""How well what a language model chose to say answers the question: its confidence, from the sentences it rests on.

Retrieval says how good the passages are. A model may take a sentence of the best of them that is proven and beside the
point; so its answers are judged by the sentences themselves as well: their own words, how they compare with the best
that could have been quoted, and how much beside them could not be proven. Weights in `calibration_model.json`, fitted
and cross-validated by `evals/fit_model_confidence.py` on scripted models, good and bad ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from aivastark.answers.confidence import Signals, confidence, log_odds, regression, shipped_weights
from aivastark.answers.expectations import holds
from aivastark.answers.extractive import Evidence, Examined, is_quoted, judge
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
    "drafted": lambda chosen: log_odds(chosen.drafted, edge=LEAST_PROBABILITY),
    "judged": lambda chosen: log_odds(chosen.judged, edge=LEAST_PROBABILITY),
    "coverage": lambda chosen: chosen.coverage,
    "share": lambda chosen: chosen.share,
    "kind": lambda chosen: chosen.kind,
}


def choice(examined: Examined, evidence: Sequence[Evidence], drafted: Signals) -> Chosen:
    """What an answer that rests on `evidence` is judged by; `drafted` are the signals of the documents' own answer."""
    quoted = [unit for unit in examined.rated if _rests_on(examined, unit, evidence)]
    if not quoted:
        return Chosen()
    best = max(quoted, key=lambda unit: unit.score)
    highest = max(unit.score for unit in examined.rated)
    quotes = "\n".join(one.passage.text[one.start : one.end] for one in evidence)
    return Chosen(
        drafted=confidence(drafted),
        judged=confidence(judge(examined, evidence)),
        coverage=best.features.coverage,
        share=max(0.0, best.score / highest) if highest > 0 else 0.0,
        kind=holds(examined.question.expected, quotes, examined.question.text),
    )


def _rests_on(examined: Examined, rated: Rated, evidence: Sequence[Evidence]) -> bool:
    passage, unit = examined.passages[rated.passage], examined.readings[rated.passage].units[rated.unit]
    return is_quoted(passage, unit, evidence)


@lru_cache(maxsize=1)
def calibration() -> Mapping[str, float]:
    """The shipped parameters: `intercept` and one weight for each of `INPUTS`. Raises `ValueError` if they differ."""
    return shipped_weights("calibration_model.json", INPUTS, made_by="evals.fit_model_confidence")


def sureness(chosen: Chosen, *, strengths: Sequence[float], unproven: int) -> float:
    """Probability, 0–1, that what a model said is right. 0 without evidence.

    `strengths` are those of the proofs of its sentences (`support.Support`), `unproven` is how many were left out.
    These two only take away, by rule: what models make up cannot be scripted as they do it, so nothing is fitted.
    """
    if not chosen.judged or not strengths:
        return 0.0
    answers = regression(calibration(), {name: value(chosen) for name, value in INPUTS.items()})
    proof = sum(strengths) / len(strengths)
    honest = 1.0 - DOUBT_OF_MADE_UP * unproven / (len(strengths) + unproven)
    return proof * honest * answers
