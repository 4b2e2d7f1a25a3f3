"""Entity tags: a short name for one state of an object, and comparing what a caller sends with it."""

import hashlib
from datetime import UTC, datetime

ETAG_CHARS = 22


def etag_of(*state: str | int | datetime) -> str:
    """A strong tag, quotes included, from whatever changes whenever the object does: `updated_at`, a version."""
    parts = (part.astimezone(UTC).isoformat() if isinstance(part, datetime) else str(part) for part in state)
    return f'"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:ETAG_CHARS]}"'


def names(header: str, etag: str, *, weakly: bool = False) -> bool:
    """Whether `If-Match` or (weakly) `If-None-Match` names the tag, or `*` for whatever is there.

    Proxies that compress make a tag weak, `W/"…"`: that is good enough for a copy to show, not for a change.
    """
    listed = [part.strip() for part in header.split(",")]
    if weakly:
        listed = [part.removeprefix("W/") for part in listed]
    return "*" in listed or etag in listed
