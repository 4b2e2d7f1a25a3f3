"""An answer as a stream of events, numbered so that a client which lost the line can go on where it was."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from sse_starlette import ServerSentEvent

from aivastark.conversations.record import Ids
from aivastark.kit.clock import to_wire

WORDS_A_DELTA = 3
_PIECE = re.compile(rf"(?:\s*\S{{1,40}}){{1,{WORDS_A_DELTA}}}\s*|\s+")
DONE = "[DONE]"

Event = tuple[str, Mapping[str, Any]]


def deltas(text: str) -> list[str]:
    """The text in small pieces whose concatenation is the text again, also where no spaces part words."""
    return _PIECE.findall(text)


def answer_events(
    body: Mapping[str, Any], *, request_id: str, after: int = -1, pieces: Sequence[int] = ()
) -> Iterator[ServerSentEvent]:
    """`message.start`, `token`…, `citation`…, `answer`, `done`, `[DONE]`; those numbered up to `after` are left out.

    `pieces`: lengths of what the answer was released in, where it was streamed while it was written: then the events
    are those of then.
    """
    for number, (kind, fields) in enumerate(whole_events(body, request_id, pieces)):
        if number > after:
            yield server_sent(kind, fields, number)
    yield server_sent(None, {}, None)


def server_sent(kind: str | None, fields: Mapping[str, Any], number: int | None) -> ServerSentEvent:
    """An event as it goes over the wire; without a kind, the end of the stream."""
    if kind is None:
        return ServerSentEvent(DONE, sep="\n")
    return ServerSentEvent(orjson.dumps({"type": kind, **fields}).decode(), event=kind, id=str(number), sep="\n")


def whole_events(body: Mapping[str, Any], request_id: str, pieces: Sequence[int] = ()) -> Iterator[Event]:
    """All the events of an answer that is there."""
    yield _start(body["id"], body["conversation_id"], body["session_id"], request_id, body["created_at"])
    at = 0
    for length in pieces or [len(body["answer"])]:
        yield from token_events(body["answer"][at : at + length])
        at += length
    yield from closing_events(body)


def opening_event(ids: Ids, request_id: str) -> Event:
    """The first event of an answer that is being written."""
    return _start(ids.message_id, ids.conversation_id, ids.session_id, request_id, to_wire(ids.at))


def token_events(piece: str) -> Iterator[Event]:
    """The events of a piece of the answer."""
    for delta in deltas(piece):
        yield "token", {"delta": delta}


def closing_events(body: Mapping[str, Any]) -> Iterator[Event]:
    """What comes behind the last piece."""
    for citation in body["citations"]:
        yield "citation", {"citation": citation}
    yield "answer", body
    yield "done", {"message_id": body["id"]}


def _start(message_id: str, conversation_id: str, session_id: str, request_id: str, created_at: str) -> Event:
    return (
        "message.start",
        {
            "message_id": message_id,
            "conversation_id": conversation_id,
            "session_id": session_id,
            "request_id": request_id,
            "created_at": created_at,
        },
    )
