"""What can go wrong with a call to a stranger's server: a code for programs, a sentence for people."""

import ssl
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from aivastark.kit.headers import retry_after

FailureCode = Literal[
    "invalid_url", "blocked_address", "dns_failed", "connect_failed", "tls_failed", "timeout", "too_large",
    "too_many_redirects", "decoding_failed", "login_required", "forbidden", "not_found", "gone", "http_error",
    "upstream_error", "robots_disallowed", "credentials_rejected", "rate_limited", "repository_empty",
    "account_disconnected", "not_shared", "api_disabled",
]  # fmt: skip


class FetchFailed(Exception):
    """Nothing usable came back. `message` is for people; `retry_after`, in seconds, is the server's wish.

    `status`, `headers` (names in lower case) and `body` are what the server answered, where it did.
    """

    def __init__(
        self,
        code: FailureCode,
        message: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.retry_after = retry_after
        self.status = status
        self.headers: Mapping[str, str] = headers or {}
        self.body = body


def refusal(url: str, status: int, headers: Mapping[str, str], body: bytes) -> FetchFailed:
    """An answer that is no page, in words."""
    host = urlsplit(url).hostname or url
    code, sentence = _in_a_sentence(host, status)
    passing = status == 429 or status >= 500
    wait = retry_after(headers.get("retry-after", ""))
    return FetchFailed(code, sentence, retryable=passing, retry_after=wait, status=status, headers=headers, body=body)


def _in_a_sentence(host: str, status: int) -> tuple[FailureCode, str]:
    match status:
        case 401 | 407:
            return "login_required", f"{host} asks for a login before it shows this page."
        case 403:
            return "forbidden", f"{host} refuses to show this page (HTTP 403)."
        case 404:
            return "not_found", f"There is no such page at {host} (HTTP 404)."
        case 410:
            return "gone", f"The page at {host} was removed for good (HTTP 410)."
        case 429:
            return "upstream_error", f"{host} asks us to come back later (HTTP 429)."
        case _ if status >= 500:
            return "upstream_error", f"{host} has a problem of its own (HTTP {status})."
        case _:
            return "http_error", f"{host} answered with HTTP {status} instead of a page."


def tls_trouble(error: BaseException | None) -> str | None:
    """What went wrong with TLS, from the chain of causes; None if it was something else."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not valid ({error.verify_message})"
        if isinstance(error, ssl.SSLError):
            return (error.reason or "TLS error").lower().replace("_", " ")
        error = error.__cause__ or error.__context__
    return None
