"""The exchange as rows: what was said before, and question and answer written in one short transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from aivastark import events
from aivastark.accounts.bounds import require_room
from aivastark.accounts.metering import Kind, meter, questions_this_month
from aivastark.conversations.models import CitationRow, Conversation, Message
from aivastark.database import Base, Database, WriteSession
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.ids import new_id

TURNS_REMEMBERED = 4
SUBJECT_MAX_CHARS = 120
PREVIEW_MAX_CHARS = 160

# Built once: composing statements anew for every question takes longer than SQLite needs to run them.
_LATEST = (
    select(Message.role, Message.content, Message.answer)
    .join(
        Conversation,
        (Conversation.project_id == Message.project_id) & (Conversation.id == Message.conversation_id),
    )
    .where(
        Conversation.project_id == bindparam("project_id"),
        Conversation.channel == bindparam("channel"),
        Conversation.session_id == bindparam("session_id"),
        Message.role.in_(("user", "assistant")),
    )
    .order_by(Message.position.desc())
    .limit(2 * TURNS_REMEMBERED)
)
_CONVERSATION = select(
    Conversation.id, Conversation.message_count, Conversation.language, Conversation.min_confidence
).where(
    Conversation.project_id == bindparam("project_id"),
    Conversation.channel == bindparam("channel"),
    Conversation.session_id == bindparam("session_id"),
)
# Into tables, not classes: nobody needs these rows as objects.
_NEW_CONVERSATION = insert(Base.metadata.tables[Conversation.__tablename__])
_NEW_MESSAGES = insert(Base.metadata.tables[Message.__tablename__])
_NEW_CITATIONS = insert(Base.metadata.tables[CitationRow.__tablename__])


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The visitor's side of an exchange."""

    session_id: str
    channel: str
    message: str
    metadata: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """The bot's side. `body` is what the answer has beyond content and citations, as it goes over the wire."""

    content: str
    answered: bool
    confidence: float
    citations: list[dict[str, Any]]
    language: str | None
    body: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class PastTurn:
    """An earlier exchange: the question and what its answer was taken from."""

    question: str
    topics: tuple[str, ...] = ()


