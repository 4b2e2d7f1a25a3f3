"""An answer by its id, for who comes back to it: where it is, the rest of its stream, an end to it.

It is being written here, by another process, or it is recorded.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select
from sse_starlette import EventSourceResponse, ServerSentEvent

from aivastark.answers.elsewhere import LOOK_EVERY_S, ask_to_stop, living, topic_of
from aivastark.answers.stream import answer_events, server_sent
from aivastark.answers.under_way import find_under_way, follow, sent
from aivastark.backends.base import Backends, UnderWay, Whose
from aivastark.conversations.models import Message
from aivastark.conversations.store import find_answer
from aivastark.database import ReadSession
from aivastark.errors import NotFound

CAME_TO_NOTHING = "The answer came to nothing. Ask again."

Shaping = Callable[[dict[str, Any]], dict[str, Any]]
"""A recorded answer → the answer as it goes through this door."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Where an answer is. Under way it is `whose`; recorded, it belongs to `conversation_id`."""

    message_id: str
    here: UnderWay | None = None
    is_elsewhere: bool = False
    whose: Whose | None = None
    conversation_id: str | None = None


async def find_anywhere(backends: Backends, project_id: str, message_id: str) -> Found:
    """Raises `NotFound` for what is no answer."""
    here = find_under_way(backends, project_id, message_id)
    if here is not None:
        return Found(message_id=message_id, here=here, whose=here.whose)
    return await backends.db.read(partial(_look, project_id=project_id, message_id=message_id))


def rest_of(
    backends: Backends, project_id: str, found: Found, *, request_id: str, after: int, shape: Shaping
) -> EventSourceResponse:
    """The events behind number `after`: as they come where it is written here, else when it is recorded."""
    if found.here is not None:
        return sent(follow(found.here, after=after))
    return sent(_recorded(backends, project_id, found.message_id, request_id=request_id, after=after, shape=shape))


async def stop_anywhere(backends: Backends, project_id: str, found: Found) -> bool:
    """Have it end with what is proven; whether there was something to stop. Another process is told."""
    if found.here is not None:
        found.here.stop.set()
    elif found.is_elsewhere:
        return await ask_to_stop(backends, project_id, found.message_id)
    return found.here is not None


async def _recorded(
    backends: Backends, project_id: str, message_id: str, *, request_id: str, after: int, shape: Shaping
) -> AsyncIterator[ServerSentEvent]:
    """Its events once no process writes it any more."""
    with backends.broadcast.listen(topic_of(project_id, message_id)) as over:
        while await backends.db.read(lambda session: living(session, project_id, message_id)):
            await over.wait(LOOK_EVERY_S)
    try:
        given, pieces = await backends.db.read(lambda session: find_answer(session, project_id, message_id))
    except NotFound:  # its process died, or a person took the conversation
        error = {"code": "unavailable", "message": CAME_TO_NOTHING, "request_id": request_id}
        yield server_sent("error", {"error": error}, after + 1)
        yield server_sent(None, {}, None)
        return
    for event in answer_events(shape(given), request_id=request_id, after=after, pieces=pieces):
        yield event


def _look(session: ReadSession, project_id: str, message_id: str) -> Found:
    row = living(session, project_id, message_id)
    if row is not None:
        whose = None
        if row.widget_id is not None and row.visitor_id is not None:
            whose = Whose(widget_id=row.widget_id, visitor_id=row.visitor_id)
        return Found(message_id=message_id, is_elsewhere=True, whose=whose)
    conversation_id = session.scalar(
        select(Message.conversation_id).where(
            Message.project_id == project_id, Message.id == message_id, Message.answer.is_not(None)
        )
    )
    if conversation_id is None:
        raise NotFound
    return Found(message_id=message_id, conversation_id=conversation_id)
