"""HTTP for conversations: the list and one of them."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from aivastark.conversations.schemas import (
    ConversationList,
    ConversationOut,
    ConversationStatus,
    ConversationWithMessages,
    conversation_fields,
    message_out,
)
from aivastark.conversations.store import Filters, find_conversation, list_conversations
from aivastark.errors import InvalidRequest
from aivastark.kit.moments import SentMoment
from aivastark.kit.pages import CURSOR_MAX_CHARS, LIMIT_DEFAULT, LIMIT_MAX
from aivastark.projects.endpoints import Here, cursor_for, in_project, position_after

router = APIRouter(prefix="/v1/projects/{project_id}/conversations", tags=["Conversations"])

Reading = Annotated[Here, Depends(in_project("conversations"))]
ConversationId = Annotated[str, Path(description="The conversation's id, `conv_…`.", max_length=64)]
Probability = Annotated[float | None, Query(ge=0, le=1)]


@router.get("", operation_id="listConversations", summary="List conversations")
async def index(
    here: Reading,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows on a page.")] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=CURSOR_MAX_CHARS)] = None,
    status: ConversationStatus | None = None,
    channel: Annotated[str | None, Query(max_length=20)] = None,
    tag: Annotated[str | None, Query(max_length=64)] = None,
    since: Annotated[SentMoment | None, Query(alias="from", description="Last spoken in at or after.")] = None,
    until: Annotated[SentMoment | None, Query(alias="to", description="Last spoken in before.")] = None,
    min_confidence: Probability = None,
    max_confidence: Probability = None,
    q: Annotated[str | None, Query(min_length=1, max_length=200, description="Words in a message.")] = None,
) -> ConversationList:
    """Last spoken in first."""
    filters = Filters(
        status=status,
        channel=channel,
        tag=tag,
        since=_aware(since),
        until=_aware(until),
        min_confidence=min_confidence,
        max_confidence=max_confidence,
        q=q,
    )
    bound: dict[str, object] = {name: getattr(filters, name) for name in Filters.__dataclass_fields__}
    after = position_after(here, "conversations", bound, cursor)
    rows = await here.backends.db.read(
        lambda session: list_conversations(
            session,
            here.project_id,
            filters=filters,
            limit=limit,
            after=(datetime.fromisoformat(after[0]), after[1]) if after else None,
        )
    )
    more = len(rows) > limit
    rows = rows[:limit]
    last = [rows[-1].updated_at.isoformat(), rows[-1].id] if more else None
    return ConversationList(
        data=[ConversationOut.model_validate(conversation_fields(row)) for row in rows],
        next_cursor=cursor_for(here, "conversations", bound, last) if last else None,
        has_more=more,
    )


@router.get("/{conversation_id}", operation_id="getConversation", summary="Read a conversation")
async def show(here: Reading, conversation_id: ConversationId) -> ConversationWithMessages:
    """Everything said, in order, with the citations as they were verified then."""
    row, messages = await here.backends.db.read(
        lambda session: find_conversation(session, here.project_id, conversation_id)
    )
    return ConversationWithMessages.model_validate(
        {**conversation_fields(row), "messages": [message_out(message, cited) for message, cited in messages]}
    )


def _aware(moment: datetime | None) -> datetime | None:
    """A time without a zone is taken as UTC."""
    if moment is None or moment.tzinfo is None:
        return None if moment is None else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidRequest("from and to are times between the years 1 and 9999", param="from") from error
