"""A streamed answer: bytes into Server-Sent Events, those into typed events, and how to go on after a broken line."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from aivastark.client.errors import AivastarkError, ServerFailed, UnexpectedAnswer
from aivastark.client.shapes import Answer, Citation, Shape

MAX_EVENT_BYTES = 16_000_000
DONE = "[DONE]"


class Start(Shape):
    """The ids, before the first word."""

    type: Literal["message.start"]
    message_id: str
    conversation_id: str
    session_id: str
    request_id: str


class Token(Shape):
    """The next piece of the answer."""

    type: Literal["token"]
    delta: str


class Cited(Shape):
    """A quote the answer stands on."""

    type: Literal["citation"]
    citation: Citation


class Answered(Answer):
    """The whole answer, as an unstreamed one."""

    type: Literal["answer"]


class Done(Shape):
    """Nothing follows."""

    type: Literal["done"]
    message_id: str


StreamEvent = Start | Token | Cited | Answered | Done

_KNOWN = {"message.start", "token", "citation", "answer", "done"}
_EVENT: TypeAdapter[StreamEvent] = TypeAdapter(Annotated[StreamEvent, Field(discriminator="type")])


class Reading:
    """One answer being read, possibly over several connections."""

    def __init__(self) -> None:
        self.message_id: str | None = None
        self.last_event_id: str | None = None
        self.is_done = False
        self._line = b""
        self._lines: list[bytes] = []

    def reconnected(self) -> None:
        """What was half read is dropped: it comes again, whole."""
        self._line, self._lines = b"", []

    def take(self, received: bytes) -> Iterator[StreamEvent]:
        """The events that these bytes complete. Raises `UnexpectedAnswer`, or `ServerFailed` for an error event."""
        # Split as bytes: text would also be split at separators that may stand inside an answer.
        *lines, self._line = (self._line + received).split(b"\n")
        for line in lines:
            line = line.removesuffix(b"\r")
            if line:
                self._lines.append(line)
                continue
            event, self._lines = self._completed(), []
            if event is not None:
                yield event
        if len(self._line) + sum(map(len, self._lines)) > MAX_EVENT_BYTES:
            raise UnexpectedAnswer("An event of the stream is larger than any of the API's.")

    def _completed(self) -> StreamEvent | None:
        fields: dict[str, str] = {}
        for line in self._lines:
            name, _, value = line.decode("utf-8", "replace").partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value
        if fields.get("data") == DONE:
            self.is_done = True
        if "data" not in fields or self.is_done:
            return None
        event = _parsed(fields["data"])
        self.last_event_id = fields.get("id", self.last_event_id)
        if isinstance(event, Start):
            self.message_id = event.message_id
        return event


def _parsed(text: str) -> StreamEvent | None:
    """A typed event; None for one that this version does not know."""
    try:
        fields = orjson.loads(text)
        if "error" in fields:
            raise _failure(fields["error"])
        return _EVENT.validate_python(fields) if fields.get("type") in _KNOWN else None
    except (orjson.JSONDecodeError, ValidationError, TypeError, AttributeError) as error:
        raise UnexpectedAnswer("The stream holds something that is not an event of the API.") from error


def _failure(error: dict[str, Any]) -> AivastarkError:
    return ServerFailed(
        str(error.get("message", "The answer broke off.")),
        status=500,
        code=str(error.get("code", "unknown")),
        request_id=error.get("request_id"),
    )
