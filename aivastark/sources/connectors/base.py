"""What every connector does: from a source's stored location to its documents' bytes, one after the other."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from aivastark.fetch_failures import FetchFailed

FAILURES_IN_A_ROW_MAX = 10  # passing ones: then the service itself is away, and the whole sync is tried again later


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDocument:
    """What is published of a document: what its origin called this version, the SHA-256 of its bytes (hex)."""

    etag: str | None
    last_modified: str | None
    content_hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """Something that is there and is left out on purpose (`noindex`, a copy, robots.txt): not an error."""

    locator: str
    code: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sync:
    """One look at a source: where it is, and what the look before found."""

    project_id: str
    location: Mapping[str, object]
    """What the source's row holds; each connector says what it reads from it."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Credentials, opened for this sync; never logged, never in a message."""
    known: Mapping[str, KnownDocument] = field(default_factory=dict)
    """The published documents by locator, if they would be read today as they were then."""
    state: Mapping[str, object] | None = None
    """What the last published sync left in its `Checkpoint`."""
    failed_before: frozenset[str] = frozenset()
    """Locators that could not be had last time; they are tried again."""
    skipped_before: Sequence[Skipped] = ()
    """What was left out last time. A connector that knows without looking that it still is, says so again."""
    only: frozenset[str] | None = None
    """Look at these locators alone (a retry of what failed); None: at everything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchedDocument:
    """One document's bytes as a connector got them, before extraction."""

    locator: str  # its stable key within its source: the URL, the path, "text"
    content: bytes
    name: str | None  # a file name, as a hint for its format and its title
    media_type: str | None  # as declared, parameters such as charset included; a claim, not a fact
    url: str | None  # where a reader finds it: the URL after redirects
    title: str | None = None  # as the origin calls it, where its text may not say
    base_url: str | None = None  # what relative links in it are relative to, where that is not `url`
    etag: str | None = None  # what the origin calls this version of it: an ETag, a blob's hash, a revision
    last_modified: str | None = None  # as the server wrote it
    fetched_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Unchanged:
    """What is published of this document still holds."""

    locator: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedDocument:
    """A document that is there and could not be had. What was published of it before keeps serving."""

    locator: str
    code: str
    message: str
    """A sentence for people, without a secret in it."""
    retryable: bool = False


def failed_document(locator: str, failure: FetchFailed) -> FailedDocument:
    """A call that failed, as the failure of this document alone."""
    return FailedDocument(locator=locator, code=failure.code, message=failure.message, retryable=failure.retryable)


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """How many documents there will be, as far as is known; may come again with a better number."""

    documents: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """What the next sync should be told as `state`: kept when, and only when, this sync is published."""

    state: Mapping[str, object]


Found = FetchedDocument | Unchanged | FailedDocument | Skipped | Expected | Checkpoint


class Connector(Protocol):
    """One kind of source. Holds no state of any one source."""

    @property
    def absence_is_certain(self) -> bool:
        """Whether a known document that does not come is gone for sure, as with a complete listing.

        Where not (a page that answers 404 today), it is withdrawn only when it did not come twice in a row.
        """
        ...

    def documents(self, sync: Sync) -> AsyncIterator[Found]:
        """Every document there is now, in a stable order; what is in `sync.known` and the same, as Unchanged.

        One document that cannot be had is a `FailedDocument`, and the rest goes on. Documents come as they are
        fetched, each locator at most once; the consumer takes its time, and what is fetched ahead is bounded.
        Raises FetchFailed when the source as a whole cannot be had, and ValueError for a location that is not
        one of this connector's: that is a bug.
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
