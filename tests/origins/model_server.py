"""A model provider on loopback: a real HTTP server whose answers a test writes out, in OpenAI's wire format.

It follows the public pages of the API: requests and whole answers as in "Create chat completion"
(https://platform.openai.com/docs/api-reference/chat/create), streams as in "The chat completion chunk object"
(https://platform.openai.com/docs/api-reference/chat-streaming), errors as in "Error codes"
(https://platform.openai.com/docs/guides/error-codes), events as in the HTML standard, §9.2. What
a real llama.cpp server sends (`local_model.py`) was put beside it.

A script is a list of acts, one for each request, the last one for ever; or a function that chooses the act from what
was asked (a passage's number, the nonce of a prompt).
"""

import asyncio
import contextlib
import itertools
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

DEFAULT_MODEL = "scripted-1"
JSON = "application/json"
EVENTS = "text/event-stream"
HEADER_MAX_BYTES = 64_000

Body = dict[str, Any]


@dataclass(kw_only=True)
class Asked:
    """One request, and what became of its answer."""

    path: str  # with its query
    headers: Mapping[str, str]  # names in lower case
    body: Body
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client went away before the answer was over."""
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the answer was over, however it ended."""
    texts_sent: int = 0

    @property
    def system(self) -> str:
        return "".join(said["content"] for said in self.body["messages"] if said["role"] == "system")

    @property
    def last(self) -> str:
        """What the last message says."""
        text: str = self.body["messages"][-1]["content"]
        return text


class HungUp(Exception):
    """The client is gone."""


