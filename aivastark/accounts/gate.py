"""The first thing a request meets: a request id, who calls, how often, how much; headers on every answer.

Pure ASGI and outermost, so that the framework's own answers (404, 405, 500) carry the headers as well
and no stream is ever buffered.
"""

import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from dataclasses import replace
from typing import Any

import orjson
import structlog

from aivastark import wall
from aivastark.accounts import limits, logins
from aivastark.accounts.directory import bucket_of
from aivastark.accounts.forgery import SAFE_METHODS, must_be_of_our_pages, must_hold_the_token
from aivastark.accounts.keys import SECRET_PREFIX, KeyRing, Principal
from aivastark.accounts.limits import ANONYMOUS, VISITOR, WIDGET, Allowance, KnownFull
from aivastark.accounts.logins import SignedIn
from aivastark.accounts.plans import Plan
from aivastark.database import Database
from aivastark.errors import (
    ApiAccessRequired,
    MalformedBody,
    NotFound,
    OriginNotAllowed,
    PayloadTooLarge,
    PermissionDenied,
    QuotaExceeded,
    RateLimited,
    Refused,
    Unauthenticated,
    Unavailable,
)
from aivastark.kit.ids import new_id
from aivastark.telemetry.metrics import RATE_LIMITED

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

GUARDED_PATHS = ("/v1/", "/mcp")  # nothing below these is served to someone without a key
OPEN_PATHS = ("/v1/health/",)  # below /v1, but asked by machines that hold no key
# Doors: they are there for those who hold nothing yet.
DOORS = {"/v1/connected-accounts/google/callback"} | frozenset(
    f"/v1/auth/{door}"
    for door in (
        "sign-in", "sign-up", "sign-up/confirm", "claim", "accept-invitation", "password-reset",
        "password-reset/confirm", "email/confirm", "oidc/start", "oidc/callback",
    )
)  # fmt: skip
# A probe must never be refused, nor need room on the disk; nor may visitors who share an address lose the widget.
UNCOUNTED_PATHS = ("/v1/health/", "/widget.js", "/widget/strings/", "/assets/", "/metrics")
WIDGET_PATH = "/v1/widget/"  # opened by a public key in the path; whose calls these are is decided behind the gate
MOVED_RETRY_AFTER_S = 15
VISITS_AT_ONCE_MAX = 100  # calls to widgets that one address may have open, streams above all

_SECRET = re.compile(r"(akv_(?:live|vis|idn)_)\w+")
_EMBED_KEY = re.compile(r"^akv_pub_[0-9A-Za-z]{1,50}$")

PEOPLE = Plan(per_minute=600, per_day=None, api_access=True)  # a signed-in person, whatever the plan of the API

log = structlog.get_logger()


