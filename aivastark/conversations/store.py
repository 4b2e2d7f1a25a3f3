"""Conversations in the database: listing, and one with everything said in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, tuple_

from aivastark.conversations.models import CitationRow, Conversation, Message
from aivastark.conversations.record import answer_body
from aivastark.database import ReadSession
from aivastark.errors import NotFound
from aivastark.tags import carries_any


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What a list of conversations is narrowed by; None = not at all."""

    status: str | None = None
    channel: str | None = None
    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_confidence: float | None = None
    max_confidence: float | None = None
    q: str | None = None


def list_conversations(
    session: ReadSession,
    project_id: str,
    *,
    filters: Filters,
    limit: int,
    after: tuple[datetime, str] | None = None,
) -> list[Conversation]:
    """Last spoken in first, at most `limit` + 1 rows: the extra one says that there is more.

    `after` is the time and id of the last row shown of this list with these filters.
    """
    query = select(Conversation).where(Conversation.project_id == project_id)
    if filters.status is not None:
        query = query.where(Conversation.status == filters.status)
    if filters.channel is not None:
        query = query.where(Conversation.channel == filters.channel)
    if filters.tag is not None:
        query = query.where(carries_any(Conversation.tags, [filters.tag]))
    if filters.since is not None:
        query = query.where(Conversation.updated_at >= filters.since)
    if filters.until is not None and after is None:  # `after` lies before it, and the index begins at one bound only
        query = query.where(Conversation.updated_at < filters.until)
    if filters.min_confidence is not None:
        query = query.where(Conversation.min_confidence >= filters.min_confidence)
    if filters.max_confidence is not None:
        query = query.where(Conversation.min_confidence <= filters.max_confidence)
    if filters.q is not None:
        query = query.where(
            exists(
                select(Message.id).where(
                    Message.project_id == project_id,
                    Message.conversation_id == Conversation.id,
                    Message.content.icontains(filters.q, autoescape=True),
                )
            )
        )
    if after is not None:
        # As one comparison of rows: both databases begin there in the index, which they do not where it is an OR.
        query = query.where(tuple_(Conversation.updated_at, Conversation.id) < after)
    newest_first = query.order_by(Conversation.updated_at.desc(), Conversation.id.desc()).limit(limit + 1)
    return list(session.scalars(newest_first))


def find_conversation(
    session: ReadSession, project_id: str, conversation_id: str
) -> tuple[Conversation, list[tuple[Message, list[CitationRow]]]]:
    """One conversation with its messages in order, each with its citations. Raises `NotFound`."""
    conversation = session.get(Conversation, (project_id, conversation_id))
    if conversation is None:
        raise NotFound
    messages = list(
        session.scalars(
            select(Message)
            .where(Message.project_id == project_id, Message.conversation_id == conversation_id)
            .order_by(Message.position)
        )
    )
    by_message: dict[str, list[CitationRow]] = {}
    for citation in session.scalars(
        select(CitationRow)
        .join(Message, (Message.project_id == CitationRow.project_id) & (Message.id == CitationRow.message_id))
        .where(CitationRow.project_id == project_id, Message.conversation_id == conversation_id)
        .order_by(CitationRow.message_id, CitationRow.position)
    ):
        by_message.setdefault(citation.message_id, []).append(citation)
    return conversation, [(message, by_message.get(message.id, [])) for message in messages]


def find_answer(session: ReadSession, project_id: str, message_id: str) -> dict[str, Any]:
    """An answer given before, exactly as it was returned then. Raises `NotFound`."""
    row = (
        session.execute(
            select(Message, Conversation.session_id)
            .join(
                Conversation,
                (Conversation.project_id == Message.project_id) & (Conversation.id == Message.conversation_id),
            )
            .where(Message.project_id == project_id, Message.id == message_id, Message.role == "assistant")
        )
    ).first()
    if row is None:
        raise NotFound
    citations = session.scalars(
        select(CitationRow)
        .where(CitationRow.project_id == project_id, CitationRow.message_id == message_id)
        .order_by(CitationRow.position)
    )
    message: Message = row.Message
    return answer_body(message, row.session_id, [citation.body for citation in citations])
