"""What every connector does: from a source's stored location to its documents' bytes, one after the other."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchedDocument:
    """One document's bytes as a connector got them, before extraction."""

    locator: str  # its stable key within its source: the URL, the file name, "text"
    content: bytes
    name: str | None  # a file name, as a hint for its format and its title
    media_type: str | None  # as declared, parameters such as charset included; a claim, not a fact
    url: str | None  # where a reader finds it: the URL after redirects
    etag: str | None = None
    last_modified: str | None = None  # as the server wrote it
    fetched_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Unchanged:
    """What is stored of this document still holds."""

    locator: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDocument:
    """What is stored of a document: the validators its server gave, the SHA-256 of its bytes in lower-case hex."""

    etag: str | None
    last_modified: str | None
    content_hash: str


class Connector(Protocol):
    """One kind of source. Holds no state of any one source."""

    def documents(
        self, project_id: str, location: Mapping[str, object], *, known: Mapping[str, KnownDocument]
    ) -> AsyncIterator[FetchedDocument | Unchanged]:
        """Every document there is now, in a stable order; what is in `known` (by locator) and the same, as Unchanged.

        `location` is what the source's row holds; each connector says what it reads from it. A document in
        `known` that does not come is gone. Raises FetchFailed when the source cannot be had, and ValueError
        for a location that is not one of this connector's: that is a bug.
        """
        ...


def text_at(location: Mapping[str, object], name: str) -> str:
    """A field of a location that must be there. Raises ValueError."""
    value = location.get(name)
    if not isinstance(value, str):
        raise ValueError(f"the location of this source has no {name!r}")
    return value


def optional_text_at(location: Mapping[str, object], name: str) -> str | None:
    """A field of a location that may be absent or null. Raises ValueError."""
    return None if location.get(name) is None else text_at(location, name)
