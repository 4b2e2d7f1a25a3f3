"""Statements into an answer with [n] markers, and the proof that every quote is in the stored version.

Our markers are told by place, not by form: a marker is the tail of a citation's span. Square-bracketed numbers that
stand in the source itself ("[1]" in an encyclopaedia, `row[0]` in code) are shown with a space inside ("[ 1 ]"), so
that nothing in an answer but our markers looks like one; the quote keeps them untouched.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aivastark.answers.extractive import Evidence, Statement
from aivastark.answers.other_language import Opening
from aivastark.answers.passages import Passage

_MARKER = re.compile(r"\[(\d+)\]")


class CitationError(Exception):
    """An answer whose citations do not hold: a quote not in its document, a marker or a citation without the other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """One quote under one stretch of the answer.

    `quote == canonical_text[char_start:char_end]` of the passage's document; the stretch
    `answer[answer_start:answer_end]` ends with the marker `[index]`. Offsets count code points.
    """

    index: int
    passage: Passage
    quote: str
    char_start: int
    char_end: int
    answer_start: int
    answer_end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Cited:
    """An answer as it is shown, and its citations in the order of their markers."""

    answer: str
    citations: tuple[Citation, ...]


Stored = Callable[[str, int, int], str | None]
"""(document id, char start, char end) → what the stored version has there; None if the document is gone."""


class Citing:
    """An answer that grows: each group of statements is put behind what is there, with the next marker.

    `opening` says what stands before the first.
    """

    def __init__(self, opening: Opening | None = None) -> None:
        self._opening = opening
        self.answer = ""
        self.citations: list[Citation] = []

    def add(self, group: Sequence[Statement]) -> str:
        """Put a contiguous quote's statements behind the answer; gives what was added."""
        index = len(self.citations) + 1
        joint = _joint(self.answer, group[0]) if self.answer else self._opened(group[0].evidence)
        start = len(self.answer) + len(joint)
        added = f"{joint}{_together(group)} [{index}]"
        self.answer += added
        first, last = group[0].evidence, group[-1].evidence
        self.citations.append(
            Citation(
                index=index,
                passage=first.passage,
                quote=first.passage.text[first.start : last.end],
                char_start=first.passage.char_start + first.start,
                char_end=first.passage.char_start + last.end,
                answer_start=start,
                answer_end=len(self.answer),
            )
        )
        return added

    def _opened(self, first: Evidence) -> str:
        return (
            "" if self._opening is None else self._opening(first.passage, first.passage.text[first.start : first.end])
        )

    def cited(self) -> Cited:
        """The answer as it is by now."""
        return Cited(answer=self.answer, citations=tuple(self.citations))


def cite(statements: Sequence[Statement], opening: Opening | None = None) -> Cited:
    """Joins statements, one marker per contiguous quote: neighbours in one passage share a citation."""
    citing = Citing(opening)
    for group in _groups(statements):
        citing.add(group)
    return citing.cited()


def cite_verified(statements: Sequence[Statement], stored: Stored, opening: Opening | None = None) -> Cited:
    """Like `cite`, without the statements whose quote is not, letter for letter, in the stored version."""
    cited = cite([statement for statement in statements if is_stored(statement.evidence, stored)], opening)
    verify(cited, stored)
    return cited


def verify(cited: Cited, stored: Stored) -> None:
    """Raises `CitationError` unless every quote is verbatim, every marker has a citation and the other way round."""
    known = {citation.index for citation in cited.citations}
    if len(known) != len(cited.citations):
        raise CitationError("two citations share an index")
    used = [int(match.group(1)) for match in _MARKER.finditer(cited.answer)]
    if set(used) != known:
        raise CitationError(f"markers {sorted(set(used))} do not match citations {sorted(known)}")
    for citation in cited.citations:
        if stored(citation.passage.document_id, citation.char_start, citation.char_end) != citation.quote:
            raise CitationError(f"quote [{citation.index}] is not in {citation.passage.document_id}")
        if not citation.quote.strip():
            raise CitationError(f"quote [{citation.index}] is empty")
        span = cited.answer[citation.answer_start : citation.answer_end]
        if not span.endswith(f"[{citation.index}]") or not 0 <= citation.answer_start < citation.answer_end:
            raise CitationError(f"span of [{citation.index}] does not end with its marker")


def without_markers(text: str) -> str:
    """`text` with bracketed numbers of its own opened up, so that they cannot pass for markers of ours."""
    return _MARKER.sub(r"[ \1 ]", text)


def is_stored(evidence: Evidence, stored: Stored) -> bool:
    """Whether the stored version has these words at their place."""
    passage = evidence.passage
    start, end = passage.char_start + evidence.start, passage.char_start + evidence.end
    quote = passage.text[evidence.start : evidence.end]
    return bool(quote.strip()) and stored(passage.document_id, start, end) == quote


def _groups(statements: Sequence[Statement]) -> list[list[Statement]]:
    groups: list[list[Statement]] = []
    for statement in statements:
        if groups and _adjoin(groups[-1][-1].evidence, statement.evidence):
            groups[-1].append(statement)
        else:
            groups.append([statement])
    return groups


def _adjoin(left: Evidence, right: Evidence) -> bool:
    same = left.passage.chunk_id == right.passage.chunk_id and left.end <= right.start
    return same and not left.passage.text[left.end : right.start].strip()


def _together(group: Sequence[Statement]) -> str:
    text = ""
    for statement in group:
        text += (_joint(text, statement) if text else "") + without_markers(statement.text)
    return text


def _joint(before: str, statement: Statement) -> str:
    """A new line where either side is a list, a table row or code; else a space."""
    last_line = before.rsplit("\n", 1)[-1]
    return "\n" if statement.layout != "prose" or ("\n" in before[-400:] and last_line != before) else " "
