"""The first thing a request meets: a request id, who calls, how often, how much; headers on every answer.

Pure ASGI and outermost, so that the framework's own answers (404, 405, 500) carry the headers as well
and no stream is ever buffered.
"""

import time
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from dataclasses import replace
from typing import Any

import orjson
import structlog

from aivastark.accounts import limits
from aivastark.accounts.directory import bucket_of
from aivastark.accounts.keys import KeyRing, Principal
from aivastark.accounts.limits import ANONYMOUS, Allowance, KnownFull
from aivastark.database import Database
from aivastark.errors import (
    ApiAccessRequired,
    MalformedBody,
    NotFound,
    PayloadTooLarge,
    QuotaExceeded,
    RateLimited,
    Refused,
    Unauthenticated,
)
from aivastark.kit.ids import new_id

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

GUARDED_PATHS = ("/v1/", "/mcp")  # nothing below these is served to someone without a key
OPEN_PATHS = ("/v1/health/",)  # below /v1, but asked by machines that hold no key
UNCOUNTED_PATHS = ("/v1/health/",)  # a probe must never be refused, nor need room on the disk

log = structlog.get_logger()


class Gate:
    """Wraps the whole application."""

    def __init__(
        self,
        app: Application,
        *,
        db: Database,
        keys: KeyRing,
        per_minute: int | None,
        max_body_bytes: int,
        allowed_hosts: Collection[str] = (),
    ) -> None:
        self._allowed_hosts = frozenset(host.lower() for host in allowed_hosts)
        self._app = app
        self._db = db
        self._keys = keys
        self._per_minute = per_minute
        self._known_full = KnownFull()
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = new_id("req")
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        answer = _Answer(send, request_id)
        started = time.perf_counter()
        try:
            principal = await self._admit(scope, answer)
            scope.setdefault("state", {}).update(principal=principal, request_id=request_id)
            await self._app(scope, _bounded(scope, receive, self._max_body_bytes), answer.send)
        except Refused as refused:
            await answer.refuse(refused)
        except Exception:  # the last line: a bug is logged whole and answered with the same envelope
            log.exception("request failed", path=scope["path"], method=scope["method"])
            await answer.fail()
        finally:
            elapsed = time.perf_counter() - started
            log.debug("request", path=scope["path"], status=answer.status, ms=round(elapsed * 1000, 1))

    async def _admit(self, scope: Scope, answer: "_Answer") -> Principal | None:
        path: str = scope["path"]
        if path.startswith(UNCOUNTED_PATHS):
            answer.headers.update(limits.headers(await self._look(scope)))
            return None
        secret = _bearer(scope)
        principal = await self._keys.principal(secret) if secret is not None else None
        allowance = await self._count(scope, principal)
        answer.headers.update(limits.headers(allowance))
        if allowance.refused_by is not None:
            raise _over(allowance)
        if self._allowed_hosts and _host(scope) not in self._allowed_hosts:
            raise MalformedBody("This server does not answer to that host name.", param="Host")
        if not path.startswith(GUARDED_PATHS) or path.startswith(OPEN_PATHS):
            return principal
        if principal is None:
            answer.headers["www-authenticate"] = "Bearer"
            raise Unauthenticated
        if not principal.plan.api_access:
            raise ApiAccessRequired
        if "\x00" in path:  # no id has one, and not every database would take the question
            raise NotFound
        return principal

    async def _count(self, scope: Scope, principal: Principal | None) -> Allowance:
        if self._per_minute == 0:
            return limits.unlimited()
        bucket, plan = (_address(scope), ANONYMOUS) if principal is None else (bucket_of(principal), principal.plan)
        if principal is not None and self._per_minute is not None:
            plan = replace(plan, per_minute=self._per_minute)
        known = self._known_full.allowance(bucket, plan)
        if known is not None:
            return known
        allowance = await limits.take(self._db, bucket, plan)
        self._known_full.note(bucket, plan, allowance)
        return allowance

    async def _look(self, scope: Scope) -> Allowance:
        """The state of the probing address, counting nothing: a probe answers also when nothing can be written."""
        if self._per_minute == 0:
            return limits.unlimited()
        return await limits.look(self._db, _address(scope), ANONYMOUS)


class _Answer:
    """The answer on its way out: adds our headers, and knows whether it has begun."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.headers = {"x-request-id": request_id, "x-content-type-options": "nosniff"}
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        """Pass a message on, the first one with our headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = [(name.encode(), value.encode()) for name, value in self.headers.items()]
            message = {**message, "headers": [*message.get("headers", []), *own]}
        await self._send(message)

    async def refuse(self, refused: Refused) -> None:
        """The error envelope for a caller's mistake."""
        if refused.retry_after is not None:
            self.headers["retry-after"] = str(refused.retry_after)
        await self._error(refused.status, error_body(refused, self._request_id))

    async def fail(self) -> None:
        """The error envelope for a mistake of ours."""
        await self._error(500, internal_error_body(self._request_id))

    async def _error(self, status: int, body: bytes) -> None:
        if self.status is not None:
            return  # the answer has begun: all that is left is to cut it
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def error_body(refused: Refused, request_id: str) -> bytes:
    """The one shape of every error."""
    error = {"code": refused.code, "message": refused.message, "request_id": request_id}
    if refused.param is not None:
        error["param"] = refused.param
    return orjson.dumps({"error": error})


def internal_error_body(request_id: str) -> bytes:
    """What a caller learns of a bug: the id under which it is in the log."""
    message = "Something went wrong on our side. Tell us this request_id and we will find it."
    return orjson.dumps({"error": {"code": "internal_error", "message": message, "request_id": request_id}})


def _bearer(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, secret = value.decode("latin-1").partition(" ")
            return secret.strip() if kind.lower() == "bearer" else None
    return None


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return f"ip:{client[0] if client else 'unknown'}"


def _host(scope: Scope) -> str:
    host: str = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    name, _, port = host.lower().rpartition(":")
    return name if port.isdigit() else host.lower()


def _over(allowance: Allowance) -> RateLimited:
    window = allowance.binding
    wait = allowance.retry_after_s
    message = f"{window.limit} requests a {window.name} are allowed; try again in {wait} seconds."
    return (QuotaExceeded if window.name == "day" else RateLimited)(message, retry_after=wait)


def _bounded(scope: Scope, receive: Receive, max_bytes: int) -> Receive:
    """A `receive` that refuses a body over the limit, declared or counted."""
    too_large = PayloadTooLarge(f"A request may hold {max_bytes // 1_000_000} MB at most.")
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if declared.isdigit() and int(declared) > max_bytes:
        raise too_large
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > max_bytes:
            raise too_large
        return message

    return counted