class Wire:
    """Where an answer is written, piece by piece, each at once and as a chunk of its own."""

    def __init__(self, out: asyncio.StreamWriter, asked: Asked) -> None:
        self._out = out
        self._asked = asked
        self._chunked = False

    async def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Status line and header fields. Without a `Content-Length` the body comes in chunks."""
        self._chunked = not any(name.lower() == "content-length" for name in headers)
        lines = [f"HTTP/1.1 {status} Word", *(f"{name}: {value}" for name, value in headers.items())]
        if self._chunked:
            lines.append("Transfer-Encoding: chunked")
        await self._send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def body(self, piece: bytes) -> None:
        """Some of the body."""
        if piece:
            await self._send(b"%x\r\n%s\r\n" % (len(piece), piece) if self._chunked else piece)

    async def end(self) -> None:
        """The body is whole."""
        if self._chunked:
            await self._send(b"0\r\n\r\n")

    async def event(self, event: object, *, text: bool = False) -> None:
        """One event: an object as JSON, a string as it is."""
        await self.body(on_the_wire(event))
        self._asked.texts_sent += text

    async def pause(self, seconds: float) -> None:
        """Say nothing for a while. Raises HungUp as soon as the client goes."""
        if seconds:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._asked.hung_up.wait()
        if self._asked.hung_up.is_set():
            raise HungUp

    async def _send(self, piece: bytes) -> None:
        if self._asked.hung_up.is_set():
            raise HungUp
        try:
            self._out.write(piece)
            await self._out.drain()
        except ConnectionError as error:
            self._asked.hung_up.set()
            raise HungUp from error


Act = Callable[[Asked, Wire], Awaitable[None]]
Script = Sequence[Act] | Callable[[Asked], Act]


def says(
    *texts: str,
    first_after_s: float = 0.0,
    between_s: float = 0.0,
    finish: str | None = "stop",
    usage: tuple[int, int] | None = (11, 7),
    model: str = DEFAULT_MODEL,
    done: bool = True,
    piece_bytes: int | None = None,
) -> Act:
    """An answer in `texts`, one chunk each; whole when the request does not ask for a stream.

    `usage`: tokens in and out, sent only to those who ask for it; `finish`: the finish reason, None for none; `done`:
    whether `[DONE]` ends it; `piece_bytes`: cuts the wire into pieces of that size, through events and characters.
    """

    async def act(asked: Asked, wire: Wire) -> None:
        if not asked.body.get("stream"):
            await wire.pause(first_after_s + between_s * len(texts))
            return await _send_whole(wire, whole("".join(texts), finish=finish, usage=usage, model=model))
        told: Body = {}
        if usage and (asked.body.get("stream_options") or {}).get("include_usage"):
            told = {"usage": None}  # in every chunk but the last, as the API has it
        before: list[object] = [chunk({"role": "assistant", "content": ""}, model=model, **told)]
        spoken = [chunk({"content": text}, model=model, **told) for text in texts]
        after: list[object] = [chunk({}, finish=finish, model=model, **told)] if finish else []
        after += [{**chunk({}, model=model), "choices": [], "usage": _usage(usage)}] if usage and told else []
        after += ["[DONE]"] if done else []

        await wire.head(200, {"Content-Type": f"{EVENTS}; charset=utf-8", "Cache-Control": "no-cache"})
        if piece_bytes is not None:
            raw = b"".join(map(on_the_wire, (*before, *spoken, *after)))
            for start in range(0, len(raw), piece_bytes):
                await wire.body(raw[start : start + piece_bytes])
            return await wire.end()
        await wire.pause(first_after_s)
        for event in before:
            await wire.event(event)
        for number, event in enumerate(spoken):
            await wire.pause(between_s if number else 0)
            await wire.event(event, text=True)
        for event in after:
            await wire.event(event)
        return await wire.end()

    return act


def never_ends(*texts: str, between_s: float = 0.0, finish: str | None = None) -> Act:
    """The same texts again and again until the client goes; with `finish`, in the first round."""

    async def act(asked: Asked, wire: Wire) -> None:
        await wire.head(200, {"Content-Type": EVENTS})
        for text in itertools.cycle(texts):
            await wire.event(chunk({"content": text}, finish=finish), text=True)
            await wire.pause(between_s)
            await asyncio.sleep(0)

    return act


def breaks_off(*texts: str, after: str = "") -> Act:
    """A stream that says `texts`, then `after` byte for byte, and whose connection is then cut."""

    async def act(asked: Asked, wire: Wire) -> None:
        await wire.head(200, {"Content-Type": EVENTS})
        for text in texts:
            await wire.event(chunk({"content": text}), text=True)
        await wire.body(after.encode())
        raise HungUp

    return act


def stops_talking(*texts: str, comments_every_s: float | None = None) -> Act:
    """A stream that says `texts` and then nothing, but stays open; comments are no sign of a model's life."""

    async def act(asked: Asked, wire: Wire) -> None:
        await wire.head(200, {"Content-Type": EVENTS})
        for text in texts:
            await wire.event(chunk({"content": text}), text=True)
        while True:
            await wire.pause(comments_every_s or 3600)
            await wire.body(b": still working\n\n")

    return act


def hangs() -> Act:
    """Takes the request and never answers."""

    async def act(asked: Asked, wire: Wire) -> None:
        await wire.pause(3600)

    return act


def hangs_up() -> Act:
    """Takes the request and closes the connection."""

    async def act(asked: Asked, wire: Wire) -> None:
        raise HungUp

    return act


