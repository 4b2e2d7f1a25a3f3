"""How well each quotable unit of a passage answers a question: its words, their order and place, the kind asked for.

A linear score over a handful of features, weights fitted by `evals/fit_confidence.py`. No model is called:
this runs for every question.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise, zip_longest
from operator import mul
from typing import NamedTuple

from aivastark.answers.contrast import denies, speaks_against, turned_around, words_of
from aivastark.answers.expectations import Expected, expected, holds, instructs, names_and_numbers, without_measure
from aivastark.answers.passages import Passage
from aivastark.answers.sentences import Kind, Unit, introduces, is_numbered_heading, split
from aivastark.kit.analysis import analyse, analyse_document

CACHED_PASSAGES = 2048  # readings kept, about 10 KB each
FULL_LENGTH_TERMS = 8
CACHED_WORDS = 20_000  # about 5 MB
NEAR_TERMS = 4  # two words of the question count as together when this close in a unit
CHUNKS_OF_HALF_TRUST = 50
HEADING_SAYS_LITTLE = 0.6  # of the question's weight: up to here a heading is only the subject
LEAST_TERM_WEIGHT = 0.05
UNKNOWN_TERM_WEIGHT = 1.0  # nats, for a term the index gave no weight


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question taken apart once: analysed terms in order, their weights (sum 1), what it asks for."""

    text: str
    language: str | None
    words: frozenset[str]
    """As written, in lower case."""
    terms: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    """Terms that follow each other."""
    weights: Mapping[str, float]
    expected: Expected
    denies: bool
    """Whether it asks for what is not, or speaks against: "When should I not…", "What are the drawbacks…"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A passage taken apart: its units, and each unit's analysed terms."""

    units: tuple[Unit, ...]
    texts: tuple[str, ...]
    """Each unit as it stands."""
    terms: tuple[tuple[str, ...], ...]
    sets: tuple[frozenset[str], ...]
    all_terms: frozenset[str]
    """With the title and the headings."""
    heads: tuple[frozenset[str], ...]
    """For each unit, the terms it stands under: title, heading path and the nearest heading before it."""
    depths: tuple[int, ...]
    """For each unit, how many quotable units stand between it and the heading (or the passage's start) before it."""
    first_heading: int
    """The first unit that is a heading; the number of units where none is."""


class Features(NamedTuple):
    """What a unit is rated by, each 0–1 (`stance` from -1)."""

    coverage: float
    """Share of the question's weight in the unit itself."""
    context: float
    """The same, crediting neighbours, headings and the rest of the passage at a discount."""
    order: float
    """Share of the question's neighbouring word pairs that stand together in it."""
    kind: float
    """Whether it holds the kind of thing asked for; 0.5 if that cannot be told."""
    opening: float
    """How well the heading above matches the question, fading with the distance from it: FAQ answers."""
    prior: float
    """The passage's fused score, or what stands for it, as a share of the best one's."""
    length: float
    """Distinct terms, up to a handful: very short units seldom say anything."""
    headed: float
    """How far a heading right above says most of the question, fading: a section's opening answers its heading."""
    stance: float
    """1 where a question that denies ("not", "avoid", "drawbacks") meets a unit or heading that does too, -1 where it
    meets the opposite, else 0."""
    manual: float
    """1 where a question for a way meets an instruction, a command or the code that follows; else 0."""


class Rated(NamedTuple):
    """One unit of one passage, by position, with its features and the score they add up to."""

    passage: int
    unit: int
    kind: Kind
    features: Features
    score: float


WEIGHTS = Features(
    coverage=1.0,
    context=0.5,
    order=0.3,
    kind=0.25,
    opening=0.3,
    prior=0.6,
    length=0.2,
    headed=0.6,
    stance=0.8,
    manual=0.3,
)


def understand(
    question: str, language: str | None, term_weights: Mapping[str, float], found: frozenset[str]
) -> Question:
    """Terms of the question and their share of its meaning; `found` are the terms of the passages read."""
    terms = tuple(dict.fromkeys(analyse(without_measure(question), language))) or tuple(term_weights)
    named = frozenset(term for word in names_and_numbers(question) for term in _terms_of_word(word, language))
    raw = {term: max(term_weights.get(term, UNKNOWN_TERM_WEIGHT), LEAST_TERM_WEIGHT) for term in terms}
    for term in raw.keys() - found - named:
        raw[term] *= _trust_in_absence(raw[term])
    total = sum(raw.values()) or 1.0
    return Question(
        text=question,
        language=language,
        words=words_of(question),
        terms=terms,
        pairs=tuple(pairwise(terms)),
        weights={term: weight / total for term, weight in raw.items()},
        expected=expected(question),
        denies=denies(question),
    )


