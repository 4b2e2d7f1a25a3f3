"""An answer made of the sources' own sentences: the best supported units, in reading order, lists kept whole."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from aivastark.answers.confidence import Signals
from aivastark.answers.passages import Passage
from aivastark.answers.relevance import Question, Rated, Reading, rate, read, understand
from aivastark.answers.sentences import Unit, introduces, is_ordered_item
from aivastark.answers.signals import measure

Layout = Literal["prose", "list", "table", "code"]

MAX_PASSAGES = 6  # read closely; the rest only backs suggestions
MAX_SENTENCES = 3
MAX_LIST_ITEMS = 12
MAX_ANSWER_WORDS = 100  # beyond, nothing joins the best unit
MAX_CODE_CHARS = 600  # longer code is not brought along
CONSIDERED = 8  # further units looked at
NEAR_BEST_ELSEWHERE = 0.78  # of the best score, to be shown from another passage
AS_GOOD = 0.85  # a unit of another passage this near the best joins without a new word of the question
MAX_STEPS_CHARS = 1000
SHORT_LIST_CHARS = 500  # a list this short is quoted whole even when one item would do
LEAST_BEARING = 0.25  # and itself speaks of the question at least this much as the best one does
NEAR_BEST = 0.66  # a further unit joins when it scores this share of the best one


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """One quoted span, exact: the quote is `passage.text[start:end]`."""

    passage: Passage
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A piece of the answer and the words that prove it.

    Composed here: the quote made readable (white space folded, table bars replaced), never other words. A language
    model's: its sentence, which the quote was found to support.
    """

    text: str
    evidence: Evidence
    layout: Layout


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """The statements in the order they are shown, and what confidence is judged by. No statements = no evidence."""

    statements: tuple[Statement, ...]
    signals: Signals


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """Passages read closely with a question in mind, unit by unit."""

    question: Question
    passages: Sequence[Passage]
    """Those that were read, best first."""
    readings: Sequence[Reading]
    rated: Sequence[Rated]
    found: frozenset[str]
    """The terms of all of them."""
    is_foreign: bool
    """The embedding model does not understand the question's language."""


def examine(
    question: str,
    passages: Sequence[Passage],
    *,
    term_weights: Mapping[str, float],
    language: str | None,
    model_languages: frozenset[str] | None = None,
) -> Examined:
    """Read the best passages (best first) with the question in mind. Pure, no model.

    `term_weights`: inverse document frequency of each analysed term of the question, as search gives it;
    `language`: the one the question was analysed in (ISO 639-1); `model_languages`: those the embedding model
    understands (None: any), without which its cosines mean less.
    """
    close = passages[:MAX_PASSAGES]
    readings = [read(passage, language) for passage in close]
    found = frozenset[str]().union(*(reading.all_terms for reading in readings))
    asked = understand(question, language, term_weights, found)
    return Examined(
        question=asked,
        passages=close,
        readings=readings,
        rated=rate(asked, close, readings) if asked.terms else (),
        found=found,
        is_foreign=model_languages is not None and language is not None and language not in model_languages,
    )


def compose(
    question: str,
    passages: Sequence[Passage],
    *,
    term_weights: Mapping[str, float],
    language: str | None,
    model_languages: frozenset[str] | None = None,
) -> Draft:
    """`draft` of what `examine` makes of these."""
    return draft(
        examine(question, passages, term_weights=term_weights, language=language, model_languages=model_languages)
    )


def draft(examined: Examined) -> Draft:
    """The best 1–3 units, with what they need to be understood. An empty draft when nothing can be quoted."""
    if not examined.rated:
        return Draft(statements=(), signals=Signals())
    asked, close, readings = examined.question, examined.passages, examined.readings
    chosen = _choose(asked, examined.rated, close, readings)
    spans = _complete(asked, chosen, close, readings)
    statements = tuple(_state(close[at], readings[at], number) for at, number in spans)
    return Draft(statements=statements, signals=_signals(examined, chosen[0], spans))


def judge(examined: Examined, evidence: Sequence[Evidence]) -> Signals:
    """The signals of an answer that rests on this evidence, whoever wrote it."""
    spans = [
        (at, number)
        for at, passage in enumerate(examined.passages)
        for number, unit in enumerate(examined.readings[at].units)
        if is_quoted(passage, unit, evidence)
    ]
    held = set(spans)
    best = max(
        (unit for unit in examined.rated if (unit.passage, unit.unit) in held),
        key=lambda unit: unit.score,
        default=None,
    )
    return Signals() if best is None else _signals(examined, best, spans)


def is_quoted(passage: Passage, unit: Unit, evidence: Sequence[Evidence]) -> bool:
    """Whether some of the evidence lies in this unit."""
    return any(
        one.passage.chunk_id == passage.chunk_id and unit.start < one.end and unit.end > one.start for one in evidence
    )


def _signals(examined: Examined, best: Rated, spans: Sequence[tuple[int, int]]) -> Signals:
    signals = measure(
        examined.question,
        examined.passages,
        examined.readings,
        examined.rated,
        best,
        spans,
        found=examined.found,
    )
    return replace(signals, foreign=1.0) if examined.is_foreign else signals


def _choose(
    question: Question, rated: Sequence[Rated], passages: Sequence[Passage], readings: Sequence[Reading]
) -> list[Rated]:
    """The best unit and up to two more that come near it and say something more, best first."""
    best, *further = sorted(rated, key=lambda unit: -unit.score)
    least = LEAST_BEARING * _bearing(best)
    chosen = [best]
    room = MAX_ANSWER_WORDS - _words(passages, readings, best)
    for unit in further[:CONSIDERED]:
        beside = unit.passage == best.passage
        if len(chosen) == MAX_SENTENCES or unit.score < (NEAR_BEST if beside else NEAR_BEST_ELSEWHERE) * best.score:
            continue
        words = _words(passages, readings, unit)
        said = frozenset[str]().union(*(readings[each.passage].sets[each.unit] for each in chosen))
        own = readings[unit.passage].sets[unit.unit]
        adds = not own.intersection(question.weights) <= said
        if own <= said:
            continue
        if words <= room and _bearing(unit) >= least and (beside or adds or unit.score >= AS_GOOD * best.score):
            chosen.append(unit)
            room -= words
    # Rows share their column names; of several, only those that say the most of the question are meant.
    fullest = max((unit.features.coverage for unit in chosen if unit.kind == "row"), default=0.0)
    return [best, *(unit for unit in chosen[1:] if unit.kind != "row" or unit.features.coverage >= fullest)]


def _words(passages: Sequence[Passage], readings: Sequence[Reading], rated: Rated) -> int:
    unit = readings[rated.passage].units[rated.unit]
    return len(passages[rated.passage].text[unit.start : unit.end].split())


def _bearing(unit: Rated) -> float:
    """How much of the question a unit itself speaks of, or the heading right above it."""
    return unit.features.coverage + unit.features.opening / 2


def _complete(
    question: Question, chosen: Sequence[Rated], passages: Sequence[Passage], readings: Sequence[Reading]
) -> list[tuple[int, int]]:
    """(passage, unit) pairs in the order shown: passages by their best unit, units in reading order, lists whole."""
    wanted: dict[int, set[int]] = {}
    for unit in chosen:
        reading, text = readings[unit.passage], passages[unit.passage].text
        wanted.setdefault(unit.passage, set()).update(_with_company(question, text, reading, unit.unit))
    return [(at, number) for at, numbers in wanted.items() for number in sorted(numbers)]


def _with_company(question: Question, text: str, reading: Reading, number: int) -> set[int]:
    """The unit, plus what it cannot stand without: the rest of its steps, its introduction, its antecedent."""
    units = reading.units
    unit = units[number]
    company = {number}
    if unit.kind == "item":
        company |= _list(question, text, reading, number)
    elif unit.kind == "sentence":
        following = number + 1
        if following < len(units) and introduces(text[unit.start : unit.end]):
            company |= _introduced(question, text, reading, following)
        elif following < len(units) and question.expected == "steps" and _is_short_code(units[following]):
            company.add(following)
        if _dangles(text[unit.start : unit.end]) and number and units[number - 1].kind == "sentence":
            company |= {number - 1} if units[number - 1].block == unit.block else set()
    elif unit.kind == "code" and number and _introduces(text, reading, number - 1):
        company.add(number - 1)
    return company


