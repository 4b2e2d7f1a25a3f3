"""HTTP for visitors who come back to an answer that is being written, or want no more of it."""

from fastapi import APIRouter
from fastapi.responses import Response
from sse_starlette import EventSourceResponse

from aivastark.answers.endpoints import STREAMED, AnswerId, Cancelled, LastEvent, number_of
from aivastark.answers.take_up import Found, find_anywhere, rest_of, stop_anywhere
from aivastark.backends.base import Whose
from aivastark.errors import NotFound
from aivastark.widgets.ask import for_visitor
from aivastark.widgets.public_calls import Call
from aivastark.widgets.public_endpoints import Visiting
from aivastark.widgets.visitors import Caller, own_conversation

router = APIRouter(prefix="/v1/widget/{embed_key}", tags=["Widget"])


@router.get(
    "/messages/{message_id}/stream",
    operation_id="resumeVisitorAnswer",
    summary="Take up an answer's stream again",
    response_class=EventSourceResponse,
    responses={200: {"content": STREAMED, "description": "The events after `Last-Event-ID`."}},
)
async def resume(visiting: Visiting, message_id: AnswerId, last_event_id: LastEvent = None) -> Response:
    """The rest of the stream, event by event as it was; of an answer that is still being written, as it comes.

    Anybody else's answer is a 404.
    """
    call, caller = visiting
    found = await _own(call, caller, message_id)
    return rest_of(
        call.backends,
        call.project_id,
        found,
        request_id=call.request_id,
        after=number_of(last_event_id),
        shape=for_visitor,
    )


@router.post(
    "/messages/{message_id}/cancel", operation_id="cancelVisitorAnswer", summary="Stop an answer that is being written"
)
async def cancel(visiting: Visiting, message_id: AnswerId) -> Cancelled:
    """What was proven by now is the answer. `stopped` is false where there was nothing to stop any more."""
    call, caller = visiting
    found = await _own(call, caller, message_id)
    return Cancelled(id=message_id, stopped=await stop_anywhere(call.backends, call.project_id, found))


async def _own(call: Call, caller: Caller, message_id: str) -> Found:
    """The visitor's own answer. Raises `NotFound`, whoever else's it is."""
    found = await find_anywhere(call.backends, call.project_id, message_id)
    conversation_id = found.conversation_id
    if conversation_id is not None:
        await call.backends.db.read(lambda session: own_conversation(session, call.project_id, caller, conversation_id))
    elif found.whose not in [Whose(widget_id=caller.widget_id, visitor_id=owner) for owner in caller.owners]:
        raise NotFound
    return found