def _trust_in_absence(weight: float) -> float:
    """How much it means that the knowledge base does not have a word, by its size: 0–1.

    A few chunks lack most words of the language, and "can I cancel my subscription" is not about something else
    because they only say "cancel". The weight of an absent term tells their number: idf = ln(2 chunks + 2).
    """
    chunks = max(math.exp(weight) / 2 - 1, 0.0)
    return chunks / (chunks + CHUNKS_OF_HALF_TRUST)


def read(passage: Passage, language: str | None) -> Reading:
    """The passage's units and terms, analysed in the question's language so that both sides stem alike; remembered."""
    heading = "\n".join((passage.title, *passage.heading_path))
    return _read(passage.text, heading, passage.language, language or passage.language)


@lru_cache(maxsize=CACHED_PASSAGES)
def _read(text: str, heading: str, written_in: str | None, analysed_as: str | None) -> Reading:
    units = tuple(_settled(split(text, written_in), text, heading))
    texts = tuple(text[unit.start : unit.end] for unit in units)
    terms = tuple(_terms_of(words, analysed_as) for words in texts)
    sets = tuple(_with_header(units, texts, terms))
    above = frozenset(_terms_of(heading, analysed_as))
    heads, depths = _under(units, sets, above)
    return Reading(
        units=units,
        texts=texts,
        terms=terms,
        sets=sets,
        all_terms=above.union(*sets),
        heads=heads,
        depths=depths,
        first_heading=next((at for at, unit in enumerate(units) if unit.kind == "heading"), len(units)),
    )


def _with_header(
    units: Sequence[Unit], texts: Sequence[str], terms: Sequence[Sequence[str]]
) -> Iterator[frozenset[str]]:
    """Each unit's distinct terms; a table row means its column names too."""
    header, block = frozenset[str](), -1
    for unit, text, own in zip(units, texts, terms, strict=True):
        if unit.kind == "heading" and "|" in text:
            header, block = frozenset(own), unit.block
        yield frozenset(own) | header if unit.kind == "row" and unit.block == block else frozenset(own)


def _terms_of(text: str, language: str | None) -> tuple[str, ...]:
    """`analyse_document`, word by word through a cache: most passages are new, hardly any word is."""
    terms: list[str] = []
    for word in text.split():
        terms += _terms_of_word(word, language)
    return tuple(terms)


@lru_cache(maxsize=CACHED_WORDS)
def _terms_of_word(word: str, language: str | None) -> tuple[str, ...]:
    return tuple(analyse_document(word, language))


def _settled(units: Sequence[Unit], text: str, heading: str) -> Iterator[Unit]:
    """Units with headings told by more than their looks: what is the title, a question alone, a table's header row.

    A line that only looks like a heading but stands last heads nothing, and is text.
    """
    titles = heading.split("\n")
    count = Counter(unit.block for unit in units)
    for unit, following in zip_longest(units, units[1:]):
        words = text[unit.start : unit.end]
        kind = unit.kind
        if kind == "heading" and following is None and not words.startswith("#") and words not in titles:
            kind = "sentence"
        elif (
            (words in titles and (following or len(titles) > 1))
            or (kind in ("sentence", "item") and words[-1] in "?？")
            or (kind == "item" and count[unit.block] == 1 and following and is_numbered_heading(words))
        ):
            kind = "heading"
        elif kind == "row" and following and text[unit.end : following.start].strip():
            kind = "heading"  # a rule stands between the header and the first row
        yield unit if kind == unit.kind else replace(unit, kind=kind)


def _under(
    units: Sequence[Unit], sets: Sequence[frozenset[str]], above: frozenset[str]
) -> tuple[tuple[frozenset[str], ...], tuple[int, ...]]:
    heads: list[frozenset[str]] = []
    depths: list[int] = []
    head, depth = above, 0
    for unit, terms in zip(units, sets, strict=True):
        if unit.kind == "heading":
            head, depth = above | terms, 0
        heads.append(head)
        depths.append(depth)
        depth += unit.kind != "heading"
    return tuple(heads), tuple(depths)


def weigh(question: Question, found: frozenset[str]) -> float:
    """Share of the question's weight these terms hold, 0–1."""
    return sum([weight for term, weight in question.weights.items() if term in found])


def rate(question: Question, passages: Sequence[Passage], readings: Sequence[Reading]) -> list[Rated]:
    """Every unit that may be quoted (no headings), in passage and reading order."""
    top = max((_weight_of_place(passage) for passage in passages), default=0.0) or 1.0
    return [
        rated
        for at, (passage, reading) in enumerate(zip(passages, readings, strict=True))
        for rated in _rate_passage(question, at, passage, reading, _weight_of_place(passage) / top)
    ]


