"""HTTP for a widget's visitors, opened by the public embed key alone."""

import hashlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from aivastark.accounts.media import must_be_readable
from aivastark.answers.endpoints import STREAMED
from aivastark.answers.under_way import SEND_TIMEOUT_S, stream_of
from aivastark.backends.base import Backends, Whose
from aivastark.conversations.live import Happened, announce_typing, watch_conversation
from aivastark.conversations.models import Conversation
from aivastark.conversations.schemas import message_out
from aivastark.conversations.store import MESSAGES_SHOWN_MAX, Said, last_messages
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import InvalidCursor
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.pages import LIMIT_DEFAULT, LIMIT_MAX, make_cursor, read_cursor
from aivastark.projects.business_hours import hours_of
from aivastark.projects.endpoints import PING_S, SSE_HEADERS
from aivastark.projects.hours import is_open
from aivastark.widgets.ask import VisitorQuestion, ask
from aivastark.widgets.public_calls import Call, identify, identity_in, open_call, refuse_when_off
from aivastark.widgets.public_schemas import (
    ConversationBrief,
    PublicConfig,
    TypingIn,
    VisitIn,
    VisitorConversation,
    VisitorConversationList,
    VisitorConversationWithMessages,
    VisitorOut,
    VisitOut,
    WidgetAnswer,
    WidgetQueryIn,
    conversation_fields,
    public_config,
    visitor_message,
)
from aivastark.widgets.visitors import (
    Caller,
    begin_visit,
    current_conversation,
    own_conversation,
    own_conversations,
)

CONFIG_KEPT_S = 60
POSITION_MAX = 2**31 - 1
LAST_EVENT = r"^(-1|[0-9]{1,9})$"
WATCHED = {
    "text/event-stream": {
        "example": 'event: message\nid: 3\ndata: {"type":"message","message":{…}}\n\n'
        'event: status\nid: 3\ndata: {"type":"status","status":"human"}\n\n'
    }
}

router = APIRouter(prefix="/v1/widget/{embed_key}", tags=["Widget"])

EmbedKey = Annotated[str, Path(description="The widget's embed key, `akv_pub_…`.", max_length=64)]
ConversationId = Annotated[str, Path(description="The conversation's id, `conv_…`.", max_length=64)]


async def _called(
    request: Request,
    embed_key: EmbedKey,
    origin: Annotated[str | None, Header(description="The page's origin; it must be one of the widget's.")] = None,
    referer: Annotated[str | None, Header(description="Used where a browser sends no Origin.")] = None,
) -> Call:
    backends: Backends = request.app.state.backends
    return await open_call(backends, embed_key, origin=origin, referer=referer, request_id=request.state.request_id)


async def _switched_on(call: Annotated[Call, Depends(_called)]) -> Call:
    refuse_when_off(call)
    return call


async def _beginning(request: Request, call: Annotated[Call, Depends(_switched_on)]) -> Call:
    must_be_readable(request)
    return call


async def _visiting(
    request: Request,
    call: Annotated[Call, Depends(_switched_on)],
    x_visitor_token: Annotated[str | None, Header(max_length=64, description="From `POST …/session`.")] = None,
    x_visitor_identity: Annotated[
        str | None,
        Header(description="The site's signed token, or the user's hash; needed where identity is required."),
    ] = None,
) -> tuple[Call, Caller]:
    caller = await identify(call, token=x_visitor_token, proof=x_visitor_identity)
    must_be_readable(request)  # who calls is asked first, as everywhere
    return call, caller


Called = Annotated[Call, Depends(_called)]
Beginning = Annotated[Call, Depends(_beginning)]
Visiting = Annotated[tuple[Call, Caller], Depends(_visiting)]


@router.get(
    "/config",
    response_model=PublicConfig,
    operation_id="getWidgetConfig",
    summary="What the window needs to show itself",
    responses={304: {"description": "It is what `If-None-Match` names."}},
)
async def config(call: Called, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """The public part of the configuration; needs no visitor. Ask again with `If-None-Match`: 304 when unchanged."""
    body = public_config(call.widget, call.configuration).model_dump_json(exclude_none=False).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"ETag": etag, "Cache-Control": f"private, max-age={CONFIG_KEPT_S}"}
    known = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@router.post("/session", operation_id="beginVisit", summary="Begin or take up a visit")
async def session(call: Beginning, body: VisitIn) -> VisitOut:
    """A visitor's token for all other calls.

    An earlier `visitor_token` is continued as long as it is of the same visitor; use the one in the answer from now on.
    """
    identity = identity_in(call, body.identity)

    def begin(session: WriteSession) -> tuple[Caller, str, bool, Conversation | None]:
        caller, token, resumed = begin_visit(session, call.widget, body.visitor_token, identity)
        return caller, token, resumed, current_conversation(session, call.project_id, caller)

    caller, token, resumed, current = await call.backends.db.write(begin)
    handoff = call.configuration.handoff
    return VisitOut(
        visitor_token=token,
        visitor=VisitorOut.model_validate(caller.card),
        resumed=resumed,
        expires_at=to_wire(caller.expires_at),
        conversation=None if current is None else ConversationBrief.model_validate(current, from_attributes=True),
        handoff_open=handoff.enabled and is_open(hours_of(handoff.business_hours), utc_now()),
    )


