"""`Idempotency-Key`: a POST that is sent again is done once, and answered as it was the first time.

Stands between the gate, which knows the caller, and the application. The key is taken by a row before any work
begins, under a lease that is renewed while the work runs; a process that died frees its keys within `LEASE_S`.
What it had done by then may be done a second time: row and answer cannot share the work's transaction.

A stream is kept like any other answer. Its caller may hang up: the application is not told, runs to the end, and
the whole stream is there when the caller asks again.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from aivastark.accounts.directory import bucket_of
from aivastark.accounts.gate import Application, Message, Receive, Scope, Send
from aivastark.accounts.kept_answers import Claimed, Ticket, claim, keep, let_go, renew
from aivastark.accounts.keys import Principal
from aivastark.accounts.posted_body import ClientGone, PostedBody, receive_whole
from aivastark.database import Database
from aivastark.errors import Conflict, InvalidRequest

BODY_MAX_BYTES = 1_000_000  # of an answer that is kept
RENEW_EVERY_S = 20.0
KEPT_HEADERS = ("content-type", "location", "cache-control", "etag", "x-accel-buffering")
KEPT_REFUSALS = (404, 409)  # what follows from the request and the state it met; everything else may be tried again
EVENT_STREAM = "text/event-stream"

_BROKEN_OFF = b"\nevent: error\n"  # a stream that could not be finished
_KEY = re.compile(r"^[!-~]{1,255}$")

log = structlog.get_logger()


class Idempotency:
    """Wraps the application; requests without a key, or without a known caller, pass through untouched."""

    def __init__(self, app: Application, *, db: Database) -> None:
        self._app = app
        self._db = db

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        key = _key(scope)
        principal: Principal | None = scope["state"]["principal"]
        if key is None or principal is None:
            await self._app(scope, receive, send)
            return
        with contextlib.suppress(ClientGone):
            async with receive_whole(scope, receive) as posted:
                await self._once(scope, posted, send, key=key, principal=principal)

    async def _once(self, scope: Scope, posted: PostedBody, send: Send, *, key: str, principal: Principal) -> None:
        bucket = bucket_of(principal)
        claimed: Claimed = await self._db.write(
            lambda session: claim(session, bucket, key, actor_id=principal.actor_id, fingerprint=posted.fingerprint)
        )
        if claimed.ticket is None:
            await _replay(claimed, scope["state"]["request_id"], send)
            return
        await self._run(scope, posted, send, claimed.ticket)

    async def _run(self, scope: Scope, posted: PostedBody, send: Send, ticket: Ticket) -> None:
        """The work itself; its answer is kept before its last byte goes out."""
        copy = _Copy()

        async def copied(message: Message) -> None:
            if copy.take(message):
                await self._close(ticket, copy)
            await send(message)

        async with _renewing(self._db, ticket):
            try:
                await self._app(scope, posted.receive, copied)
            except Exception:  # a bug: the gate answers it; the request may be sent again
                await self._db.write(lambda session: let_go(session, ticket))
                raise
        if not copy.whole:
            await self._db.write(lambda session: let_go(session, ticket))

    async def _close(self, ticket: Ticket, copy: "_Copy") -> None:
        try:
            if not copy.is_final:
                await self._db.write(lambda session: let_go(session, ticket))
                return
            await self._db.write(
                lambda session: keep(session, ticket, status=copy.status, headers=copy.headers, body=copy.body)
            )
        except Exception:  # the work is done and its answer matters more than the copy of it
            log.exception("an answer could not be kept")


@dataclass(kw_only=True, slots=True)
class _Copy:
    """What goes out, as far as it may be kept."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = b""
    whole: bool = False

    def take(self, message: Message) -> bool:
        """Note a message; True with the one that ends the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]}
            self.headers = {name: named[name] for name in KEPT_HEADERS if name in named}
            # Shown once means written down nowhere: of such an answer only the fact is kept.
            if "no-store" in named.get("cache-control", "") or "set-cookie" in named:
                self.body = None
            return False
        if self.body is not None:
            self.body += message.get("body", b"")
            if len(self.body) > BODY_MAX_BYTES:
                self.body = None
        self.whole = not message.get("more_body", False)
        return self.whole

    @property
    def is_final(self) -> bool:
        """Whether asking again could only do the work twice, or be refused the same way."""
        if self.body is not None and _BROKEN_OFF in self.body and self._is_stream:
            return False
        return 200 <= self.status < 300 or self.status in KEPT_REFUSALS

    @property
    def _is_stream(self) -> bool:
        return self.headers.get("content-type", "").startswith(EVENT_STREAM)


async def _replay(kept: Claimed, request_id: str, send: Send) -> None:
    if kept.body is None:
        raise Conflict(
            "This was done before, under the same Idempotency-Key. Its answer is not kept: it held a"
            " secret that is shown once, was too large, or was erased. Look at what was made.",
            param="Idempotency-Key",
        )
    body = kept.body if kept.status < 400 else _with_request_id(kept.body, request_id)
    headers = {**kept.headers, "idempotent-replayed": "true"}
    if not headers.get("content-type", "").startswith(EVENT_STREAM):
        headers["content-length"] = str(len(body))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": kept.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def _with_request_id(body: bytes, request_id: str) -> bytes:
    """An error names the call it answers, which is this one."""
    decoded: dict[str, Any] = orjson.loads(body)
    decoded["error"]["request_id"] = request_id
    return orjson.dumps(decoded)


@contextlib.asynccontextmanager
async def _renewing(db: Database, ticket: Ticket) -> AsyncIterator[None]:
    async def renew_now_and_then() -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            try:
                await db.write(lambda session: renew(session, ticket))
            except Exception:  # a busy database for once must not end the renewing
                log.exception("an Idempotency-Key could not be held longer")

    renewing = asyncio.create_task(renew_now_and_then())
    try:
        yield
    finally:
        renewing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await renewing


def _key(scope: Scope) -> str | None:
    sent = [value.decode("latin-1").strip() for name, value in scope["headers"] if name == b"idempotency-key"]
    if not sent:
        return None
    if len(sent) > 1 or not _KEY.match(sent[0]):
        raise InvalidRequest("Idempotency-Key is 1 to 255 visible ASCII characters", param="Idempotency-Key")
    # The IETF draft quotes it, most clients do not: both mean the same key.
    key: str = sent[0]
    quoted = len(key) > 2 and key[0] == key[-1] == '"'
    return key[1:-1] if quoted else key