def _weight_of_place(passage: Passage) -> float:
    return passage.score if passage.prior is None else passage.prior


def _rate_passage(question: Question, at: int, passage: Passage, reading: Reading, prior: float) -> list[Rated]:
    held = [(term, weight) for term, weight in question.weights.items() if term in reading.all_terms]
    said_above = {head: weigh(question, head) for head in frozenset(reading.heads)}
    rated = []
    for number, unit in enumerate(reading.units):
        if unit.kind == "heading" or _says_nothing(question, reading, number):
            continue
        coverage, context = _coverage(held, reading, number)
        head = said_above[reading.heads[number]]
        text = reading.texts[number]
        features = Features(
            coverage=coverage,
            context=context,
            order=_order(question, reading, number),
            kind=holds(question.expected, text, question.text),
            opening=head / (1 + reading.depths[number]),
            prior=prior,
            length=min(len(reading.sets[number]), FULL_LENGTH_TERMS) / FULL_LENGTH_TERMS,
            headed=_headed(head, reading, number),
            stance=_stance(question, passage, text) if question.denies else 0.0,
            manual=_manual(question, reading, number),
        )
        rated.append(Rated(at, number, unit.kind, features, score(features)))
    return rated


def _says_nothing(question: Question, reading: Reading, number: int) -> bool:
    """The question over again, or an introduction whose list or code is not in the passage: no answer on its own."""
    unit, own, words = reading.units[number], reading.sets[number], reading.texts[number]
    if unit.kind != "sentence":
        return False
    if introduces(words):
        following = reading.units[number + 1 : number + 2]
        return not following or following[0].kind == "heading" or following[0].block == unit.block
    return words[-1].isalnum() and own <= question.weights.keys() and len(own) > 1


def _coverage(held: Sequence[tuple[str, float]], reading: Reading, number: int) -> tuple[float, float]:
    """What the unit itself says of the question, and the same crediting, at a discount, what stands around it.

    `held` are the terms of the question that the passage has anywhere, with their weights. Around it are its
    neighbours, the heading above and the rest of the passage.
    """
    own = reading.sets[number]
    before = reading.sets[number - 1] if number else frozenset()
    after = reading.sets[number + 1] if number + 1 < len(reading.sets) else frozenset()
    head = reading.heads[number]
    coverage = context = 0.0
    for term, weight in held:
        if term in own:
            coverage += weight
            context += weight
        elif term in before:
            context += 0.6 * weight
        elif term in head or term in after:
            context += 0.5 * weight
        else:
            context += 0.3 * weight
    return coverage, context


def _order(question: Question, reading: Reading, number: int) -> float:
    """Share of the question's neighbouring pairs that stand near each other, in the same order, in the unit."""
    # Most units have one term of the question or none, and that costs one look.
    if len(question.weights.keys() & reading.sets[number]) < 2:
        return 0.0
    places: dict[str, list[int]] = {}
    for place, term in enumerate(reading.terms[number]):
        if term in question.weights:
            places.setdefault(term, []).append(place)
    near = 0
    for left, right in question.pairs:
        if left in places and right in places:
            near += _stand_near(places[left], places[right])
    return near / len(question.pairs)


def _stand_near(firsts: Sequence[int], seconds: Sequence[int]) -> bool:
    return any(0 < second - first <= NEAR_TERMS for first in firsts for second in seconds)


def _headed(said: float, reading: Reading, number: int) -> float:
    """Only where the heading stands in the passage: the start of a later passage is not the section's opening."""
    if number < reading.first_heading:
        return 0.0
    return max(0.0, said - HEADING_SAYS_LITTLE) / (1 - HEADING_SAYS_LITTLE) / (1 + reading.depths[number])


def _stance(question: Question, passage: Passage, text: str) -> float:
    if turned_around(question.words, words_of(text)):
        return -1.0

    def asked_of(word: str) -> bool:
        return not question.weights.keys().isdisjoint(_terms_of_word(word, question.language))

    return float(speaks_against(question.text, "\n".join((*passage.heading_path[-1:], text)), asked_of))


def _manual(question: Question, reading: Reading, number: int) -> float:
    if question.expected != "steps":
        return 0.0
    units = reading.units[number : number + 2]
    followed = len(units) > 1 and units[1].kind == "code" and units[0].kind == "sentence"
    return float(followed or units[0].kind == "code" or instructs(reading.texts[number]))


def score(features: Features) -> float:
    return float(sum(map(mul, WEIGHTS, features)))
