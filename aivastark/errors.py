"""What can go wrong by the caller's doing. Anything else is a bug and stays loud.

Refused                      a caller's mistake: carries an HTTP status and a stable code
├── InvalidRequest      422  invalid_request      a field is missing, mistyped or out of range
│   └── MalformedBody   400  invalid_request      the body is not what its media type says
├── InvalidArchive      422  invalid_archive      what was to be brought in is no whole archive of ours
├── KeyReused           422  idempotency_key_reused  this Idempotency-Key was sent with another request
├── InvalidCursor       400  invalid_cursor
├── InvalidToken        400  invalid_token        a link that was used, has expired or never was
├── SignInFailed        400  sign_in_failed       an OpenID provider's answer that proves nothing
├── Unauthenticated     401  unauthenticated
│   └── UnknownVisitor  401  unauthenticated      a widget's visitor without a valid token or identity
│   ├── WrongCredentials      401  invalid_credentials       address or password
│   └── SecondFactorRequired  401  second_factor_required    the code, or a right one
├── PermissionDenied    403  permission_denied    the caller's own scope does not reach
├── OriginNotAllowed    403  origin_not_allowed   the page may not show this widget
├── ApiAccessRequired   403  api_access_required  the plan has no API access
├── PlanLimitReached    403  plan_limit_reached   the plan holds no more of it
├── NotFound            404  not_found            also another tenant's object, byte for byte
├── MethodNotAllowed    405  method_not_allowed
├── Conflict            409  conflict
│   ├── SourceExists    409  source_exists
│   └── InProgress      409  idempotency_in_progress  the first request with this Idempotency-Key still runs
├── PreconditionFailed  412  precondition_failed  it was changed since the ETag in If-Match
├── PayloadTooLarge     413  payload_too_large
├── UnsupportedMedia    415  unsupported_media_type
├── RateLimited         429  rate_limited         the minute is used up
│   └── QuotaExceeded   429  quota_exceeded       the day is used up
└── Unavailable         503  unavailable
    └── StorageUnavailable  503  storage_unavailable  uploads cannot be stored or read just now
"""

from typing import ClassVar


class Refused(Exception):
    """A request that cannot be served as it stands. `message` is shown to the caller as it is."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "invalid_request"
    retry_after: int | None = None
    """Seconds after which the same request may be served; goes out as `Retry-After`."""

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param


class InvalidRequest(Refused):
    """A field is missing, mistyped or out of range; `param` names it."""

    status = 422


class MalformedBody(InvalidRequest):
    """The body cannot be read as what its media type says."""

    status = 400


class InvalidArchive(Refused):
    """What was to be brought in is no archive of ours, not whole, of another version, or more than it may be."""

    status = 422
    code = "invalid_archive"


class InvalidCursor(Refused):
    """A cursor that was tampered with, or made for another list or other filters."""

    status = 400
    code = "invalid_cursor"

    def __init__(self) -> None:
        super().__init__("This cursor does not belong to this list. Start again without one.", param="cursor")


class InvalidToken(Refused):
    """A token of a link: unknown, used up or expired, one message for all of them."""

    status = 400
    code = "invalid_token"

    def __init__(self) -> None:
        super().__init__("This link has been used, has expired, or is not complete. Ask for a new one.", param="token")


class SignInFailed(Refused):
    """Somebody came back from the OpenID provider without proof of who they are, or not from this browser."""

    status = 400
    code = "sign_in_failed"


class Unauthenticated(Refused):
    """No key, or one that is unknown, revoked or expired: one message for all of them."""

    status = 401
    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__("A valid API key is needed: send `Authorization: Bearer akv_live_…`.")


class NoMetricsToken(Unauthenticated):
    """Whoever reads the install's numbers needs its token."""

    def __init__(self) -> None:
        Refused.__init__(self, "Send `Authorization: Bearer` with the token that AIVASTARK_METRICS_TOKEN has here.")


class UnknownVisitor(Unauthenticated):
    """A visitor's token or the site's word for the visitor is missing, unknown or has expired; `message` says which."""

    def __init__(self, message: str) -> None:
        Refused.__init__(self, message)


class WrongCredentials(Unauthenticated):
    """No such address, or not its password: nothing tells the two apart."""

    code = "invalid_credentials"

    def __init__(self) -> None:
        Refused.__init__(self, "That e-mail address and password do not go together.")


class SecondFactorRequired(Unauthenticated):
    """The password is right; the code of the second factor is missing or wrong."""

    code = "second_factor_required"

    def __init__(self, message: str) -> None:
        Refused.__init__(self, message, param="code")


class PermissionDenied(Refused):
    """The caller's own scope does not reach this far."""

    status = 403
    code = "permission_denied"


class OriginNotAllowed(Refused):
    """The page that calls is not on one of the widget's domains."""

    status = 403
    code = "origin_not_allowed"

    def __init__(self) -> None:
        super().__init__("This widget may not be used on this site. Add its domain to security.allowed_domains.")


class ApiAccessRequired(Refused):
    """The organisation's plan comes without API access."""

    status = 403
    code = "api_access_required"

    def __init__(self) -> None:
        super().__init__("The starter plan comes without API access. Ask for it, or move to growth.")


class PlanLimitReached(Refused):
    """The organisation's plan holds no more of what was to be added."""

    status = 403
    code = "plan_limit_reached"


class NotFound(Refused):
    """There is no such thing for this caller; nothing is said of whether another has it."""

    status = 404
    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is nothing here under that id or path.")


class MethodNotAllowed(Refused):
    """The path exists, the method on it does not."""

    status = 405
    code = "method_not_allowed"

    def __init__(self) -> None:
        super().__init__("This path does not take that method.")


class Conflict(Refused):
    """The request contradicts what is there."""

    status = 409
    code = "conflict"


class SourceExists(Conflict):
    """The locator is known already and the caller asked for an error in that case."""

    code = "source_exists"


class InProgress(Conflict):
    """The first request with this Idempotency-Key is still running."""

    code = "idempotency_in_progress"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("The first request with this Idempotency-Key is still running. Ask again in a moment.")


class KeyReused(Refused):
    """An Idempotency-Key names one request only."""

    status = 422
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        message = "This Idempotency-Key was sent with another path or body, or by another caller. Take a new one."
        super().__init__(message, param="Idempotency-Key")


class PreconditionFailed(Refused):
    """The object was changed since the caller read it."""

    status = 412
    code = "precondition_failed"

    def __init__(self) -> None:
        super().__init__("This was changed since you read it. Read it again, then change it.", param="If-Match")


class PayloadTooLarge(Refused):
    """The body is over its limit."""

    status = 413
    code = "payload_too_large"


class UnsupportedMedia(Refused):
    """The body is of a kind this path does not read."""

    status = 415
    code = "unsupported_media_type"


class RateLimited(Refused):
    """The minute is used up."""

    status = 429
    code = "rate_limited"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QuotaExceeded(RateLimited):
    """The day is used up."""

    code = "quota_exceeded"


class Unavailable(Refused):
    """The service cannot answer now; trying again later helps."""

    status = 503
    code = "unavailable"


class StorageUnavailable(Unavailable):
    """Where uploads are kept cannot be asked. What was to be stored is not."""

    code = "storage_unavailable"
    retry_after = 5

    def __init__(self) -> None:
        super().__init__("Uploads cannot be stored or read just now. Try again in a moment.")


class NotModified(Exception):
    """No mistake at all: the caller's copy is the present one, which a 304 says in one line."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag
