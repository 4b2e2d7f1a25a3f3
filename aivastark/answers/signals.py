"""The signals of a draft: what confidence is judged by."""

from collections.abc import Sequence

from aivastark.answers.confidence import Signals
from aivastark.answers.contrast import negated, numbers_in, other_numbers, turned_around, words_of
from aivastark.answers.expectations import holds, new_number
from aivastark.answers.passages import Passage
from aivastark.answers.relevance import Question, Rated, Reading, weigh

RIVAL_COVERAGE = 0.8  # of the question's weight: two sources both speak of just this
USUAL_ISOLATION = 0.2  # where there is no other document to stand out from


def measure(
    question: Question,
    passages: Sequence[Passage],
    readings: Sequence[Reading],
    rated: Sequence[Rated],
    best: Rated,
    shown: Sequence[tuple[int, int]],
    *,
    found: frozenset[str],
) -> Signals:
    """Signals of an answer made of the `shown` (passage, unit) pairs around `best`, from what was retrieved.

    `found` are the terms of all the readings.
    """
    passage, reading = passages[best.passage], readings[best.passage]
    text = reading.texts[best.unit]
    near = _near(reading, best.unit)
    answer = frozenset[str]().union(*(readings[at].sets[number] for at, number in shown))
    others = [each for each in passages if each.document_id != passage.document_id]
    names_a_number = any(word[0].isdigit() for word in question.words)
    shown_text = "\n".join(_text(passages[at], readings[at], number) for at, number in shown)
    return Signals(
        evidence=1.0,
        score=passage.score,
        vector=max(0.0, passage.vector_score or 0.0),
        isolation=_isolation(passage, others),
        lead=passage.score - max((each.score for each in others), default=0.0),
        context_lead=best.features.context - _best_elsewhere(passages, rated, passage.document_id),
        agreement=_agreement(passage),
        coverage=weigh(question, answer | reading.heads[best.unit]),
        near=weigh(question, near),
        passage=weigh(question, reading.all_terms),
        missing=max((weight for term, weight in question.weights.items() if term not in near), default=0.0),
        unknown=1.0 - weigh(question, found),
        order=best.features.order,
        kind=holds(question.expected, shown_text, question.text),
        number=new_number(text, question.text),
        contrast=float(
            turned_around(question.words, words_of(text))
            or negated(question.text, f"{_above(passage, reading, best.unit)}\n{text}")
        ),
        numbers=float(names_a_number and other_numbers(question.words, _words_of_all(passage))),
        conflict=float(_conflict(question, passages, readings, rated, best)),
    )


def _words_of_all(passage: Passage) -> frozenset[str]:
    return words_of("\n".join((passage.title, *passage.heading_path, passage.text)))


def _above(passage: Passage, reading: Reading, number: int) -> str:
    """The heading over a unit: what it denies, its text need not deny again."""
    above = (at for at in range(number - 1, -1, -1) if reading.units[at].kind == "heading")
    heading = next(above, None)
    return _text(passage, reading, heading) if heading is not None else "\n".join(passage.heading_path[-1:])


def _near(reading: Reading, number: int) -> frozenset[str]:
    """Terms of a unit, of its neighbours and of what it stands under."""
    around = reading.sets[max(0, number - 1) : number + 2]
    return reading.heads[number].union(*around)


def _text(passage: Passage, reading: Reading, number: int) -> str:
    unit = reading.units[number]
    return passage.text[unit.start : unit.end]


def _isolation(passage: Passage, others: Sequence[Passage]) -> float:
    scores = [each.vector_score or 0.0 for each in others]
    return (passage.vector_score or 0.0) - sum(scores) / len(scores) if scores else USUAL_ISOLATION


def _best_elsewhere(passages: Sequence[Passage], rated: Sequence[Rated], document_id: str) -> float:
    elsewhere = (unit.features.context for unit in rated if passages[unit.passage].document_id != document_id)
    return max(elsewhere, default=0.0)


def _conflict(
    question: Question,
    passages: Sequence[Passage],
    readings: Sequence[Reading],
    rated: Sequence[Rated],
    best: Rated,
) -> bool:
    """Whether another document covers the question as well as the best unit, and gives only other numbers."""
    if question.expected not in ("number", "time") or best.features.coverage < RIVAL_COVERAGE:
        return False
    ours = _numbers(passages[best.passage], readings[best.passage], best.unit) - numbers_in(question.text)
    document = passages[best.passage].document_id
    for rival in rated:
        if rival.features.coverage >= best.features.coverage and passages[rival.passage].document_id != document:
            theirs = _numbers(passages[rival.passage], readings[rival.passage], rival.unit) - numbers_in(question.text)
            if ours and theirs and ours.isdisjoint(theirs):
                return True
    return False


def _numbers(passage: Passage, reading: Reading, number: int) -> frozenset[str]:
    return numbers_in(_text(passage, reading, number))


def _agreement(passage: Passage) -> float:
    if passage.keyword_rank is None or passage.vector_rank is None:
        return 0.0
    return 1.0 / max(passage.keyword_rank, passage.vector_rank)