async def recall(db: Database, project_id: str, asked: Asked) -> list[PastTurn]:
    """The last few exchanges of this session, oldest first; none for a new one."""
    which = {"project_id": project_id, "channel": asked.channel, "session_id": asked.session_id}
    rows = await db.read(lambda session: session.execute(_LATEST, which).all())
    turns: list[PastTurn] = []
    topics: tuple[str, ...] = ()
    for row in rows:  # newest first: the answer comes before its question
        if row.role == "assistant":
            topics = tuple((row.answer or {}).get("topics", ()))
        else:
            turns.append(PastTurn(question=row.content, topics=topics))
            topics = ()
    return turns[::-1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """An exchange as it was just written, for those who note something beside it."""

    project_id: str
    conversation_id: str
    message_id: str
    question: str
    reply: Reply
    at: datetime


Also = Callable[[WriteSession, Written], None]


async def record(
    db: Database, project_id: str, asked: Asked, reply: Reply, *, organization_id: str, also: Also | None = None
) -> dict[str, Any]:
    """Write the exchange, its citations, its events and what it used; returns the answer as it goes over the wire.

    `also` notes more in the same transaction. Raises `PlanLimitReached` when the month's questions are used up:
    then nothing is written.
    """
    now = utc_now()
    message_id = new_id("msg")

    def work(session: WriteSession) -> str:
        require_room(session, organization_id, "messages_per_month", questions_this_month(organization_id, now))
        conversation_id = _write(session, project_id, asked, reply, message_id, now)
        meter(session, organization_id, project_id, _used(reply), now=now)
        if also is not None:
            written = Written(
                project_id=project_id,
                conversation_id=conversation_id,
                message_id=message_id,
                question=asked.message,
                reply=reply,
                at=now,
            )
            also(session, written)
        return conversation_id

    conversation_id = await db.write(work)
    ids = {"id": message_id, "conversation_id": conversation_id, "session_id": asked.session_id}
    return _wire(ids, reply.body, reply.citations, now)


def _used(reply: Reply) -> dict[Kind, int]:
    used = reply.body["usage"]
    return {
        "questions": 1,
        "answers_refused": 0 if reply.answered else 1,
        "input_tokens": used["input_tokens"],
        "output_tokens": used["output_tokens"],
    }


def answer_body(message: Message, session_id: str, citations: list[dict[str, Any]]) -> dict[str, Any]:
    """A stored answer as it went over the wire when it was given."""
    body = {name: value for name, value in (message.answer or {}).items() if name != "topics"}
    ids = {"id": message.id, "conversation_id": message.conversation_id, "session_id": session_id}
    return _wire(ids, body, citations, message.created_at)


def _wire(
    ids: dict[str, str], body: dict[str, Any], citations: list[dict[str, Any]], created_at: datetime
) -> dict[str, Any]:
    """In the order of the contract: people read these bodies."""
    first = {"answer": body["answer"], "answered": body["answered"], "citations": citations}
    return {**ids, **first, **body, "created_at": to_wire(created_at)}


def _write(session: WriteSession, project_id: str, asked: Asked, reply: Reply, message_id: str, now: datetime) -> str:
    """The exchange at the end of the session's conversation, or of a new one; returns the conversation's id."""
    which = {"project_id": project_id, "channel": asked.channel, "session_id": asked.session_id}
    last_message = {
        "id": message_id,
        "role": "assistant",
        "preview": reply.content[:PREVIEW_MAX_CHARS],
        "created_at": to_wire(now),
    }
    # Past the session, which would look for objects to keep among these bare columns.
    connection = session.connection()
    known = connection.execute(_CONVERSATION, which).first()
    if known is None:
        conversation_id, position = new_id("conv"), 0
        fresh = _new_conversation(asked, reply, now)
        connection.execute(_NEW_CONVERSATION, [{**which, **fresh, "id": conversation_id, "last_message": last_message}])
    else:
        conversation_id, position, lowest = known.id, known.message_count, known.min_confidence
        session.execute(
            update(Conversation)
            .where(Conversation.project_id == project_id, Conversation.id == conversation_id)
            .values(
                message_count=position + 2,
                language=known.language or reply.language,
                min_confidence=reply.confidence if lowest is None else min(reply.confidence, lowest),
                updated_at=now,
                last_message=last_message,
            )
            .execution_options(synchronize_session=False)
        )
    shared = {"project_id": project_id, "conversation_id": conversation_id, "created_at": now}
    connection.execute(_NEW_MESSAGES, [{**shared, **row} for row in _message_rows(asked, reply, message_id, position)])
    if reply.citations:
        connection.execute(_NEW_CITATIONS, _citation_rows(project_id, message_id, reply.citations))
    if reply.body["confidence_level"] == "low":
        events.publish(session, project_id, "low_confidence.detected", _low(conversation_id, message_id, asked, reply))
    return conversation_id


def _new_conversation(asked: Asked, reply: Reply, now: datetime) -> dict[str, Any]:
    return {
        "status": "open",
        "subject": " ".join(asked.message.split())[:SUBJECT_MAX_CHARS],
        "language": reply.language,
        "tags": [],
        "metadata": asked.metadata,
        "message_count": 2,
        "min_confidence": reply.confidence,
        "created_at": now,
        "updated_at": now,
        "closed_at": None,
    }


def _message_rows(asked: Asked, reply: Reply, message_id: str, position: int) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id("msg"),
            "position": position,
            "role": "user",
            "content": asked.message,
            "answered": None,
            "confidence": None,
            "answer": None,
        },
        {
            "id": message_id,
            "position": position + 1,
            "role": "assistant",
            "content": reply.content,
            "answered": reply.answered,
            "confidence": reply.confidence,
            "answer": {**reply.body, "topics": _topics(reply.citations)},
        },
    ]


def _topics(citations: list[dict[str, Any]]) -> list[str]:
    """What the answer was about: headings and titles of what it cites, for understanding a follow-up."""
    named = (
        (citation["locator"]["heading_path"] or [citation["title"]])[-1]
        for citation in citations
        if citation["title"] or citation["locator"]["heading_path"]
    )
    return list(dict.fromkeys(named))


def _citation_rows(project_id: str, message_id: str, citations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "project_id": project_id,
            "id": citation["id"],
            "message_id": message_id,
            "position": citation["index"],
            "source_id": citation["source_id"],
            "body": citation,
        }
        for citation in citations
    ]


def _low(conversation_id: str, message_id: str, asked: Asked, reply: Reply) -> dict[str, Any]:
    return {
        "conversation_id": conversation_id,
        "message_id": message_id,
        "session_id": asked.session_id,
        "question": asked.message,
        "answered": reply.answered,
        "confidence": reply.confidence,
        "confidence_reasons": reply.body["confidence_reasons"],
    }