@router.post(
    "/query",
    response_model=WidgetAnswer,
    operation_id="askWidget",
    summary="Ask",
    responses={200: {"content": STREAMED, "description": "The answer, whole or (stream) in events."}},
)
async def query(visiting: Visiting, body: WidgetQueryIn) -> Response:
    """A grounded answer, as `POST …/projects/{project_id}/query` gives it, in the visitor's own conversation.

    Without `conversation_id` the last one that is not closed goes on. Where one of the widget's limits is reached, the
    answer is the sentence configured for it, and `limit_reached` names the limit.
    """
    call, caller = visiting
    question = VisitorQuestion(
        message=body.message,
        conversation_id=body.conversation_id,
        new_conversation=body.new_conversation,
        language=body.language[:2] if body.language else None,
        page=body.page.model_dump() if body.page else None,
    )
    write = partial(ask, call.backends, call.project, call.configuration, caller, question)
    if body.stream:
        return await stream_of(
            call.backends,
            call.project.id,
            call.request_id,
            lambda watcher: write(watcher=watcher),
            whose=Whose(widget_id=caller.widget_id, visitor_id=caller.owner),
        )
    return Response(orjson.dumps(await write()), media_type="application/json")


@router.get("/conversations", operation_id="listVisitorConversations", summary="One's own conversations")
async def conversations(
    visiting: Visiting,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows on a page.")] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=1024, description="`next_cursor` of the page before.")] = None,
) -> VisitorConversationList:
    """Those of this token and of the user the site vouched for, begun last first."""
    call, caller = visiting
    scope = f"{call.project_id}:{caller.widget_id}:{caller.owner}"
    try:
        after = None if cursor is None else read_cursor(call.backends.secret_key, scope, {}, cursor)[0]
    except ValueError as error:
        raise InvalidCursor from error
    rows = await call.backends.db.read(
        lambda session: own_conversations(session, call.project_id, caller, limit=limit, after=after)
    )
    more = len(rows) > limit
    rows = rows[:limit]
    return VisitorConversationList(
        data=[VisitorConversation.model_validate(conversation_fields(row)) for row in rows],
        next_cursor=make_cursor(call.backends.secret_key, scope, {}, [rows[-1].id]) if more else None,
        has_more=more,
    )


@router.get(
    "/conversations/{conversation_id}", operation_id="getVisitorConversation", summary="Read one of one's conversations"
)
async def conversation(visiting: Visiting, conversation_id: ConversationId) -> VisitorConversationWithMessages:
    """The newest 200 messages, in order; anybody else's conversation is a 404."""
    call, caller = visiting

    def look(session: ReadSession) -> tuple[Conversation, list[Said]]:
        row = own_conversation(session, call.project_id, caller, conversation_id)
        return row, last_messages(session, call.project_id, row.id, limit=MESSAGES_SHOWN_MAX)

    row, said = await call.backends.db.read(look)
    return VisitorConversationWithMessages.model_validate(
        {
            **conversation_fields(row),
            "messages": [
                visitor_message(message_out(message, cited), position=message.position) for message, cited in said
            ],
        }
    )


@router.get(
    "/events",
    operation_id="watchVisitorConversation",
    summary="Watch a conversation",
    response_class=EventSourceResponse,
    responses={200: {"content": WATCHED, "description": "`message`, `status` and `typing` events."}},
)
async def events(
    visiting: Visiting,
    conversation_id: Annotated[str, Query(min_length=1, max_length=64, description="One of one's own.")],
    after: Annotated[
        int, Query(ge=-1, le=POSITION_MAX, description="Position of the last message known; -1 for all.")
    ] = -1,
    last_event_id: Annotated[
        str | None, Header(pattern=LAST_EVENT, description="The last `id` received; goes before `after`.")
    ] = None,
) -> EventSourceResponse:
    """Server-Sent Events: answers, agents' replies and system messages as they come, changes of status, typing.

    Each is numbered with the position to go on from. Ends after an hour; connect again then.
    """
    call, caller = visiting
    row = await call.backends.db.read(
        lambda session: own_conversation(session, call.project_id, caller, conversation_id)
    )
    position = after if last_event_id is None else int(last_event_id)

    async def told() -> AsyncIterator[ServerSentEvent]:
        async for happened in watch_conversation(call.backends, call.project_id, row.id, position):
            yield _event(happened)

    return EventSourceResponse(told(), ping=PING_S, send_timeout=SEND_TIMEOUT_S, sep="\n", headers=SSE_HEADERS)


@router.post("/typing", status_code=204, operation_id="visitorTypes", summary="Say that one is writing")
async def typing(visiting: Visiting, body: TypingIn) -> None:
    """Shown to the people who watch the conversation; nothing of it is kept."""
    call, caller = visiting
    row = await call.backends.db.read(
        lambda session: own_conversation(session, call.project_id, caller, body.conversation_id)
    )
    announce_typing(call.backends.broadcast, call.project_id, row.id, "user")


def _event(happened: Happened) -> ServerSentEvent:
    body: dict[str, Any] = {"type": happened.kind}
    if happened.message is not None:
        body["message"] = visitor_message(happened.message, position=happened.position).model_dump(mode="json")
    if happened.status is not None:
        body["status"] = happened.status
    return ServerSentEvent(orjson.dumps(body).decode(), event=happened.kind, id=str(happened.position), sep="\n")
