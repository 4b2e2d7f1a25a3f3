"""How well each quotable unit of a passage answers a question: words, their order, their neighbourhood, the kind asked for.

A linear score over a handful of features, weights fitted by `evals/fit_confidence.py`. No model is called:
this runs for every question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from aivastark.answers.expectations import Expected, expected, holds
from aivastark.answers.passages import Passage
from aivastark.answers.sentences import Unit, split
from aivastark.kit.analysis import analyse

CACHED_PASSAGES = 2048  # readings kept, about 10 KB each
NEAR_TERMS = 3  # two words of the question count as together when this close in a unit
UNKNOWN_TERM_WEIGHT = 1.0  # nats, for a term the index gave no weight


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question taken apart once: analysed terms in order, their weights (sum 1), what it asks for."""

    text: str
    language: str | None
    terms: tuple[str, ...]
    weights: Mapping[str, float]
    expected: Expected


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A passage taken apart: its units, and each unit's analysed terms."""

    units: tuple[Unit, ...]
    terms: tuple[tuple[str, ...], ...]
    sets: tuple[frozenset[str], ...]
    all_terms: frozenset[str]
    heading_terms: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rated:
    """One unit of one passage with its features (each 0–1) and the score they add up to."""

    passage: int
    unit: int
    coverage: float
    context: float
    order: float
    kind: float
    score: float


def understand(question: str, language: str | None, term_weights: Mapping[str, float]) -> Question:
    """Terms of the question and their share of its meaning; every term weighs something."""
    terms = tuple(dict.fromkeys(analyse(question, language))) or tuple(term_weights)
    raw = {term: max(term_weights.get(term, UNKNOWN_TERM_WEIGHT), 0.05) for term in terms}
    total = sum(raw.values()) or 1.0
    return Question(
        text=question,
        language=language,
        terms=terms,
        weights={term: weight / total for term, weight in raw.items()},
        expected=expected(question),
    )


def read(passage: Passage, language: str | None) -> Reading:
    """The passage's units and terms, analysed in the question's language so that both sides stem alike; remembered."""
    heading = " ".join((passage.title, *passage.heading_path))
    return _read(passage.text, heading, passage.language, language or passage.language)


@lru_cache(maxsize=CACHED_PASSAGES)
def _read(text: str, heading: str, written_in: str | None, analysed_as: str | None) -> Reading:
    units = split(text, written_in)
    terms = tuple(tuple(analyse(text[unit.start : unit.end], analysed_as)) for unit in units)
    sets = tuple(map(frozenset, terms))
    return Reading(
        units=units,
        terms=terms,
        sets=sets,
        all_terms=frozenset[str]().union(*sets),
        heading_terms=frozenset(analyse(heading, analysed_as)),
    )


def weigh(question: Question, found: frozenset[str]) -> float:
    """Share of the question's weight these terms hold, 0–1."""
    return sum(weight for term, weight in question.weights.items() if term in found)


def rate(question: Question, passages: Sequence[Passage], readings: Sequence[Reading]) -> list[Rated]:
    """Every unit that may be quoted (no headings), in passage and reading order."""
    top = max((passage.score for passage in passages), default=0.0) or 1.0
    return [
        rated
        for at, (passage, reading) in enumerate(zip(passages, readings, strict=True))
        for rated in _rate_passage(question, at, passage, reading, passage.score / top)
    ]


def _rate_passage(
    question: Question, at: int, passage: Passage, reading: Reading, prior: float
) -> list[Rated]:
    return [
        _rate_unit(question, at, number, passage, reading, prior)
        for number, unit in enumerate(reading.units)
        if unit.kind != "heading"
    ]


def _rate_unit(
    question: Question, at: int, number: int, passage: Passage, reading: Reading, prior: float
) -> Rated:
    own = reading.sets[number]
    unit = reading.units[number]
    text = passage.text[unit.start : unit.end]
    coverage = weigh(question, own)
    context = _context(question, reading, number)
    order = _order(question, reading.terms[number])
    kind = holds(question.expected, text, question.text)
    length = min(len(own), 6) / 6
    score = 1.0 * coverage + 0.5 * context + 0.3 * order + 0.25 * kind + 0.6 * prior + 0.2 * length
    return Rated(
        passage=at, unit=number, coverage=coverage, context=context, order=order, kind=kind, score=score
    )


def _context(question: Question, reading: Reading, number: int) -> float:
    """Coverage that also credits, at a discount, the neighbours, the heading and the rest of the passage."""
    own = reading.sets[number]
    before = reading.sets[number - 1] if number else frozenset()
    after = reading.sets[number + 1] if number + 1 < len(reading.sets) else frozenset()
    total = 0.0
    for term, weight in question.weights.items():
        if term in own:
            total += weight
        elif term in before:
            total += 0.6 * weight
        elif term in reading.heading_terms or term in after:
            total += 0.5 * weight
        elif term in reading.all_terms:
            total += 0.3 * weight
    return total


def _order(question: Question, terms: Sequence[str]) -> float:
    """Share of the question's neighbouring pairs that stand near each other, in the same order, in the unit."""
    if len(question.terms) < 2:
        return 0.0
    places: dict[str, list[int]] = {}
    for place, term in enumerate(terms):
        if term in question.weights:
            places.setdefault(term, []).append(place)
    pairs = list(zip(question.terms, question.terms[1:], strict=False))
    near = sum(
        any(
            0 < second - first <= NEAR_TERMS
            for first in places.get(left, ())
            for second in places.get(right, ())
        )
        for left, right in pairs
    )
    return near / len(pairs)
