"""A conversation as it goes on: what a visitor's open window is told.

The database is looked into whenever this process says that something changed, and every `LOOK_AGAIN_S` for what
another one did. Typing alone is not stored: it is told within the process and forgotten.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from functools import partial
from typing import Literal

from sqlalchemy import select

from aivastark.backends.base import Backends
from aivastark.backends.broadcast.local import Listener, LocalBroadcast
from aivastark.conversations.models import CitationRow, Conversation, Message
from aivastark.conversations.schemas import MessageOut, message_out
from aivastark.database import ReadSession
from aivastark.errors import NotFound

LOOK_AGAIN_S = 2.0
WATCH_MAX_S = 3_600.0
MESSAGES_A_LOOK = 100
VISITOR_SEES = ("assistant", "agent", "system")

Said = tuple[Message, list[CitationRow]]
Typist = Literal["agent", "user"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Happened:
    """One thing in one conversation. `position` is where to go on after a break."""

    kind: Literal["message", "status", "typing"]
    position: int
    message: MessageOut | None = None
    status: str | None = None


def announce_typing(broadcast: LocalBroadcast, conversation_id: str, who: Typist) -> None:
    """Somebody is writing in the conversation; nothing of it is stored."""
    broadcast.tell(f"typing:{conversation_id}:{who}")


async def watch_conversation(
    backends: Backends,
    project_id: str,
    conversation_id: str,
    after_position: int = -1,
    *,
    roles: Collection[str] = VISITOR_SEES,
    typist: Typist = "agent",
) -> AsyncIterator[Happened]:
    """Messages of these roles after a position, then whatever follows: messages, changes of status, typing.

    Ends after an hour and when the conversation is erased.
    """
    position, told = after_position, None
    ends_at = time.monotonic() + WATCH_MAX_S
    broadcast = backends.broadcast
    with (
        broadcast.listen(f"conversation:{conversation_id}") as changes,
        broadcast.listen(f"typing:{conversation_id}:{typist}") as typing,
    ):
        while time.monotonic() < ends_at:
            look = partial(_look, project_id=project_id, conversation_id=conversation_id, position=position)
            try:
                status, said = await backends.db.read(look)
            except NotFound:
                return
            for message, citations in said:
                position = message.position
                if message.role in roles:
                    yield Happened(kind="message", position=position, message=message_out(message, citations))
            if status != told:
                told = status
                yield Happened(kind="status", position=position, status=status)
            if len(said) < MESSAGES_A_LOOK and await _first(changes, typing):
                yield Happened(kind="typing", position=position)


def messages_after(
    session: ReadSession, project_id: str, conversation_id: str, *, position: int, limit: int
) -> list[Said]:
    """The messages that follow a position (-1 for all), in order, each with its citations."""
    following = select(Message).where(
        Message.project_id == project_id, Message.conversation_id == conversation_id, Message.position > position
    )
    messages = list(session.scalars(following.order_by(Message.position).limit(limit)))
    by_message: dict[str, list[CitationRow]] = {}
    for citation in session.scalars(
        select(CitationRow)
        .where(CitationRow.project_id == project_id, CitationRow.message_id.in_([one.id for one in messages]))
        .order_by(CitationRow.message_id, CitationRow.position)
    ):
        by_message.setdefault(citation.message_id, []).append(citation)
    return [(message, by_message.get(message.id, [])) for message in messages]


def _look(session: ReadSession, project_id: str, conversation_id: str, position: int) -> tuple[str, list[Said]]:
    conversation = session.get(Conversation, (project_id, conversation_id))
    if conversation is None:
        raise NotFound
    said = messages_after(session, project_id, conversation_id, position=position, limit=MESSAGES_A_LOOK)
    return conversation.status, said


async def _first(changes: Listener, typing: Listener) -> bool:
    """Wait for either, or a while; whether it was typing."""
    waits = [asyncio.ensure_future(one.wait(LOOK_AGAIN_S)) for one in (changes, typing)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return waits[1].done() and not waits[1].cancelled() and waits[1].result()
