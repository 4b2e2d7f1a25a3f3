"""What happens in conversations, for those who watch: one conversation (its visitor), or a project's inbox.

The database is looked into whenever somebody says that something changed, and every `LOOK_AGAIN_S` for what was not
told. Typing alone is not stored: it is told and forgotten.
"""

import time
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

from sqlalchemy import select

from aivastark.backends.base import Backends
from aivastark.backends.broadcast.base import Broadcast, first_of
from aivastark.conversations.models import Conversation, Message
from aivastark.conversations.schemas import ConversationOut, MessageOut, conversation_out, message_out
from aivastark.conversations.store import Said, know_conversation, messages_after, with_citations
from aivastark.database import ReadSession
from aivastark.errors import NotFound

LOOK_AGAIN_S = 2.0
WATCH_MAX_S = 3_600.0
MESSAGES_A_LOOK = 100
CONVERSATIONS_A_LOOK = 100
MESSAGES_A_LOOK_MAX = 1_000
GO_BACK_MAX = timedelta(days=1)
MARK_MAX_CHARS = 20
LOOK_BACK = timedelta(seconds=5)
"""Two processes may commit in another order than their clocks say: so far back is looked again, and told once."""
CHANGES_IN_LOOK_BACK_MAX = 10_000
VISITOR_SEES = ("assistant", "agent", "system")

