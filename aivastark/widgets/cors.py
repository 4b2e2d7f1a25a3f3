"""What browsers are told of a widget's answers: which pages may read them. The server enforces the origin by itself."""

from aivastark import wall
from aivastark.database import Database
from aivastark.widgets.origins import is_allowed
from aivastark.widgets.schemas import configuration_of
from aivastark.widgets.store import find_by_embed_key

PREFIX = "/v1/widget/"
PREFLIGHT_KNOWN_FOR_S = 600
REQUEST_HEADERS = (
    "Accept, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-Visitor-Identity, X-Visitor-Token"
)
ANSWER_HEADERS = (
    "ETag, Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, "
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id"
)


async def cors_headers(db: Database, path: str, origin: str | None) -> dict[str, str]:
    """The CORS headers of any answer below `/v1/widget/`, errors and preflights included.

    Without `access-control-allow-origin` the origin is not one of the widget's, or there is no such widget.
    """
    vary = {"vary": "Origin"}
    embed_key = path.removeprefix(PREFIX).partition("/")[0]
    if origin is None:
        return vary
    with wall.everything():
        widget = await db.read(lambda session: find_by_embed_key(session, embed_key))
    if widget is None or not is_allowed(origin, configuration_of(widget).security.allowed_domains):
        return vary
    return {
        **vary,
        "access-control-allow-origin": origin,
        "access-control-expose-headers": ANSWER_HEADERS,
        "access-control-allow-methods": "GET, POST, OPTIONS",
        "access-control-allow-headers": REQUEST_HEADERS,
        "access-control-max-age": str(PREFLIGHT_KNOWN_FOR_S),
    }