class Gate:
    """Wraps the whole application."""

    def __init__(
        self,
        app: Application,
        *,
        db: Database,
        keys: KeyRing,
        cors_headers: Callable[[str, str | None], Awaitable[dict[str, str]]],
        secret_key: bytes,
        public_url: str,
        per_minute: int | None,
        max_body_bytes: int,
        allowed_hosts: Collection[str] = (),
        read_only: bool = False,
    ) -> None:
        self._allowed_hosts = frozenset(host.lower() for host in allowed_hosts)
        self._app = app
        self._db = db
        self._keys = keys
        self._cors_headers = cors_headers
        self._visits: Counter[str] = Counter()
        self._secret_key = secret_key
        self._public_url = public_url
        self._per_minute = per_minute
        self._known_full = KnownFull()
        self._max_body_bytes = max_body_bytes
        self._read_only = read_only

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
            with wall.nothing():  # until the caller's right to a project is established
                await self._pass(scope, receive, answer)
        except Refused as refused:
            await answer.refuse(refused)
        except Exception:  # the last line: a bug is logged whole and answered with the same envelope
            log.exception("request failed", path=_loggable(scope["path"]), method=scope["method"])
            await answer.fail()
        finally:
            elapsed = time.perf_counter() - started
            log.debug("request", path=_loggable(scope["path"]), status=answer.status, ms=round(elapsed * 1000, 1))

    async def _pass(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        if scope["path"].startswith(WIDGET_PATH):
            await self._visit(scope, receive, answer)
            return
        principal, signed_in = await self._admit(scope, answer)
        await self._serve(scope, receive, answer, principal, signed_in)

    async def _serve(
        self,
        scope: Scope,
        receive: Receive,
        answer: "_Answer",
        principal: Principal | None,
        signed_in: SignedIn | None,
    ) -> None:
        if self._read_only and scope["method"] not in SAFE_METHODS:
            raise _being_moved()
        scope.setdefault("state", {}).update(principal=principal, signed_in=signed_in, request_id=answer.request_id)
        await self._app(scope, _bounded(scope, receive, self._max_body_bytes), answer.send)

    async def _visit(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        """A call to a widget: counted by address and by widget, answered to the widget's own pages only."""
        address = _address(scope)
        embed_key = scope["path"].removeprefix(WIDGET_PATH).partition("/")[0]
        answer.headers.update(await self._cors_headers(scope["path"], _header(scope, b"origin")))
        await self._admit_visit(scope, answer, address, embed_key)
        if scope["method"] == "OPTIONS":
            if "access-control-allow-origin" not in answer.headers:
                raise OriginNotAllowed
            await answer.empty()
            return
        self._visits[address] += 1
        try:
            if self._visits[address] > VISITS_AT_ONCE_MAX:
                raise RateLimited("Too many calls are open from this address.", retry_after=1)
            await self._serve(scope, receive, answer, None, None)
        finally:
            self._visits[address] -= 1
            if not self._visits[address]:
                del self._visits[address]

    async def _admit_visit(self, scope: Scope, answer: "_Answer", address: str, embed_key: str) -> None:
        allowance = limits.unlimited()
        if self._per_minute != 0:
            allowance = await self._take(f"visitor:{address}", VISITOR)
            if allowance.refused_by is None and _EMBED_KEY.match(embed_key):
                widgets = await self._take(f"widget:{embed_key}", WIDGET)
                allowance = min(allowance, widgets, key=lambda one: (one.refused_by is None, one.binding.remaining))
        answer.headers.update(limits.headers(allowance))
        if allowance.refused_by is not None:
            raise _over(allowance)
        self._refuse_other_hosts(scope)
        if embed_key.startswith(SECRET_PREFIX) or (_bearer(scope) or "").startswith(SECRET_PREFIX):
            raise PermissionDenied(
                "This is a secret key, which must never be in a web page. Use the widget's embed key, akv_pub_…, "
                "and revoke this key if it was published."
            )
        if "\x00" in scope["path"]:  # no id has one, and not every database would take the question
            raise NotFound

    def _refuse_other_hosts(self, scope: Scope) -> None:
        if self._allowed_hosts and _host(scope) not in self._allowed_hosts:
            raise MalformedBody("This server does not answer to that host name.", param="Host")

    async def _admit(self, scope: Scope, answer: "_Answer") -> tuple[Principal | None, SignedIn | None]:
        path: str = scope["path"]
        if path.startswith(UNCOUNTED_PATHS):
            answer.headers.update(limits.headers(await self._look(scope)))
            return None, None
        principal, signed_in = await self._who(scope)
        allowance = await self._count(scope, principal, signed_in)
        answer.headers.update(limits.headers(allowance))
        if allowance.refused_by is not None:
            raise _over(allowance)
        self._refuse_other_hosts(scope)
        if path in DOORS:
            self._keep_forgers_out(scope, None)
        if not path.startswith(GUARDED_PATHS) or path.startswith(OPEN_PATHS) or path in DOORS:
            return principal, signed_in
        if principal is None:
            answer.headers["www-authenticate"] = "Bearer"
            raise Unauthenticated
        if signed_in is not None:
            self._keep_forgers_out(scope, signed_in)
        elif not principal.plan.api_access:
            raise ApiAccessRequired
        if "\x00" in path:  # no id has one, and not every database would take the question
            raise NotFound
        return principal, signed_in

    async def _who(self, scope: Scope) -> tuple[Principal | None, SignedIn | None]:
        """A key, or the person of a session; a key that is sent counts alone."""
        secret = _bearer(scope)
        if secret is not None:
            return await self._keys.principal(secret), None
        token = _cookie(scope, logins.COOKIE)
        signed_in = None if token is None else await logins.find(self._db, self._secret_key, token)
        return (None, None) if signed_in is None else (signed_in.principal, signed_in)

    def _keep_forgers_out(self, scope: Scope, signed_in: SignedIn | None) -> None:
        if scope["method"] in SAFE_METHODS:
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        must_be_of_our_pages(headers, self._public_url)
        if signed_in is not None:
            must_hold_the_token(headers, signed_in)

    async def _count(self, scope: Scope, principal: Principal | None, signed_in: SignedIn | None) -> Allowance:
        if self._per_minute == 0:
            return limits.unlimited()
        return await self._take(*self._bucket(scope, principal, signed_in))

    async def _take(self, bucket: str, plan: Plan) -> Allowance:
        known = self._known_full.allowance(bucket, plan)
        if known is not None:
            return known
        allowance = await limits.take(self._db, bucket, plan)
        self._known_full.note(bucket, plan, allowance)
        return allowance

    def _bucket(self, scope: Scope, principal: Principal | None, signed_in: SignedIn | None) -> tuple[str, Plan]:
        """What a request is counted under, and how many there may be of it."""
        if signed_in is not None:
            return f"user:{signed_in.user_id}", PEOPLE
        if principal is None:
            return f"ip:{_address(scope)}", ANONYMOUS
        plan = principal.plan
        return bucket_of(principal), plan if self._per_minute is None else replace(plan, per_minute=self._per_minute)

    async def _look(self, scope: Scope) -> Allowance:
        """The state of the probing address, counting nothing: a probe answers also when nothing can be written."""
        if self._per_minute == 0:
            return limits.unlimited()
        return await limits.look(self._db, f"ip:{_address(scope)}", ANONYMOUS)


class _Answer:
    """The answer on its way out: adds our headers, and knows whether it has begun."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
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
        await self._error(refused.status, error_body(refused, self.request_id))

    async def fail(self) -> None:
        """The error envelope for a mistake of ours."""
        await self._error(500, internal_error_body(self.request_id))

    async def empty(self) -> None:
        """Nothing but headers."""
        await self.send({"type": "http.response.start", "status": 204, "headers": []})
        await self.send({"type": "http.response.body", "body": b""})

    async def _error(self, status: int, body: bytes) -> None:
        if self.status is not None:
            return  # the answer has begun: all that is left is to cut it
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def _being_moved() -> Unavailable:
    refused = Unavailable("This install is being moved and changes nothing meanwhile. Try again in a moment.")
    refused.retry_after = MOVED_RETRY_AFTER_S
    return refused


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


def _loggable(path: str) -> str:
    """The path without a secret that somebody put into it by mistake."""
    return _SECRET.sub(r"\1…", path)


def _header(scope: Scope, wanted: bytes) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), None)


def _bearer(scope: Scope) -> str | None:
    kind, _, secret = (_header(scope, b"authorization") or "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else None


def _cookie(scope: Scope, wanted: str) -> str | None:
    for name, value in scope["headers"]:
        if name == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                key, _, content = pair.strip().partition("=")
                if key == wanted:
                    return str(content)
    return None


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "unknown"


def _host(scope: Scope) -> str:
    host = _header(scope, b"host") or ""
    name, _, port = host.lower().rpartition(":")
    return name if port.isdigit() else host.lower()


def _over(allowance: Allowance) -> RateLimited:
    window = allowance.binding
    RATE_LIMITED.labels(window.name).inc()
    wait = allowance.retry_after_s
    message = f"{window.limit} requests a {window.name} are allowed; try again in {wait} seconds."
    return (QuotaExceeded if window.name == "day" else RateLimited)(message, retry_after=wait)


def _bounded(scope: Scope, receive: Receive, max_bytes: int) -> Receive:
    """A `receive` that refuses a body over the limit, declared or counted."""
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if declared.isdigit() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > max_bytes:
            raise _too_large(max_bytes)
        return message

    return counted


def _too_large(max_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"A request may hold {max_bytes // 1_000_000} MB at most.")
