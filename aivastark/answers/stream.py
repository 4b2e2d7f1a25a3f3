"""An answer as a stream of events, numbered so that a client which lost the line can go on where it was."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from sse_starlette import ServerSentEvent

WORDS_A_DELTA = 3
_PIECE = re.compile(rf"(?:\s*\S{{1,40}}){{1,{WORDS_A_DELTA}}}\s*|\s+")
DONE = "[DONE]"


def deltas(text: str) -> list[str]:
    """The text in small pieces whose concatenation is the text again, also where no spaces part words."""
    return _PIECE.findall(text)


def answer_events(body: Mapping[str, Any], *, request_id: str, after: int = -1) -> Iterator[ServerSentEvent]:
    """`message.start`, `token`…, `citation`…, `answer`, `done`, `[DONE]`; those numbered up to `after` are left out."""
    for number, (kind, fields) in enumerate(_events(body, request_id)):
        if number > after:
            data = orjson.dumps({"type": kind, **fields}).decode()
            yield ServerSentEvent(data, event=kind, id=str(number), sep="\n")
    yield ServerSentEvent(DONE, sep="\n")


def _events(body: Mapping[str, Any], request_id: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield (
        "message.start",
        {
            "message_id": body["id"],
            "conversation_id": body["conversation_id"],
            "session_id": body["session_id"],
            "request_id": request_id,
            "created_at": body["created_at"],
        },
    )
    for delta in deltas(body["answer"]):
        yield "token", {"delta": delta}
    for citation in body["citations"]:
        yield "citation", {"citation": citation}
    yield "answer", body
    yield "done", {"message_id": body["id"]}