def refuses(
    status: int,
    *,
    code: str | None = None,
    message: str = "The request was not served.",
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Act:
    """An error in the form of the API."""
    return sends(orjson.dumps(error(code, message, param)), status=status, headers=headers)


def sends(
    body: bytes, *, status: int = 200, content_type: str | None = JSON, headers: Mapping[str, str] | None = None
) -> Act:
    """Any answer, byte for byte."""

    async def act(asked: Asked, wire: Wire) -> None:
        kind = {"Content-Type": content_type} if content_type else {}
        await wire.head(status, {**kind, "Content-Length": str(len(body)), **(headers or {})})
        await wire.body(body)

    return act


def streams(*events: object, content_type: str = EVENTS) -> Act:
    """A stream of any events, objects as JSON and strings as they are, that ends without `[DONE]`."""

    async def act(asked: Asked, wire: Wire) -> None:
        await wire.head(200, {"Content-Type": content_type})
        for event in events:
            await wire.event(event)
        await wire.end()

    return act


def on_the_wire(event: object) -> bytes:
    """One event's bytes."""
    return b"data: %s\n\n" % (event.encode() if isinstance(event, str) else orjson.dumps(event))


def whole(
    text: str, *, finish: str | None = "stop", usage: tuple[int, int] | None = (11, 7), model: str = DEFAULT_MODEL
) -> Body:
    """The object `chat.completion`."""
    message = {"role": "assistant", "content": text, "refusal": None}
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model}
    body["choices"] = [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}]
    return {**body, **({"usage": _usage(usage)} if usage else {})}


def chunk(delta: Body, *, finish: str | None = None, model: str = DEFAULT_MODEL, **more: Any) -> Body:
    """The object `chat.completion.chunk`."""
    choices = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": model,
        "choices": choices,
        **more,
    }


def error(code: str | None, message: str = "The request was not served.", param: str | None = None) -> Body:
    """The object `error`."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


@dataclass(kw_only=True)
class ModelServer:
    """A running provider, and what it was asked, in order."""

    port: int
    script: Script
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with every request; for those who clear it."""
    connections: int = 0  # ever opened
    open_now: int = 0
    open_most: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/v1"

    def act(self, asked: Asked) -> Act:
        """What to do with the newest request."""
        if callable(self.script):
            return self.script(asked)
        return self.script[min(len(self.asked), len(self.script)) - 1]


@contextlib.asynccontextmanager
async def serving_model(script: Script, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[ModelServer]:
    """Completions and embeddings until the block ends; 404 elsewhere. `script` may be changed meanwhile."""
    server = ModelServer(port=0, script=script, scheme="https" if tls else "http")
    running: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_serve(server, reader, out))
        running.add(task)
        task.add_done_callback(running.discard)

    listening = await asyncio.start_server(accept, "127.0.0.1", 0, limit=HEADER_MAX_BYTES, backlog=1024, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        listening.close()
        await listening.wait_closed()


async def _serve(server: ModelServer, reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
    """One connection: requests one after the other, until somebody closes it."""
    server.connections += 1
    server.open_now += 1
    server.open_most = max(server.open_most, server.open_now)
    try:
        while asked := await _request(reader):
            await _answer(server, asked, reader, out)
    except (ConnectionError, asyncio.IncompleteReadError, HungUp):
        pass  # somebody had enough; many tests are about that
    finally:
        server.open_now -= 1
        out.transport.abort()


async def _answer(server: ModelServer, asked: Asked, reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
    server.asked.append(asked)
    server.was_asked.set()
    watching = asyncio.create_task(_watch(reader, asked))
    try:
        found = asked.path.partition("?")[0].endswith(("/chat/completions", "/embeddings", "/rerank"))
        act = server.act(asked) if found else refuses(404, code="not_found")
        await act(asked, Wire(out, asked))
    finally:
        asked.answered.set()
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


async def _watch(reader: asyncio.StreamReader, asked: Asked) -> None:
    """Notice that the client goes while it is being answered: it has nothing else to send."""
    with contextlib.suppress(ConnectionError):
        assert await reader.read(1) == b"", "a second request came before the first was answered"
    asked.hung_up.set()


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None  # closed between two requests
    first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(path=first.split(" ")[1], headers=headers, body=orjson.loads(body) if body else {})


async def _send_whole(wire: Wire, body: Body) -> None:
    written = orjson.dumps(body)
    await wire.head(200, {"Content-Type": JSON, "Content-Length": str(len(written))})
    await wire.body(written)


def _usage(usage: tuple[int, int]) -> Body:
    return {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
