"""The signals of a draft: what confidence is judged by."""

from collections.abc import Sequence

from aivastark.answers.confidence import Signals
from aivastark.answers.expectations import holds, names_and_numbers
from aivastark.answers.passages import Passage
from aivastark.answers.relevance import Question, Rated, Reading, weigh


def measure(
    question: Question,
    passages: Sequence[Passage],
    readings: Sequence[Reading],
    rated: Sequence[Rated],
    chosen: Sequence[Rated],
    shown: Sequence[tuple[int, int]],
) -> Signals:
    """Signals of an answer made of the `shown` (passage, unit) pairs; `chosen` are the rated units behind it, best first."""
    best = chosen[0]
    passage, reading = passages[best.passage], readings[best.passage]
    own = reading.all_terms | reading.heading_terms
    everywhere = frozenset[str]().union(*(each.all_terms | each.heading_terms for each in readings))
    answer = frozenset[str]().union(*(readings[at].sets[number] for at, number in shown))
    text = "\n".join(
        passages[at].text[readings[at].units[number].start : readings[at].units[number].end]
        for at, number in shown
    )
    others = [each.score for each in passages if each.document_id != passage.document_id]
    return Signals(
        evidence=1.0,
        vector=max(0.0, passage.vector_score or 0.0),
        margin=passage.score - max(others, default=0.0),
        agreement=_agreement(passage),
        coverage=weigh(question, answer | reading.heading_terms),
        best=best.coverage,
        passage=weigh(question, own),
        missing=max((weight for term, weight in question.weights.items() if term not in own), default=0.0),
        names=_absent_names(question.text, passage),
        order=best.order,
        kind=holds(question.expected, text, question.text),
        unknown=1.0 - weigh(question, everywhere),
    )


def _agreement(passage: Passage) -> float:
    if passage.keyword_rank is None or passage.vector_rank is None:
        return 0.0
    return 1.0 / max(passage.keyword_rank, passage.vector_rank)


def _absent_names(question: str, passage: Passage) -> float:
    wanted = names_and_numbers(question)
    if not wanted:
        return 0.0
    text = " ".join((passage.title, *passage.heading_path, passage.text)).lower()
    return sum(word not in text for word in wanted) / len(wanted)
