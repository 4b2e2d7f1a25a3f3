"""The exchange as rows: what was said before, and question and answer written in one short transaction.

Who has the conversation is decided there and then: if a person took it while an answer was being composed, the answer
is dropped and only what the visitor said is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from aivastark import events
from aivastark.accounts.bounds import require_room
from aivastark.accounts.metering import Kind, meter, questions_this_month
from aivastark.conversations.handoff import VISITOR, escalate
from aivastark.conversations.masking import Hidden, keep_asked
from aivastark.conversations.models import CitationRow, Conversation, Message
from aivastark.conversations.say import HELD_BY_PEOPLE, last_message
from aivastark.conversations.wire import NOT_ON_THE_WIRE, wire, words_instead
from aivastark.conversations.words import HELD, PASSED_ON, in_language
from aivastark.database import Base, Database, ReadSession, Result, WriteSession
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.projects.hours import Hours

SUBJECT_MAX_CHARS = 120
PERSON_HAS_IT = "person_has_conversation"
PERSON_ASKED_FOR = "person_requested"

# Built once: composing statements anew for every question takes longer than SQLite needs to run them.
_CONVERSATION = (
    select(
        Conversation.id,
        Conversation.status,
        Conversation.message_count,
        Conversation.language,
        Conversation.min_confidence,
    )
    .where(
        Conversation.project_id == bindparam("project_id"),
        Conversation.channel == bindparam("channel"),
        Conversation.session_id == bindparam("session_id"),
    )
    .with_for_update()  # SQLite has its one writer and leaves this out
)
# Into tables, not classes: nobody needs these rows as objects.
_NEW_CONVERSATION = insert(Base.metadata.tables[Conversation.__tablename__])
_NEW_MESSAGES = insert(Base.metadata.tables[Message.__tablename__])
_NEW_CITATIONS = insert(Base.metadata.tables[CitationRow.__tablename__])


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """Where a widget's visitor asks from, noted on the conversation when it begins."""

    widget_id: str
    visitor_id: str
    visitor: dict[str, Any]
    page: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ids:
    """What an answer is called before it is recorded, for those who watch it grow."""

    message_id: str
    conversation_id: str
    """The session's own, or the one it will have."""
    session_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The visitor's side of an exchange."""

    session_id: str
    channel: str
    message: str
    metadata: dict[str, Any]
    visit: Visit | None = None
    ids: Ids | None = None
    """Given where the answer was announced already; else they are made with the rows."""
    is_new: bool = False
    """Whether the session's name was made for this very question: nobody can have a conversation by it yet."""
    hidden: Hidden | None = None
    """What placeholders stand for in all of this, to be sealed beside it; None where nothing was masked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """The bot's side. `body` is what the answer has beyond content and citations, as it goes over the wire."""

    content: str
    answered: bool | None
    """None, as `confidence`, where nothing was asked: it counts as no answer and no refusal."""
    confidence: float | None
    citations: list[dict[str, Any]]
    language: str | None
    body: dict[str, Any]


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
    """Write the exchange, its citations, its events and its count; returns the answer as it goes over the wire.

    `also` notes more in the same transaction. When a person has the conversation by now, only the question is kept,
    and what is returned says so. Raises `PlanLimitReached` when the month's questions are used up: then nothing is
    written.
    """

    def work(session: WriteSession) -> dict[str, Any]:
        known = _find(session, project_id, asked)
        if known is not None and known.status in HELD_BY_PEOPLE:
            return _keep_question(session, project_id, asked, known, language=reply.language)
        require_room(session, organization_id, "messages_per_month", questions_this_month(organization_id, utc_now()))
        written = _write(session, project_id, asked, reply, known)
        meter(session, organization_id, project_id, _used(reply), now=written.at)
        if also is not None:
            also(session, written)
        ids = {
            "id": written.message_id,
            "conversation_id": written.conversation_id,
            "session_id": asked.session_id,
        }
        body = {name: value for name, value in reply.body.items() if name not in NOT_ON_THE_WIRE}
        return wire(ids, body, reply.citations, written.at)

    return await _write_once_more(db, work, turn=organization_id)  # whose questions are counted


def _used(reply: Reply) -> dict[Kind, int]:
    return {"questions": 1, "answers_refused": 1 if reply.answered is False else 0}


async def record_for_person(
    db: Database, project_id: str, asked: Asked, *, language: str | None
) -> dict[str, Any] | None:
    """Write the question alone, for the person who has the conversation; None, and nothing written, when none has."""

    def work(session: WriteSession) -> dict[str, Any] | None:
        known = _find(session, project_id, asked)
        if known is None or known.status not in HELD_BY_PEOPLE:
            return None
        return _keep_question(session, project_id, asked, known, language=language)

    return await _write_once_more(db, work)


async def record_request(
    db: Database, project_id: str, asked: Asked, *, language: str | None, hours: Hours | None
) -> dict[str, Any]:
    """Write the question and pass the conversation on, because the visitor asks for a person."""

    def work(session: WriteSession) -> dict[str, Any]:
        known = _find(session, project_id, asked)
        if known is not None and known.status in HELD_BY_PEOPLE:
            return _keep_question(session, project_id, asked, known, language=language)
        words = words_instead(in_language(PASSED_ON, language), language=language, reason=PERSON_ASKED_FOR)
        body = _keep_question(session, project_id, asked, known, language=language, words=words)
        _, told = escalate(
            session, project_id, body["conversation_id"], reason="requested_by_visitor", by=VISITOR, hours=hours
        )
        assert told is not None  # nobody had it a moment ago, and it is held
        session.get_one(Message, (project_id, body["id"])).answer = {**words, "answer": told.content}
        return {**body, "answer": told.content}

    return await _write_once_more(db, work)


