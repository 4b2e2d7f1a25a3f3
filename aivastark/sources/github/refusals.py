"""What GitHub refused, in words: which of its statuses mean a wrong name, a wrong token, or a wait."""

import time
from contextlib import suppress

import orjson

from aivastark.fetch_failures import FailureCode, FetchFailed

WAIT_SECONDS = 60.0  # what GitHub asks for where it names no moment
MAX_WAIT_SECONDS = 86_400.0
MAX_QUOTED_CHARS = 200

# Failures of one call that say something about all others.
OF_THE_WHOLE = frozenset({"credentials_rejected", "rate_limited", "blocked_address", "dns_failed", "tls_failed"})


def in_words(failure: FetchFailed, *, repository: str, ref: str | None, has_token: bool) -> FetchFailed:
    """The same failure as GitHub meant it; failures below HTTP stay as they are."""
    if failure.status is None:
        return failure
    if _is_rate_limit(failure):
        return _rate_limited(failure, has_token=has_token)
    said = _message(failure)
    quoted = f" GitHub says: “{said}”" if said else ""
    match failure.status:
        case 401:
            sentence = (
                f"GitHub does not accept the token for {repository}: it was revoked or has expired. "
                "Post the source again with a new one."
            )
            return _failed("credentials_rejected", sentence, failure)
        case 403:
            return _failed("forbidden", f"GitHub does not show {repository} to this token.{quoted}", failure)
        case 404:
            why_else = "the token may not read it" if has_token else "it is private and needs a token"
            sentence = f"GitHub knows no repository {repository}, or {why_else}."
            return _failed("not_found", sentence, failure)
        case 409:
            return _failed("repository_empty", f"{repository} has no commit yet. Push one and sync.", failure)
        case 422:
            where = f"no branch, tag or commit {ref}" if ref else "no default branch"
            return _failed("not_found", f"{repository} has {where}.", failure)
        case 451:
            return _failed("forbidden", f"GitHub may not show {repository} for legal reasons.{quoted}", failure)
        case _:
            return failure


def _is_rate_limit(failure: FetchFailed) -> bool:
    if failure.status == 429:
        return True
    if failure.status != 403:
        return False
    spent = failure.headers.get("x-ratelimit-remaining") == "0"
    return spent or "retry-after" in failure.headers or "rate limit" in _message(failure).lower()


def _rate_limited(failure: FetchFailed, *, has_token: bool) -> FetchFailed:
    wait = failure.retry_after
    reset = failure.headers.get("x-ratelimit-reset", "")
    if wait is None and failure.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        wait = float(reset[:12]) - time.time() + 1.0  # both clocks are cut to seconds
    wait = WAIT_SECONDS if wait is None else min(max(wait, 1.0), MAX_WAIT_SECONDS)
    hint = "" if has_token else " With a token it answers far more often."
    minutes = max(1, round(wait / 60))
    sentence = f"GitHub answers no more calls for about {minutes} min; the sync goes on after that.{hint}"
    return FetchFailed(
        "rate_limited",
        sentence,
        retryable=True,
        retry_after=wait,
        status=failure.status,
        headers=failure.headers,
        body=failure.body,
    )


def _message(failure: FetchFailed) -> str:
    """What GitHub wrote for a person, on one line."""
    with suppress(orjson.JSONDecodeError):
        answered = orjson.loads(failure.body)
        if isinstance(answered, dict) and isinstance(answered.get("message"), str):
            line = " ".join(answered["message"].split())
            return "".join(sign for sign in line if sign.isprintable())[:MAX_QUOTED_CHARS]
    return ""


def _failed(code: FailureCode, sentence: str, failure: FetchFailed) -> FetchFailed:
    return FetchFailed(code, sentence, status=failure.status, headers=failure.headers, body=failure.body)
