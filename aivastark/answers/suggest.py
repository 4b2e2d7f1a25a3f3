"""Follow-up questions the knowledge can answer: the headings of what was found beside the answer, as they stand."""

from collections.abc import Sequence

from aivastark.answers.passages import Passage
from aivastark.kit.analysis import analyse

MAX_SUGGESTIONS = 3
MIN_HEADING_WORDS = 2
MAX_HEADING_CHARS = 90
NEAR_TOP_SCORE = 0.35  # a passage farther below the best hit is about something else
MAX_SHARED_TERMS = 0.7  # a heading that says the question again is no follow-up


def suggestions(
    question: str, passages: Sequence[Passage], used: Sequence[str], *, language: str | None = None
) -> tuple[str, ...]:
    """0–3 headings of retrieved passages the answer did not use (`used` = chunk ids it did), best first, no repeats."""
    asked = set(analyse(question, language))
    top = max((passage.score for passage in passages), default=0.0)
    taken = {_label(passage).casefold() for passage in passages if passage.chunk_id in set(used)}
    found: list[str] = []
    for passage in passages:
        label = _label(passage)
        if passage.score < NEAR_TOP_SCORE * top or label.casefold() in taken or not _sensible(label, asked, language):
            continue
        taken.add(label.casefold())
        found.append(label)
    return tuple(found[:MAX_SUGGESTIONS])


def _label(passage: Passage) -> str:
    return " ".join((passage.heading_path[-1] if passage.heading_path else passage.title).split())


def _sensible(label: str, asked: set[str], language: str | None) -> bool:
    terms = set(analyse(label, language))
    wide_enough = len(label.split()) >= MIN_HEADING_WORDS or label.endswith(("?", "？"))
    if not terms or not wide_enough or len(label) > MAX_HEADING_CHARS:
        return False
    return len(terms & asked) <= MAX_SHARED_TERMS * len(terms)