async def _write_once_more(db: Database, work: Callable[[WriteSession], Result], *, turn: str | None = None) -> Result:
    """Of several writers two may begin one session's conversation: the second then finds the first's."""
    try:
        return await db.write(work, turn=turn)
    except IntegrityError:
        return await db.write(work, turn=turn)


def _find(session: ReadSession, project_id: str, asked: Asked) -> Any:
    """The session's conversation as far as it is needed here, held for writing; None for a new session."""
    if asked.is_new:
        return None
    which = {"project_id": project_id, "channel": asked.channel, "session_id": asked.session_id}
    # Past the session, which would look for objects to keep among these bare columns.
    return session.connection().execute(_CONVERSATION, which).first()


def _write(session: WriteSession, project_id: str, asked: Asked, reply: Reply, known: Any) -> Written:
    """The exchange at the end of the session's conversation, or of a new one."""
    now = utc_now() if asked.ids is None else asked.ids.at
    message_id = new_id("msg") if asked.ids is None else asked.ids.message_id
    lowest = None if known is None else known.min_confidence
    changes = {
        "language": (known and known.language) or reply.language,
        "min_confidence": min((one for one in (reply.confidence, lowest) if one is not None), default=None),
        "updated_at": now,
        "last_message": last_message(message_id, "assistant", reply.content, now),
    }
    conversation_id, position = _extend(session, project_id, asked, known, changes, messages=2)
    shared = {"project_id": project_id, "conversation_id": conversation_id, "created_at": now}
    connection = session.connection()
    rows = _message_rows(asked, reply, message_id, position)
    connection.execute(_NEW_MESSAGES, [{**shared, **row} for row in rows])
    keep_asked(session, project_id, conversation_id, asked.hidden, rows[0]["id"], is_first=known is None, now=now)
    if reply.citations:
        connection.execute(_NEW_CITATIONS, _citation_rows(project_id, message_id, reply.citations))
    if reply.confidence is not None and reply.body["confidence_level"] == "low":
        events.publish(session, project_id, "low_confidence.detected", _low(conversation_id, message_id, asked, reply))
    return Written(
        project_id=project_id,
        conversation_id=conversation_id,
        message_id=message_id,
        question=asked.message,
        reply=reply,
        at=now,
    )


def _keep_question(
    session: WriteSession,
    project_id: str,
    asked: Asked,
    known: Any,
    *,
    language: str | None,
    words: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The question without an answer. What the visitor reads instead is kept with it and is no message of its own."""
    now = utc_now()
    message_id = new_id("msg")
    language = language or (known and known.language)
    body = words or words_instead(in_language(HELD, language), language=language, reason=PERSON_HAS_IT)
    changes = {
        "language": (known and known.language) or language,
        "updated_at": now,
        "last_message": last_message(message_id, "user", asked.message, now),
    }
    conversation_id, position = _extend(session, project_id, asked, known, changes, messages=1)
    row = {**_question_row(asked, message_id, position), "answer": body}
    shared = {"project_id": project_id, "conversation_id": conversation_id, "created_at": now}
    session.connection().execute(_NEW_MESSAGES, [{**shared, **row}])
    keep_asked(session, project_id, conversation_id, asked.hidden, message_id, is_first=known is None, now=now)
    ids = {"id": message_id, "conversation_id": conversation_id, "session_id": asked.session_id}
    return wire(ids, body, [], now)


def _extend(
    session: WriteSession, project_id: str, asked: Asked, known: Any, changes: dict[str, Any], *, messages: int
) -> tuple[str, int]:
    """The conversation with so many messages more, begun if need be; its id, and the first of their positions.

    What the visitor says opens a closed conversation again, and leaves open whether it was resolved.
    """
    if known is None:
        fresh = {
            "project_id": project_id,
            "id": new_id("conv") if asked.ids is None else asked.ids.conversation_id,
            "session_id": asked.session_id,
            "channel": asked.channel,
            "status": "open",
            "subject": " ".join(asked.message.split())[:SUBJECT_MAX_CHARS],
            "tags": [],
            "metadata": asked.metadata,
            "created_at": changes["updated_at"],
            "closed_at": None,
            **_from_where(asked.visit),
        }
        fresh_row = {"min_confidence": None, **fresh, **changes, "message_count": messages}
        session.connection().execute(_NEW_CONVERSATION, [fresh_row])
        return fresh["id"], 0
    session.execute(
        update(Conversation)
        .where(Conversation.project_id == project_id, Conversation.id == known.id)
        .values(
            **changes,
            message_count=known.message_count + messages,
            status="open" if known.status == "closed" else known.status,
            closed_at=None,
            resolution=None,
        )
        .execution_options(synchronize_session=False)
    )
    return known.id, known.message_count


def _from_where(visit: Visit | None) -> dict[str, Any]:
    if visit is None:
        return {"widget_id": None, "visitor_id": None, "visitor": {}, "page": None}
    return {
        "widget_id": visit.widget_id,
        "visitor_id": visit.visitor_id,
        "visitor": visit.visitor,
        "page": visit.page,
    }


def _question_row(asked: Asked, message_id: str, position: int) -> dict[str, Any]:
    return {
        "id": message_id,
        "position": position,
        "role": "user",
        "content": asked.message,
        "answered": None,
        "confidence": None,
        "answer": None,
    }


def _message_rows(asked: Asked, reply: Reply, message_id: str, position: int) -> list[dict[str, Any]]:
    return [
        _question_row(asked, new_id("msg"), position),
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
