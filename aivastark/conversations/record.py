"""The exchange as rows: what was said before, and question and answer written in one short transaction."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from aivastark import events
from aivastark.conversations.models import CitationRow, Conversation, Message
from aivastark.database import Database, WriteSession
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.ids import new_id

TURNS_REMEMBERED = 4
SUBJECT_MAX_CHARS = 120
PREVIEW_MAX_CHARS = 160


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
    topics: tuple[str, ...]


async def recall(db: Database, project_id: str, asked: Asked) -> list[PastTurn]:
    """The last few exchanges of this session, oldest first; none for a new one."""
    latest = (
        select(Message.role, Message.content, Message.answer, Message.position)
        .join(
            Conversation,
            (Conversation.project_id == Message.project_id) & (Conversation.id == Message.conversation_id),
        )
        .where(
            Conversation.project_id == project_id,
            Conversation.channel == asked.channel,
            Conversation.session_id == asked.session_id,
            Message.role.in_(("user", "assistant")),
        )
        .order_by(Message.position.desc())
        .limit(2 * TURNS_REMEMBERED)
    )
    async with db.read() as session:
        rows = list(await session.execute(latest))
    turns: list[PastTurn] = []
    topics: tuple[str, ...] = ()
    for row in rows:  # newest first: the answer comes before its question
        if row.role == "assistant":
            topics = tuple((row.answer or {}).get("topics", ()))
        else:
            turns.append(PastTurn(question=row.content, topics=topics))
            topics = ()
    return turns[::-1]


async def record(db: Database, project_id: str, asked: Asked, reply: Reply) -> dict[str, Any]:
    """Write the exchange, its citations and its events; returns the answer as it goes over the wire."""
    now = utc_now()
    user_id, message_id = new_id("msg"), new_id("msg")
    kept = {**reply.body, "topics": _topics(reply.citations)}
    async with db.write() as session:
        conversation = await _conversation(session, project_id, asked, reply)
        position = conversation.message_count
        conversation.message_count += 2
        conversation.language = conversation.language or reply.language
        conversation.min_confidence = min(reply.confidence, conversation.min_confidence or 1.0)
        conversation.updated_at = now
        conversation.last_message = {
            "id": message_id,
            "role": "assistant",
            "preview": reply.content[:PREVIEW_MAX_CHARS],
            "created_at": to_wire(now),
        }
        await session.flush()
        shared = {"project_id": project_id, "conversation_id": conversation.id, "created_at": now}
        await session.execute(
            insert(Message),
            [
                {
                    **shared,
                    "id": user_id,
                    "position": position,
                    "role": "user",
                    "content": asked.message,
                    "answered": None,
                    "confidence": None,
                    "answer": None,
                },
                {
                    **shared,
                    "id": message_id,
                    "position": position + 1,
                    "role": "assistant",
                    "content": reply.content,
                    "answered": reply.answered,
                    "confidence": reply.confidence,
                    "answer": kept,
                },
            ],
        )
        if reply.citations:
            await session.execute(insert(CitationRow), _citation_rows(project_id, message_id, reply.citations))
        if reply.body["confidence_level"] == "low":
            events.publish(
                session, project_id, "low_confidence.detected", _low(conversation.id, message_id, asked, reply)
            )
    return {
        "id": message_id,
        "conversation_id": conversation.id,
        "session_id": asked.session_id,
        "citations": reply.citations,
        **reply.body,
        "created_at": to_wire(now),
    }


def answer_body(message: Message, session_id: str, citations: list[dict[str, Any]]) -> dict[str, Any]:
    """A stored answer as it went over the wire when it was given."""
    body = {name: value for name, value in (message.answer or {}).items() if name != "topics"}
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "session_id": session_id,
        "citations": citations,
        **body,
        "created_at": to_wire(message.created_at),
    }


async def _conversation(session: WriteSession, project_id: str, asked: Asked, reply: Reply) -> Conversation:
    """The session's conversation, or a new one."""
    found = await session.scalar(
        select(Conversation).where(
            Conversation.project_id == project_id,
            Conversation.channel == asked.channel,
            Conversation.session_id == asked.session_id,
        )
    )
    if found is not None:
        return found
    now = utc_now()
    made = Conversation(
        project_id=project_id,
        id=new_id("conv"),
        session_id=asked.session_id,
        channel=asked.channel,
        status="open",
        subject=" ".join(asked.message.split())[:SUBJECT_MAX_CHARS],
        language=reply.language,
        tags=[],
        details=asked.metadata,
        message_count=0,
        min_confidence=None,
        last_message=None,
        created_at=now,
        updated_at=now,
        closed_at=None,
    )
    session.add(made)
    return made


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
