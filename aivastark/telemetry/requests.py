"""Around everything HTTP: each request counted by its route, timed until its answer begins, and a span of its trace."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from aivastark.telemetry.metrics import REQUEST_SECONDS, REQUESTS, STREAMS_OPEN
from aivastark.telemetry.tracing import TRACEPARENT, OpenSpan, open_span

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Of which no route was found: refused at the gate, or no address of ours.
NO_ROUTE = "none"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Asked every few seconds by machines: a trace of each would be most of all there is.
UNTRACED = ("/v1/health/", "/metrics")


class Observed:
    """Wraps the application."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        span = None if scope["path"].startswith(UNTRACED) else _span_of(scope)
        answer = _Answer(send, keeps_headers=span is not None)
        try:
            await self._app(scope, receive, answer.send)
        finally:
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            answer.end(scope["method"], route)
            if span is not None:
                _end(span, answer, scope["method"], route)


class _Answer:
    """The answer on its way out: when it began, and whether it is a stream."""

    __slots__ = ("_began", "_is_stream", "_keeps_headers", "_send", "_started", "headers", "status")

    def __init__(self, send: Send, *, keeps_headers: bool) -> None:
        self._send = send
        self._keeps_headers = keeps_headers  # which a stream without a trace does without for as long as it is open
        self._started = time.perf_counter()
        self._began: float | None = None
        self._is_stream = False
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self._began = time.perf_counter()
            headers = message.get("headers", [])
            self.status = message["status"]
            if self._keeps_headers:
                self.headers = headers
            self._is_stream = any(
                name == b"content-type" and kind.startswith(b"text/event-stream") for name, kind in headers
            )
            if self._is_stream:
                STREAMS_OPEN.inc()
        await self._send(message)

    def end(self, method: str, route: str) -> None:
        """Count it. One that never began was given up by its caller: its status is 0."""
        if self._is_stream:
            STREAMS_OPEN.dec()
        method = method if method in METHODS else "other"
        REQUESTS.labels(method, route, str(self.status)).inc()
        if self._began is not None:
            REQUEST_SECONDS.labels(method, route).observe(self._began - self._started)


def _span_of(scope: Scope) -> OpenSpan | None:
    given = (value.decode("latin-1") for name, value in scope["headers"] if name == TRACEPARENT.encode())
    parent = {TRACEPARENT: next(given, "")}
    return open_span("request", parent=parent, kind="SERVER")


def _end(span: OpenSpan, answer: _Answer, method: str, route: str) -> None:
    span.span.update_name(f"{method} {route}")
    span.span.set_attributes({"http.request.method": method, "http.route": route})
    span.span.set_attribute("http.response.status_code", answer.status)
    for name, value in answer.headers:
        if name == b"x-request-id":
            span.span.set_attribute("aivastark.request_id", value.decode("latin-1"))
    span.end()
