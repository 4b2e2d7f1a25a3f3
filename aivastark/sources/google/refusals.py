"""What Drive says when it says no, in our codes and in sentences that name the way out.

Reasons are those of Google's page "Resolve errors" of the Drive API; a body that does not read as it should is no
reason at all, and the HTTP status decides.
"""

from typing import Any

import orjson

from aivastark.fetch_failures import FailureCode, FetchFailed

ERROR_MAX_BYTES = 20_000
USED_UP_WAIT_SECONDS = 3_600.0

TOO_OFTEN = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "sharingRateLimitExceeded"})
USED_UP = frozenset({"dailyLimitExceeded", "quotaExceeded", "downloadQuotaExceeded"})
TOO_OFTEN_SENTENCE = "Google asks {who} to come back later: too many calls in a short time."
TOO_LARGE_TO_EXPORT = "exportSizeLimitExceeded"
SWITCHED_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
LACKS_SCOPE = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})

# These are about the caller and not about one file: no other file would fare better.
OF_THE_WHOLE = frozenset({"credentials_rejected", "rate_limited", "api_disabled", "account_disconnected"})


def reason_of(failure: FetchFailed) -> str | None:
    """The word for what is wrong, from the JSON body of a refusal."""
    try:
        error = orjson.loads(failure.body)["error"]
        listed = [*error.get("errors", []), *error.get("details", [])]
        reasons = [entry["reason"] for entry in listed if isinstance(entry, dict) and "reason" in entry]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None
    known = SWITCHED_OFF | LACKS_SCOPE  # the details are more exact than the list before them
    return next((reason for reason in reasons if isinstance(reason, str) and reason in known), _text(reasons))


def is_passing(failure: FetchFailed) -> bool:
    """Whether another try in a moment may do."""
    return failure.retryable or (failure.status == 403 and reason_of(failure) in TOO_OFTEN)


def in_words(failure: FetchFailed, *, what: str, who: str) -> FetchFailed:
    """The refusal as it ends on a source or a document. `what` is what was asked for, `who` asked."""
    if failure.status is None and failure.code != "too_large":
        return failure  # the network's words are as good
    reason = reason_of(failure)
    if failure.status == 403:
        code, sentence, wait = _forbidden(reason, what, who)
    else:
        code, sentence, wait = _otherwise(failure, what, who)
    return FetchFailed(
        code,
        sentence,
        retryable=code in ("rate_limited", "upstream_error"),
        retry_after=max(failure.retry_after or 0.0, wait) or None,
        status=failure.status,
        headers=failure.headers,
    )


def _forbidden(reason: str | None, what: str, who: str) -> tuple[FailureCode, str, float]:
    """Code, sentence, and the least to wait in seconds: HTTP 403 stands for a dozen different things."""
    if reason in TOO_OFTEN:
        return "rate_limited", TOO_OFTEN_SENTENCE.format(who=who), 0.0
    if reason in USED_UP:
        return "rate_limited", f"Google's quota for {what} is used up for now.", USED_UP_WAIT_SECONDS
    if reason in SWITCHED_OFF:
        sentence = f"The Google Drive API is switched off in the Google Cloud project of {who}. Enable it there."
        return "api_disabled", sentence, 0.0
    if reason in LACKS_SCOPE:
        sentence = f"Google Drive was not opened for reading by {who}. Connect it again and allow all that is asked."
        return "credentials_rejected", sentence, 0.0
    if reason == TOO_LARGE_TO_EXPORT:
        sentence = f"Google Drive exports documents of up to 10 MB, and {what} is larger. Split it into several."
        return "too_large", sentence, 0.0
    sentence = f"Google Drive does not let {who} download {what}. Allow those who may read it to download it."
    return "forbidden", sentence, 0.0


def _otherwise(failure: FetchFailed, what: str, who: str) -> tuple[FailureCode, str, float]:
    if failure.code == "too_large":
        return "too_large", f"Google Drive holds more in {what} than is read from there. Split it.", 0.0
    if failure.status == 401:
        return "credentials_rejected", f"Google does not accept the credentials of {who} any more.", 0.0
    if failure.status == 404:
        return "not_found", f"Google Drive does not show {what} to {who}: it is gone, or is not shared with it.", 0.0
    if failure.status == 429:
        return "rate_limited", TOO_OFTEN_SENTENCE.format(who=who), 0.0
    if failure.retryable:
        return "upstream_error", f"Google Drive has a problem of its own with {what} (HTTP {failure.status}).", 0.0
    return "http_error", f"Google Drive answered with HTTP {failure.status} when asked for {what}.", 0.0


def _text(reasons: list[Any]) -> str | None:
    return next((reason for reason in reasons if isinstance(reason, str)), None)
