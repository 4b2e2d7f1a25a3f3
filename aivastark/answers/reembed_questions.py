"""What else a model embedded of a project: wordings of pinned answers and open questions, which must still compare."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import select, update

from aivastark import jobs
from aivastark.answers.models import OpenQuestion, PinnedAnswer, PinnedQuestion
from aivastark.backends.base import Backends
from aivastark.database import ReadSession, WriteSession
from aivastark.jobs import Job

BATCH = 64
QUESTIONS_MAX = 2_000  # the latest open ones: no more are gathered

Key = tuple[str, Any]


async def reembed_questions(backends: Backends, job: Job) -> None:
    """Raises `EmbeddingFailed` where the model cannot be asked; what is done by then stays done."""
    project_id, model_id = job.project_id, backends.embedder.model_id
    wordings = await backends.db.read(lambda session: _wordings(session, project_id, model_id))
    for start in range(0, len(wordings), BATCH):
        batch = wordings[start : start + BATCH]
        vectors = await backends.embedder.embed_documents([text for _, text in batch])
        made = [(key, vector.astype(np.float32).tobytes()) for (key, _), vector in zip(batch, vectors, strict=True)]
        await backends.db.write(lambda session: _put_wordings(session, job, model_id, made))  # noqa: B023
    questions = await backends.db.read(lambda session: _questions(session, project_id, model_id))
    for message_id, text in questions:  # one by one: as a question is embedded, not as a passage
        vector = (await backends.embedder.embed_query(text)).astype(np.float32).tobytes()
        await backends.db.write(lambda session: _put_question(session, job, model_id, message_id, vector))  # noqa: B023


def asked_in_another_model(session: ReadSession, model_id: str) -> list[str]:
    """Projects with pinned wordings that another model embedded."""
    return list(
        session.scalars(select(PinnedQuestion.project_id).where(PinnedQuestion.model_id != model_id).distinct())
    )


def _wordings(session: ReadSession, project_id: str, model_id: str) -> list[tuple[Key, str]]:
    rows = session.execute(
        select(PinnedQuestion.pinned_id, PinnedQuestion.position, PinnedAnswer.questions)
        .join(
            PinnedAnswer,
            (PinnedAnswer.project_id == PinnedQuestion.project_id) & (PinnedAnswer.id == PinnedQuestion.pinned_id),
        )
        .where(PinnedQuestion.project_id == project_id, PinnedQuestion.model_id != model_id)
    )
    return [
        ((row.pinned_id, row.position), row.questions[row.position])
        for row in rows
        if row.position < len(row.questions)
    ]


def _put_wordings(session: WriteSession, job: Job, model_id: str, made: Sequence[tuple[Key, bytes]]) -> None:
    jobs.hold(session, job)
    for (pinned_id, position), vector in made:
        session.execute(
            update(PinnedQuestion)
            .where(
                PinnedQuestion.project_id == job.project_id,
                PinnedQuestion.pinned_id == pinned_id,
                PinnedQuestion.position == position,
                PinnedQuestion.model_id != model_id,  # else it was worded anew meanwhile
            )
            .values(vector=vector, model_id=model_id)
        )


def _questions(session: ReadSession, project_id: str, model_id: str) -> list[tuple[str, str]]:
    rows = session.execute(
        select(OpenQuestion.message_id, OpenQuestion.question, OpenQuestion.model_id)
        .where(OpenQuestion.project_id == project_id, OpenQuestion.status == "open")
        .order_by(OpenQuestion.message_id.desc())
        .limit(QUESTIONS_MAX)
    )
    return [(row.message_id, row.question) for row in rows if row.model_id != model_id]


def _put_question(session: WriteSession, job: Job, model_id: str, message_id: str, vector: bytes) -> None:
    jobs.hold(session, job)
    session.execute(
        update(OpenQuestion)
        .where(OpenQuestion.project_id == job.project_id, OpenQuestion.message_id == message_id)
        .values(vector=vector, model_id=model_id)
    )