Typist = Literal["agent", "user"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Happened:
    """One thing in one conversation. `position` is where to go on after a break."""

    kind: Literal["message", "status", "typing"]
    position: int
    message: MessageOut | None = None
    status: str | None = None
    assignee: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """One thing in the inbox. `mark` is where to go on after a break; only the last of what belongs together has it."""

    kind: Literal["conversation.created", "conversation.updated", "message.created", "visitor.typing"]
    conversation: ConversationOut | None = None
    conversation_id: str
    message: MessageOut | None = None
    mark: str | None = None


def announce(broadcast: Broadcast, project_id: str, conversation_id: str) -> None:
    """Wake those who watch the conversation or the inbox. Call it after the change was committed."""
    broadcast.tell(f"conversation:{conversation_id}")
    broadcast.tell(f"inbox:{project_id}")


def announce_typing(broadcast: Broadcast, project_id: str, conversation_id: str, who: Typist) -> None:
    """Somebody is writing in the conversation; nothing of it is stored. The inbox is told of visitors."""
    broadcast.tell(f"typing:{conversation_id}:{who}", about=who)
    if who == "user":
        broadcast.tell(f"inbox:{project_id}", about=conversation_id)


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

    The state is told as well, at first and when it changes. Ends after an hour and when the conversation is erased;
    raises `NotFound` if it is not there.
    """
    position, told = after_position, None
    ends_at = time.monotonic() + WATCH_MAX_S
    typing_topic = f"typing:{conversation_id}:{typist}"
    broadcast = backends.broadcast
    with broadcast.listen(f"conversation:{conversation_id}") as changes, broadcast.listen(typing_topic) as typing:
        while time.monotonic() < ends_at:
            look = partial(_look, project_id=project_id, conversation_id=conversation_id, position=position)
            try:
                conversation, said = await backends.db.read(look)
            except NotFound:
                if told is None:
                    raise
                return
            for message, citations in said:
                position = message.position
                if message.role in roles:
                    yield Happened(kind="message", position=position, message=message_out(message, citations))
            if told != (state := (conversation.status, conversation.assignee)):
                told = state
                yield Happened(kind="status", position=position, status=state[0], assignee=state[1])
            if len(said) == MESSAGES_A_LOOK:
                continue
            await first_of((changes, typing), timeout_s=LOOK_AGAIN_S)
            if typing.take_named():
                yield Happened(kind="typing", position=position)


async def watch_inbox(backends: Backends, project_id: str, since: datetime | None = None) -> AsyncIterator[Changed]:
    """What changes in the project's conversations since a moment (a mark's, or now), each at least once; who writes.

    Goes back a day at most, and ends after an hour.
    """
    now = datetime.now(UTC)
    latest = now if since is None else max(since, now - GO_BACK_MAX)
    earliest = now if since is None else latest - LOOK_BACK
    seen: dict[str, tuple[datetime, int]] = {}
    ends_at = time.monotonic() + WATCH_MAX_S
    with backends.broadcast.listen(f"inbox:{project_id}") as listener:
        while time.monotonic() < ends_at:
            floor = max(earliest, latest - LOOK_BACK)
            seen = {id_: shown for id_, shown in seen.items() if shown[0] >= floor}
            look = partial(_changed, project_id=project_id, floor=floor, seen=seen)
            changed = await backends.db.read(look)
            for conversation, said in changed:
                for one in _told(conversation, said, floor, is_known=conversation.id in seen):
                    yield one
                latest = max(latest, conversation.updated_at)
                last = said[-1][0].position if said else conversation.message_count - 1
                seen[conversation.id] = (conversation.updated_at, last)
            if len(changed) < CONVERSATIONS_A_LOOK:
                await listener.wait(LOOK_AGAIN_S)
            for conversation_id in listener.take_named():
                yield Changed(kind="visitor.typing", conversation_id=conversation_id)


def read_mark(mark: str) -> datetime:
    """The moment a mark stands for. Raises `ValueError` for what is no mark."""
    try:
        return _EPOCH + timedelta(microseconds=int(mark[:MARK_MAX_CHARS]))
    except OverflowError as error:
        raise ValueError("not a mark") from error


def _look(
    session: ReadSession, project_id: str, conversation_id: str, position: int
) -> tuple[Conversation, list[Said]]:
    conversation = know_conversation(session, project_id, conversation_id)
    said = messages_after(session, project_id, conversation_id, position=position, limit=MESSAGES_A_LOOK)
    return conversation, said


def _changed(
    session: ReadSession, project_id: str, floor: datetime, seen: dict[str, tuple[datetime, int]]
) -> list[tuple[Conversation, list[Said]]]:
    """Conversations changed since `floor` and not yet shown as they are now, oldest change first, with what is new."""
    rows = session.execute(
        select(Conversation.id, Conversation.updated_at)
        .where(Conversation.project_id == project_id, Conversation.updated_at >= floor)
        .order_by(Conversation.updated_at, Conversation.id)
        .limit(CHANGES_IN_LOOK_BACK_MAX)
    )
    new = [row.id for row in rows if row.id not in seen or seen[row.id][0] != row.updated_at][:CONVERSATIONS_A_LOOK]
    if not new:
        return []
    conversations = session.scalars(
        select(Conversation)
        .where(Conversation.project_id == project_id, Conversation.id.in_(new))
        .order_by(Conversation.updated_at, Conversation.id)
    )
    messages = session.scalars(
        select(Message)
        .where(Message.project_id == project_id, Message.conversation_id.in_(new), Message.created_at >= floor)
        .order_by(Message.conversation_id, Message.position)
        .limit(MESSAGES_A_LOOK_MAX)
    )
    said: dict[str, list[Said]] = {}
    for message, citations in with_citations(session, project_id, list(messages)):
        if message.conversation_id not in seen or message.position > seen[message.conversation_id][1]:
            said.setdefault(message.conversation_id, []).append((message, citations))
    return [(conversation, said.get(conversation.id, [])) for conversation in conversations]


def _told(conversation: Conversation, said: list[Said], floor: datetime, *, is_known: bool) -> list[Changed]:
    """The conversation, then its new messages; the last of them carries the mark."""
    is_new = not is_known and conversation.created_at >= floor
    mark = _mark(conversation.updated_at)
    first = Changed(
        kind="conversation.created" if is_new else "conversation.updated",
        conversation=conversation_out(conversation),
        conversation_id=conversation.id,
        mark=None if said else mark,
    )
    messages = [
        Changed(
            kind="message.created",
            conversation_id=conversation.id,
            message=message_out(message, citations),
            mark=mark if number == len(said) else None,
        )
        for number, (message, citations) in enumerate(said, start=1)
    ]
    return [first, *messages]


def _mark(moment: datetime) -> str:
    """Microseconds since 1970: every change has a later one."""
    return str((moment - _EPOCH) // timedelta(microseconds=1))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
