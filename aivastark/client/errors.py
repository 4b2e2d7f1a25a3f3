"""What can go wrong between a program and the server, as exceptions.

AivastarkError
├── ApiError               the server refused; has status, code, message, request_id, param, retry_after_s
│   ├── Unauthenticated    401
│   ├── PermissionDenied   403
│   ├── NotFound           404
│   ├── Conflict           409, 412
│   ├── InvalidRequest     400, 413, 415, 422 and any other 4xx
│   ├── RateLimited        429
│   └── ServerFailed       5xx
├── ConnectionFailed       no answer: unreachable, broken off, or too slow
├── UnexpectedAnswer       an answer that is not the API's, for instance a proxy's page
└── StillWorking           a source that has not settled in the time one was ready to wait
"""

import email.utils
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson


class AivastarkError(Exception):
    """Anything this client raises."""


class ApiError(AivastarkError):
    """The server's refusal. `message` is for people, `code` for programs; `request_id` finds the call in its log."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str,
        request_id: str | None,
        param: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"{message} ({code}, HTTP {status}, {request_id or 'no request id'})")
        self.message = message
        self.status = status
        self.code = code
        self.request_id = request_id
        self.param = param
        self.retry_after_s = retry_after_s


class Unauthenticated(ApiError):
    """No key, or one that is unknown, revoked or expired."""


class PermissionDenied(ApiError):
    """The key's scope or the plan does not reach this far."""


class NotFound(ApiError):
    """There is nothing there for this key."""


class Conflict(ApiError):
    """It contradicts what is there."""


class InvalidRequest(ApiError):
    """Something about the request is wrong; `param` names the field."""


class RateLimited(ApiError):
    """The minute (`rate_limited`) or the day (`quota_exceeded`) is used up."""


class ServerFailed(ApiError):
    """The server or something before it has a problem."""


class ConnectionFailed(AivastarkError):
    """No answer came."""


class UnexpectedAnswer(AivastarkError):
    """An answer came that is not the API's."""


class StillWorking(AivastarkError):
    """The time is over and the source has not settled."""


def error_from(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """The exception for an answer with a status from 400 on, also where a proxy gave it instead of the server."""
    error = _error_in(body)
    return _kind(status)(
        str(error.get("message") or f"The answer has the status {status} and no message."),
        status=status,
        code=str(error.get("code") or "unknown"),
        request_id=error.get("request_id") or headers.get("x-request-id"),
        param=error.get("param"),
        retry_after_s=retry_after_s(headers),
    )


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds until `Retry-After`, which is a number or a date; None when it is absent or unreadable."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


def _error_in(body: bytes) -> dict[str, Any]:
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    error = decoded.get("error") if isinstance(decoded, dict) else None
    return error if isinstance(error, dict) else {}


def _kind(status: int) -> type[ApiError]:
    if status >= 500:
        return ServerFailed
    known: dict[int, type[ApiError]] = {
        401: Unauthenticated,
        403: PermissionDenied,
        404: NotFound,
        409: Conflict,
        412: Conflict,
        429: RateLimited,
    }
    return known.get(status, InvalidRequest)
