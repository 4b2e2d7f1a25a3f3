"""What the knowledge lacks: questions it could not answer well, gathered by meaning.

Gathering is leader clustering (Hartigan 1975): a question joins the group whose first question is nearest, if it
is near enough, else it begins one. It needs one pass and no number of groups, and the same questions always give
the same groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update

from aivastark.answers.models import OpenQuestion
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import NotFound
from aivastark.kit.ids import is_id

SAME_SUBJECT_FROM = 0.62  # cosine of two questions about the same thing
QUESTIONS_MAX = 2_000  # the latest that are gathered

GapStatus = Literal["open", "answered", "dismissed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Questions about one thing, the one asked first at their head."""

    questions: tuple[OpenQuestion, ...]

    @property
    def id(self) -> str:
        """Follows from the first question, so that it stays the same as more are asked."""
        return f"gap_{self.questions[0].message_id.partition('_')[2]}"


def open_questions(
    session: ReadSession,
    project_id: str,
    *,
    status: GapStatus,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[OpenQuestion]:
    """The latest `QUESTIONS_MAX`, oldest first."""
    query = select(OpenQuestion).where(OpenQuestion.project_id == project_id, OpenQuestion.status == status)
    if since is not None:
        query = query.where(OpenQuestion.created_at >= since)
    if until is not None:
        query = query.where(OpenQuestion.created_at < until)
    latest = session.scalars(query.order_by(OpenQuestion.message_id.desc()).limit(QUESTIONS_MAX)).all()
    return list(latest)[::-1]


def gathered(questions: Sequence[OpenQuestion], model_id: str) -> list[Gap]:
    """The questions in groups of like meaning, the largest first."""
    groups: list[list[OpenQuestion]] = []
    leaders = _Leaders(model_id, len(questions))
    for question in questions:
        place = leaders.nearest(question)
        if place is None:
            leaders.add(question)
            groups.append([question])
        else:
            groups[place].append(question)
    return sorted((Gap(questions=tuple(group)) for group in groups), key=lambda gap: -len(gap.questions))


def settle_gap(session: WriteSession, project_id: str, gap_id: str, *, model_id: str, status: GapStatus) -> Gap:
    """Mark the gap's first question, and those like it, as answered, dismissed or open again. Raises `NotFound`."""
    gap = find_gap(session, project_id, gap_id, model_id=model_id)
    session.execute(
        update(OpenQuestion)
        .where(
            OpenQuestion.project_id == project_id,
            OpenQuestion.message_id.in_([question.message_id for question in gap.questions]),
        )
        .values(status=status)
        .execution_options(synchronize_session=False)
    )
    return gap


def find_gap(session: ReadSession, project_id: str, gap_id: str, *, model_id: str) -> Gap:
    """The gap's first question, and those like it. Raises `NotFound`."""
    if not is_id(gap_id, "gap"):
        raise NotFound
    first = session.get(OpenQuestion, (project_id, f"msg_{gap_id.partition('_')[2]}"))
    if first is None:
        raise NotFound
    leader = _Leaders(model_id, 1)
    leader.add(first)
    others = open_questions(session, project_id, status=_status(first))
    alike = [one for one in others if one.message_id != first.message_id and leader.nearest(one) is not None]
    return Gap(questions=(first, *alike))


class _Leaders:
    """The first questions of the groups so far. Vectors of another model do not compare: then words decide."""

    def __init__(self, model_id: str, most: int) -> None:
        self._model_id = model_id
        self._most = most
        self._vectors: NDArray[np.float32] | None = None
        self._places: list[int] = []
        self._by_words: dict[str, int] = {}
        self._count = 0

    def nearest(self, question: OpenQuestion) -> int | None:
        """The group this question belongs to; None when it is like no leader."""
        place = self._by_words.get(_words(question))
        vector = self._vector(question)
        if place is not None or vector is None or self._vectors is None:
            return place
        cosines = self._vectors[: len(self._places)] @ vector
        best = int(np.argmax(cosines))
        return self._places[best] if cosines[best] >= SAME_SUBJECT_FROM else None

    def add(self, question: OpenQuestion) -> None:
        """A new group begins with it."""
        vector = self._vector(question)
        if vector is not None:
            if self._vectors is None:
                self._vectors = np.empty((self._most, len(vector)), np.float32)
            self._vectors[len(self._places)] = vector
            self._places.append(self._count)
        self._by_words[_words(question)] = self._count
        self._count += 1

    def _vector(self, question: OpenQuestion) -> NDArray[np.float32] | None:
        if question.model_id != self._model_id or not question.vector:
            return None
        return np.frombuffer(question.vector, np.float32)


def _words(question: OpenQuestion) -> str:
    return " ".join(question.question.casefold().split())


def _status(question: OpenQuestion) -> GapStatus:
    status: GapStatus = question.status  # type: ignore[assignment]  # the column holds nothing else
    return status
