"""Access tokens of Google's OAuth 2.0 token endpoint (RFC 6749), kept in memory for one sync and nowhere else."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher
from aivastark.kit.headers import retry_after

DEADLINE_SECONDS = 15.0
ANSWER_MAX_BYTES = 50_000
TOKEN_MAX_CHARS = 4_096
LIFE_DEFAULT_SECONDS = 300.0  # where the endpoint does not say
RENEWED_EARLY_SECONDS = 60.0
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}

# RFC 6749 §5.2 and what Google adds; anything else is taken for an outage, which another try may survive.
_FINAL = frozenset(
    {
        "invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope", "access_denied", "deleted_client",
        "disabled_client", "unsupported_grant_type", "invalid_request", "admin_policy_enforced", "org_internal",
    }
)  # fmt: skip


class GrantRefused(Exception):
    """The endpoint gives no token for this, now or later; `error` is the word of RFC 6749 it said."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """What the endpoint gave."""

    access_token: str = field(repr=False)
    good_until: float
    """On the monotonic clock."""
    refresh_token: str | None = field(default=None, repr=False)
    scope: str = ""


class AccessTokens:
    """The access token of one sync: fetched when first needed, again before it runs out or when it is refused."""

    def __init__(self, fetch: Callable[[], Awaitable[Token]]) -> None:
        self._fetch = fetch
        self._token: Token | None = None
        self._lock = asyncio.Lock()

    async def current(self) -> str:
        """One that is good for a while."""
        async with self._lock:
            if self._token is None or self._token.good_until - RENEWED_EARLY_SECONDS < time.monotonic():
                self._token = await self._fetch()
            return self._token.access_token

    async def instead_of(self, refused: str) -> str:
        """Another one, fetched once for all who were refused with this one."""
        async with self._lock:
            if self._token is None or self._token.access_token == refused:
                self._token = await self._fetch()
            return self._token.access_token


async def ask_for_token(fetcher: Fetcher, token_url: str, fields: Mapping[str, str]) -> Token:
    """Raises `GrantRefused`, or a retryable FetchFailed when the endpoint is away or says nothing readable."""
    asked_at = time.monotonic()
    posted = await fetcher.post(
        token_url,
        body=urlencode(fields).encode(),
        headers=FORM,
        deadline_seconds=DEADLINE_SECONDS,
        keep_bytes=ANSWER_MAX_BYTES,
    )
    answer = _object(posted.body)
    token = answer.get("access_token")
    if posted.status == 200 and isinstance(token, str) and 0 < len(token) <= TOKEN_MAX_CHARS and token.isprintable():
        return Token(
            access_token=token,
            good_until=asked_at + _seconds(answer.get("expires_in")),
            refresh_token=_text(answer.get("refresh_token")),
            scope=_text(answer.get("scope")) or "",
        )
    error = answer.get("error")
    if 400 <= posted.status < 500 and isinstance(error, str) and error in _FINAL:
        raise GrantRefused(error)
    raise FetchFailed(
        "rate_limited" if posted.status == 429 else "upstream_error",
        f"Google gives out no tokens at the moment (HTTP {posted.status}).",
        retryable=True,
        retry_after=retry_after(posted.headers.get("retry-after", "")),
        status=posted.status,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _seconds(told: object) -> float:
    return float(told) if isinstance(told, int | float) and 0 < told < 86_400 * 365 else LIFE_DEFAULT_SECONDS


def _text(told: object) -> str | None:
    return told if isinstance(told, str) and 0 < len(told) <= TOKEN_MAX_CHARS else None
