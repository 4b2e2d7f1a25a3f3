"""What processes know of each other's answers: a row for each that a language model is writing.

The one that writes is told, or finds in the rows, that somebody stopped it elsewhere; the others see that an answer is
under way, and whose it is, and are told when it is not any more. Nothing of the answer is in the rows. What a killed
process left counts for nothing after `DEAD_AFTER`.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from aivastark.answers.models import AnswerUnderWay
from aivastark.backends.base import Backends, Whose
from aivastark.database import ReadSession, WriteSession
from aivastark.kit.clock import utc_now

LOOK_EVERY_S = 1.0
SIGN_EVERY_S = 8.0
DEAD_AFTER = timedelta(seconds=30)
STOPPED = "answers:stopped"

log = structlog.get_logger()


async def note_under_way(backends: Backends, project_id: str, message_id: str, whose: Whose | None) -> None:
    """Let the other processes know of it."""
    row = AnswerUnderWay(
        project_id=project_id,
        message_id=message_id,
        widget_id=None if whose is None else whose.widget_id,
        visitor_id=None if whose is None else whose.visitor_id,
        is_unwanted=False,
        alive_at=utc_now(),
    )
    await backends.db.write(lambda session: session.add(row))


async def forget_under_way(backends: Backends, project_id: str, message_id: str) -> None:
    """It is recorded, or will not be."""
    its_row = delete(AnswerUnderWay).where(
        AnswerUnderWay.project_id == project_id, AnswerUnderWay.message_id == message_id
    )
    await backends.db.write(lambda session: session.execute(its_row))
    backends.broadcast.tell(topic_of(project_id, message_id))


def topic_of(project_id: str, message_id: str) -> str:
    """Told when the answer is under way no longer."""
    return f"answer:{project_id}:{message_id}"


def living(session: ReadSession, project_id: str, message_id: str) -> AnswerUnderWay | None:
    """The answer's row, as long as a process lives that writes it."""
    row = session.get(AnswerUnderWay, (project_id, message_id))
    return row if row is not None and row.alive_at > utc_now() - DEAD_AFTER else None


async def ask_to_stop(backends: Backends, project_id: str, message_id: str) -> bool:
    """Ask the process that writes it; whether there is one."""

    def ask(session: WriteSession) -> bool:
        row = living(session, project_id, message_id)
        if row is not None:
            row.is_unwanted = True
        return row is not None

    is_living = await backends.db.write(ask)
    if is_living:
        backends.broadcast.tell(STOPPED, about=f"{project_id}:{message_id}")
    return is_living


def say_alive(session: WriteSession, answers: Mapping[str, Sequence[str]]) -> None:
    """A sign of life for answers of this process, by project."""
    for project_id, message_ids in answers.items():
        session.execute(
            update(AnswerUnderWay)
            .where(AnswerUnderWay.project_id == project_id, AnswerUnderWay.message_id.in_(message_ids))
            .values(alive_at=utc_now())
        )


def forget_dead_answers(session: WriteSession) -> None:
    """Drop what killed processes left, of all projects."""
    session.execute(delete(AnswerUnderWay).where(AnswerUnderWay.alive_at <= utc_now() - DEAD_AFTER))


async def look_after(backends: Backends) -> None:
    """Until cancelled: stop the answers of this process that are wanted no more, and say that the others live."""
    signed_at = time.monotonic()
    look_at = signed_at + LOOK_EVERY_S
    with backends.broadcast.listen(STOPPED) as stopped:
        while True:
            await stopped.wait(max(0.0, look_at - time.monotonic()))
            unwanted = stopped.take_named()
            if not unwanted or time.monotonic() >= look_at:
                look_at = time.monotonic() + LOOK_EVERY_S
                sign = time.monotonic() - signed_at > SIGN_EVERY_S
                signed_at = time.monotonic() if sign else signed_at
                unwanted |= await _found_unwanted(backends, sign=sign)
            for key in unwanted:
                if state := backends.answers_under_way.get(key):
                    state.stop.set()


async def _found_unwanted(backends: Backends, *, sign: bool) -> set[str]:
    """Keys of answers of this process that somebody stopped in another; with `sign`, after a sign of life for all."""
    answers: dict[str, list[str]] = {}
    for project_id, _, message_id in (key.partition(":") for key in backends.answers_under_way):
        answers.setdefault(project_id, []).append(message_id)
    try:
        if sign:
            await backends.db.write(partial(say_alive, answers=answers))
        return set(await backends.db.read(partial(_unwanted, project_ids=list(answers))))
    except DBAPIError as error:  # answers go on without it, and the next look may find the database again
        log.warning("answers_not_looked_after", reason=str(error.orig))
        return set()


def _unwanted(session: ReadSession, project_ids: Sequence[str]) -> list[str]:
    """Keys of `answers_under_way` that somebody stopped in another process."""
    return [
        f"{project_id}:{message_id}"
        for project_id in project_ids
        for message_id in session.scalars(
            select(AnswerUnderWay.message_id).where(
                AnswerUnderWay.project_id == project_id, AnswerUnderWay.is_unwanted.is_(True)
            )
        )
    ]
