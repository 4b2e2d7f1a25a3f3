"""What a body is said to be, and whether the route it was sent to reads that."""

from fastapi import Request

from aivastark.errors import UnsupportedMedia

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


def media_type_of(request: Request) -> str:
    """What the body is said to be, without parameters, in lower case; empty when nothing is said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def must_be_readable(request: Request) -> None:
    """For after the caller's rights are known and before anything is looked up. Raises `UnsupportedMedia`.

    A route reads what it describes itself, else JSON where it has a model for its body. Where the body may be left
    out, so may its type.
    """
    readable, is_needed = _readable(request)
    sent = media_type_of(request)
    if readable and sent not in readable and (is_needed or sent):
        raise UnsupportedMedia(f"Send the body as {' or '.join(readable)}.")


def _readable(request: Request) -> tuple[tuple[str, ...], bool]:
    route = request.scope["route"]
    described = (route.openapi_extra or {}).get("requestBody")
    if described is not None:
        return tuple(described["content"]), described.get("required", False)
    if route.body_field is None:
        return (), False
    is_needed: bool = route.body_field.field_info.is_required()
    return (JSON, MERGE_PATCH) if request.method == "PATCH" else (JSON,), is_needed
