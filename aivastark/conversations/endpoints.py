"""HTTP for reading conversations: the list, one of them, all of them as a file, and as they change."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import StreamingResponse
from sse_starlette import EventSourceResponse, ServerSentEvent

from aivastark.accounts.conditions import Showing
from aivastark.conversations.export import Format, export_conversations
from aivastark.conversations.handoff import Status
from aivastark.conversations.live import MARK_MAX_CHARS, Changed, read_mark, watch_inbox
from aivastark.conversations.models import Conversation
from aivastark.conversations.schemas import (
    ConversationList,
    ConversationWithMessages,
    conversation_out,
    conversation_with_messages,
)
from aivastark.conversations.store import Filters, find_conversation, list_conversations
from aivastark.errors import InvalidRequest
from aivastark.kit.etags import etag_of
from aivastark.kit.moments import SentMoment
from aivastark.kit.pages import CURSOR_MAX_CHARS, LIMIT_DEFAULT, LIMIT_MAX
from aivastark.projects.endpoints import PING_S, SSE_HEADERS, Here, cursor_for, in_project, position_after

SEND_TIMEOUT_S = 30.0
EXPORTED = {
    "application/jsonl": {
        "example": '{"id":"conv_01HW…","status":"open","messages":[{"role":"user","content":"…"}]}\n'
    },
    "text/csv": {"example": "conversation_id,message_id,role,content\r\nconv_01HW…,msg_01HW…,user,Hello?\r\n"},
}
WATCHED = {
    "text/event-stream": {
        "example": "event: message.created\nid: 1764000000000000\n"
        'data: {"type":"message.created","conversation_id":"conv_01HW…","message":{…}}\n\n'
    }
}

router = APIRouter(prefix="/v1/projects/{project_id}/conversations", tags=["Conversations"])

Reading = Annotated[Here, Depends(in_project("conversations"))]
ConversationId = Annotated[str, Path(description="The conversation's id, `conv_…`.", max_length=64)]
Probability = Annotated[float | None, Query(ge=0, le=1)]


def _filters(
    status: Status | None = None,
    channel: Annotated[str | None, Query(max_length=20)] = None,
    tag: Annotated[str | None, Query(max_length=64)] = None,
    assignee: Annotated[str | None, Query(min_length=1, max_length=40, description="Whose they are.")] = None,
    since: Annotated[SentMoment | None, Query(alias="from", description="Last changed at or after.")] = None,
    until: Annotated[SentMoment | None, Query(alias="to", description="Last changed before.")] = None,
    min_confidence: Probability = None,
    max_confidence: Probability = None,
    q: Annotated[str | None, Query(min_length=1, max_length=200, description="Words in a message.")] = None,
) -> Filters:
    return Filters(
        status=status,
        channel=channel,
        tag=tag,
        assignee=assignee,
        since=aware(since),
        until=aware(until),
        min_confidence=min_confidence,
        max_confidence=max_confidence,
        q=q,
    )


Filtered = Annotated[Filters, Depends(_filters)]


@router.get("", operation_id="listConversations", summary="List conversations")
async def index(
    here: Reading,
    filters: Filtered,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows on a page.")] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=CURSOR_MAX_CHARS)] = None,
) -> ConversationList:
    """Last changed first."""
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
        data=[conversation_out(row) for row in rows],
        next_cursor=cursor_for(here, "conversations", bound, last) if last else None,
        has_more=more,
    )


@router.get(
    "/export",
    operation_id="exportConversations",
    summary="Export conversations",
    response_class=StreamingResponse,
    responses={200: {"content": EXPORTED, "description": "A line or row at a time."}},
)
async def export(
    here: Reading, filters: Filtered, format: Annotated[Format, Query(description="Of the file.")] = "jsonl"
) -> StreamingResponse:
    """All that the filters leave, in the order they began: JSONL with all messages, or CSV with a message a row."""
    by = [name for name in Filters.__dataclass_fields__ if getattr(filters, name) is not None]
    await here.backends.db.write(
        lambda session: here.note(session, "conversations.exported", here.project_id, format=format, filtered_by=by)
    )
    lines = export_conversations(here.backends.db, here.project_id, filters=filters, format_=format)
    return StreamingResponse(
        lines,
        media_type="text/csv; charset=utf-8" if format == "csv" else "application/jsonl",
        headers={"Content-Disposition": f'attachment; filename="conversations.{format}"'},
    )


@router.get(
    "/events",
    operation_id="watchInbox",
    summary="Watch the inbox",
    response_class=EventSourceResponse,
    responses={200: {"content": WATCHED, "description": "Whatever changes, as it changes."}},
)
async def events(
    here: Reading,
    last_event_id: Annotated[
        str | None,
        Header(pattern=rf"^\d{{1,{MARK_MAX_CHARS}}}$", description="The last `id` received: go on after it."),
    ] = None,
) -> EventSourceResponse:
    """Server-Sent Events `conversation.created`, `conversation.updated` and `message.created`, each at least once.

    `visitor.typing` is told while it happens, on the server process where the visitor is. Without `Last-Event-ID` from
    now on, with it from there, a day back at most. The line is closed after an hour.
    """
    try:
        since = None if last_event_id is None else read_mark(last_event_id)
    except ValueError as error:
        raise InvalidRequest("This is no id of an event of the inbox.", param="last-event-id") from error
    changes = watch_inbox(here.backends, here.project_id, since)
    return EventSourceResponse(_sent(changes), ping=PING_S, send_timeout=SEND_TIMEOUT_S, sep="\n", headers=SSE_HEADERS)


@router.get("/{conversation_id}", operation_id="getConversation", summary="Read a conversation")
async def show(here: Reading, conversation_id: ConversationId, conditions: Showing) -> ConversationWithMessages:
    """What was said, in order, with the citations as they were verified then; the newest 200 messages."""
    row, said, has_more = await here.backends.db.read(
        lambda session: find_conversation(session, here.project_id, conversation_id)
    )
    conditions.show(state_of(row))
    return conversation_with_messages(row, said, has_more=has_more)


def state_of(row: Conversation) -> str:
    """The conversation's entity tag."""
    return etag_of(row.updated_at, row.resolution or "", row.lead_id or "")


def aware(moment: datetime | None) -> datetime | None:
    """A time without a zone is taken as UTC."""
    if moment is None or moment.tzinfo is None:
        return None if moment is None else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidRequest("from and to are times between the years 1 and 9999", param="from") from error


async def _sent(changes: AsyncIterator[Changed]) -> AsyncIterator[ServerSentEvent]:
    async for change in changes:
        body: dict[str, object] = {"type": change.kind, "conversation_id": change.conversation_id}
        if change.conversation is not None:
            body["conversation"] = change.conversation.model_dump()
        if change.message is not None:
            body["message"] = change.message.model_dump()
        yield ServerSentEvent(orjson.dumps(body).decode(), event=change.kind, id=change.mark, sep="\n")
