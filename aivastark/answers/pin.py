"""Keeping pinned answers: making, changing, deleting and listing them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, select, update

from aivastark.answers.models import PinnedAnswer, PinnedHit, PinnedQuestion
from aivastark.answers.pinned import words_of
from aivastark.backends.base import Backends
from aivastark.backends.embedding.base import EmbeddingFailed
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict, NotFound, Unavailable
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.projects.models import Project

WORDINGS_MAX = 2_000  # in a project: all of them are compared with every question


async def embedded(backends: Backends, questions: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of the wordings, shape `(n, dimensions)`, made before any transaction begins. Raises `Unavailable`."""
    try:
        return await backends.embedder.embed_documents(questions)
    except EmbeddingFailed as failure:
        raise Unavailable("The embedding model cannot be asked at the moment. Try again in a while.") from failure


def pin(
    session: WriteSession, project: Project, *, fields: Mapping[str, Any], vectors: NDArray[np.float32], model_id: str
) -> PinnedAnswer:
    """Fix an answer. Raises `Conflict` when the project has too many wordings."""
    now = utc_now()
    row = PinnedAnswer(
        project_id=project.id, id=new_id("pin"), **fields, hits=0, last_hit_at=None, created_at=now, updated_at=now
    )
    session.add(row)
    session.flush()
    _put_wordings(session, row, vectors, model_id)
    _count_wordings(session, project)
    return row


def change_pinned(
    session: WriteSession,
    project: Project,
    pinned_id: str,
    *,
    changes: Mapping[str, Any],
    vectors: NDArray[np.float32] | None,
    model_id: str,
) -> PinnedAnswer:
    """Change what is named; `vectors` come with new questions."""
    row = find_pinned_answer(session, project.id, pinned_id)
    for name, value in changes.items():
        setattr(row, name, value)
    row.updated_at = utc_now()
    if vectors is not None:
        session.execute(
            delete(PinnedQuestion).where(PinnedQuestion.project_id == project.id, PinnedQuestion.pinned_id == row.id)
        )
        _put_wordings(session, row, vectors, model_id)
    elif "match" in changes:
        session.execute(
            update(PinnedQuestion)
            .where(PinnedQuestion.project_id == project.id, PinnedQuestion.pinned_id == row.id)
            .values(near=row.match == "near")
        )
    _count_wordings(session, project)
    return row


def unpin(session: WriteSession, project: Project, pinned_id: str) -> None:
    """Delete it with its log."""
    session.delete(find_pinned_answer(session, project.id, pinned_id))
    session.flush()
    _count_wordings(session, project)


def find_pinned_answer(session: ReadSession, project_id: str, pinned_id: str) -> PinnedAnswer:
    """One of this project, or `NotFound`."""
    row = session.get(PinnedAnswer, (project_id, pinned_id))
    if row is None:
        raise NotFound
    return row


def list_pinned(session: ReadSession, project_id: str, *, limit: int, after: str | None) -> list[PinnedAnswer]:
    """Newest first, at most `limit` + 1."""
    query = select(PinnedAnswer).where(PinnedAnswer.project_id == project_id)
    if after is not None:
        query = query.where(PinnedAnswer.id < after)
    return list(session.scalars(query.order_by(PinnedAnswer.id.desc()).limit(limit + 1)))


def list_hits(session: ReadSession, pinned: PinnedAnswer, *, limit: int, after: str | None) -> list[PinnedHit]:
    """The questions it answered, newest first, at most `limit` + 1."""
    query = select(PinnedHit).where(PinnedHit.project_id == pinned.project_id, PinnedHit.pinned_id == pinned.id)
    if after is not None:
        query = query.where(PinnedHit.message_id < after)
    return list(session.scalars(query.order_by(PinnedHit.message_id.desc()).limit(limit + 1)))


def _put_wordings(session: WriteSession, row: PinnedAnswer, vectors: NDArray[np.float32], model_id: str) -> None:
    for position, (question, vector) in enumerate(zip(row.questions, vectors, strict=True)):
        session.add(
            PinnedQuestion(
                project_id=row.project_id,
                pinned_id=row.id,
                position=position,
                words=words_of(question),
                near=row.match == "near",
                model_id=model_id,
                vector=vector.astype(np.float32).tobytes(),
            )
        )
    session.flush()


def _count_wordings(session: WriteSession, project: Project) -> None:
    count = session.scalar(
        select(func.count()).select_from(PinnedQuestion).where(PinnedQuestion.project_id == project.id)
    )
    assert count is not None  # counting always gives a number
    if count > WORDINGS_MAX:
        raise Conflict(f"A project may have {WORDINGS_MAX:,} wordings of pinned questions; this would be {count:,}.")
    session.execute(
        update(Project)
        .where(Project.organization_id == project.organization_id, Project.id == project.id)
        .values(pinned_questions=count)
    )