def _introduced(question: Question, text: str, reading: Reading, number: int) -> set[int]:
    """What a sentence that ends in a colon announces: the list, the rows, the code, else the sentence after it."""
    units = reading.units
    kind = units[number].kind
    if kind == "item":
        members = [at for at, unit in enumerate(units) if unit.block == units[number].block]
        fitting = [at for at in members if units[at].end - units[number].start <= MAX_STEPS_CHARS]
        return set(fitting[:MAX_LIST_ITEMS])
    if kind == "code":
        return {number} if _is_short_code(units[number]) else set()
    return {number} if kind != "heading" else set()


def _is_short_code(unit: Unit) -> bool:
    return unit.kind == "code" and unit.end - unit.start <= MAX_CODE_CHARS


def _list(question: Question, text: str, reading: Reading, number: int) -> set[int]:
    """The list around a unit with its introduction: whole for steps and short lists, else the one item."""
    units = reading.units
    members = [at for at, unit in enumerate(units) if unit.block == units[number].block]
    opening = {members[0] - 1} if members[0] and _introduces(text, reading, members[0] - 1) else set[int]()
    length = units[members[-1]].end - units[members[0]].start
    ordered = is_ordered_item(text[units[number].start : units[number].end])
    cap = MAX_STEPS_CHARS if ordered and question.expected == "steps" else SHORT_LIST_CHARS
    if length <= cap and len(members) <= MAX_LIST_ITEMS:
        return opening | set(members)
    return opening | {number}


def _introduces(text: str, reading: Reading, number: int) -> bool:
    unit = reading.units[number]
    return (unit.kind == "sentence" and text[unit.end - 1] in ":：") or (
        unit.kind == "sentence" and text[unit.end - 1] not in ".!?。！？"
    )


_DANGLING = re.compile(
    r"(?:it|its|this|these|that|those|they|them|their|he|she|his|her|however|therefore|thus|then|also|but|so|such|otherwise"
    r"|instead|moreover|furthermore|additionally|for example|for instance|in addition|as a result|in this case"
    r"|er|es|sie|dies|diese[rsm]?|das|dabei|damit|dadurch|jedoch|aber|deshalb|daher|außerdem|dann|zudem|sonst|andernfalls"
    r"|esto|esta|este|estos|estas|ello|además|sin embargo|por lo tanto|así|también|pero|entonces"
    r"|il|elle|ils|elles|cela|ceci|cette|ce|cependant|toutefois|donc|ainsi|mais|alors|également)(?!\w)[,\s]",
    re.IGNORECASE,
)


def _dangles(sentence: str) -> bool:
    """Whether a sentence opens with a word that leans on the one before it ("It…", "However, …")."""
    return _DANGLING.match(sentence) is not None


def _state(passage: Passage, reading: Reading, number: int) -> Statement:
    unit = reading.units[number]
    raw = passage.text[unit.start : unit.end]
    evidence = Evidence(passage=passage, start=unit.start, end=unit.end)
    match unit.kind:
        case "item":
            return Statement(text=" ".join(raw.split()), evidence=evidence, layout="list")
        case "row":
            return Statement(text=_row(raw), evidence=evidence, layout="table")
        case "code":
            return Statement(text=raw, evidence=evidence, layout="code")
        case _:
            return Statement(text=" ".join(raw.split()), evidence=evidence, layout="prose")


def _row(raw: str) -> str:
    """`| Pro | 20 € |` as "Pro: 20 €"; more cells as "Pro: 20 € · 5 seats"."""
    cells = [" ".join(cell.split()) for cell in re.split(r"\s*\|\s*|\t+", raw) if cell.strip()]
    return f"{cells[0]}: {' · '.join(cells[1:])}" if len(cells) > 1 else cells[0] if cells else raw.strip()
