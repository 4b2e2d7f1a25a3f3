"""Conversations in the database: listing, and one with everything said in it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select, tuple_

from aivastark.backends.search.messages import WORDS_MAX, conversations_with, words_in
from aivastark.conversations.models import CitationRow, Conversation, Message
from aivastark.conversations.wire import answer_body
from aivastark.database import ReadSession
from aivastark.errors import NotFound
from aivastark.tags import carries_any

MESSAGES_SHOWN_MAX = 200
Said = tuple[Message, list[CitationRow]]
"""A message with the citations that were verified for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What a list of conversations is narrowed by; None = not at all."""

    status: str | None = None
    channel: str | None = None
    tag: str | None = None
    assignee: str | None = None
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
    """Last changed first, at most `limit` + 1 rows: the extra one says that there is more.

    `after` is the time and id of the last row shown of this list with these filters.
    """
    if after is not None:  # it lies before `until`, and the index begins at one bound only
        filters = replace(filters, until=None)
    query = _narrowed(session, project_id, filters)
    if after is not None:
        # As one comparison of rows: both databases begin there in the index, which they do not where it is an OR.
        query = query.where(tuple_(Conversation.updated_at, Conversation.id) < after)
    newest_first = query.order_by(Conversation.updated_at.desc(), Conversation.id.desc()).limit(limit + 1)
    return list(session.scalars(newest_first))


def conversations_to_export(
    session: ReadSession, project_id: str, *, filters: Filters, limit: int, after: str | None
) -> list[Conversation]:
    """In the order they began, which no change upsets while an export is under way."""
    query = _narrowed(session, project_id, filters)
    if after is not None:
        query = query.where(Conversation.id > after)
    return list(session.scalars(query.order_by(Conversation.id).limit(limit)))


def _narrowed(session: ReadSession, project_id: str, filters: Filters) -> Select[Conversation]:
    query = select(Conversation).where(Conversation.project_id == project_id)
    if filters.status is not None:
        query = query.where(Conversation.status == filters.status)
    if filters.channel is not None:
        query = query.where(Conversation.channel == filters.channel)
    if filters.tag is not None:
        query = query.where(carries_any(Conversation.tags, [filters.tag]))
    if filters.assignee is not None:
        query = query.where(Conversation.assignee == filters.assignee)
    if filters.since is not None:
        query = query.where(Conversation.updated_at >= filters.since)
    if filters.until is not None:
        query = query.where(Conversation.updated_at < filters.until)
    if filters.min_confidence is not None:
        query = query.where(Conversation.min_confidence >= filters.min_confidence)
    if filters.max_confidence is not None:
        query = query.where(Conversation.min_confidence <= filters.max_confidence)
    if filters.q is not None:
        query = query.where(_says(session, project_id, filters.q))
    return query


def _says(session: ReadSession, project_id: str, q: str) -> ColumnElement[bool]:
    """By the index of words; what it cannot tell, such as words in scripts without spaces, by reading the messages."""
    if words := words_in(q):
        return Conversation.id.in_(conversations_with(session, project_id, words))
    return exists(
        select(Message.id).where(
            Message.project_id == project_id,
            Message.conversation_id == Conversation.id,
            *(Message.content.icontains(part, autoescape=True) for part in q.split()[:WORDS_MAX]),
        )
    )


def know_conversation(session: ReadSession, project_id: str, conversation_id: str) -> Conversation:
    """The conversation without its messages. Raises `NotFound`."""
    conversation = session.get(Conversation, (project_id, conversation_id))
    if conversation is None:
        raise NotFound
    return conversation


def find_conversation(
    session: ReadSession, project_id: str, conversation_id: str
) -> tuple[Conversation, list[Said], bool]:
    """One conversation with its newest `MESSAGES_SHOWN_MAX` messages in order, each with its citations, and whether
    there are older ones. Raises `NotFound`.
    """
    conversation = know_conversation(session, project_id, conversation_id)
    said = last_messages(session, project_id, conversation_id, limit=MESSAGES_SHOWN_MAX + 1)
    return conversation, said[-MESSAGES_SHOWN_MAX:], len(said) > MESSAGES_SHOWN_MAX


def last_messages(session: ReadSession, project_id: str, conversation_id: str, *, limit: int) -> list[Said]:
    """The newest messages in order, each with its citations."""
    newest = _of(project_id, conversation_id).order_by(Message.position.desc()).limit(limit)
    return with_citations(session, project_id, list(session.scalars(newest))[::-1])


def messages_after(
    session: ReadSession, project_id: str, conversation_id: str, *, position: int, limit: int
) -> list[Said]:
    """The messages that follow a position (-1 for all), in order, each with its citations."""
    following = _of(project_id, conversation_id).where(Message.position > position).order_by(Message.position)
    return with_citations(session, project_id, list(session.scalars(following.limit(limit))))


def _of(project_id: str, conversation_id: str) -> Select[Message]:
    return select(Message).where(Message.project_id == project_id, Message.conversation_id == conversation_id)


def with_citations(session: ReadSession, project_id: str, messages: list[Message]) -> list[Said]:
    by_message: dict[str, list[CitationRow]] = {}
    for citation in session.scalars(
        select(CitationRow)
        .where(CitationRow.project_id == project_id, CitationRow.message_id.in_([message.id for message in messages]))
        .order_by(CitationRow.message_id, CitationRow.position)
    ):
        by_message.setdefault(citation.message_id, []).append(citation)
    return [(message, by_message.get(message.id, [])) for message in messages]


def find_answer(session: ReadSession, project_id: str, message_id: str) -> tuple[dict[str, Any], list[int]]:
    """An answer given before, exactly as it was returned then; and the lengths of the pieces it was streamed in, while
    a language model wrote it. Raises `NotFound`.
    """
    row = (
        session.execute(
            select(Message, Conversation.session_id)
            .join(
                Conversation,
                (Conversation.project_id == Message.project_id) & (Conversation.id == Message.conversation_id),
            )
            .where(Message.project_id == project_id, Message.id == message_id, Message.answer.is_not(None))
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
    pieces: list[int] = (message.answer or {}).get("pieces", [])
    return answer_body(message, row.session_id, [citation.body for citation in citations]), pieces
