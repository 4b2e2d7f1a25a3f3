"""What one look at a source brought, document by document, and what follows from it for the next version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from aivastark.sources.connectors.base import FetchedDocument

MISSES_MAX = 2
"""Looks in a row that did not find a document withdraw it, where one alone may be somebody's bad moment."""
HELD_ABOVE = 0.3
"""The share of a source's documents that may go without a person's word."""
HELD_FROM_DOCUMENTS = 5
"""Of fewer, even one is a large share."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A published document, without its text."""

    id: str
    locator: str
    title: str | None
    url: str | None
    content_hash: str
    etag: str | None
    last_modified: str | None
    recipe: str
    chunk_count: int
    misses: int
    fingerprint: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Staged:
    """A document of the coming version."""

    id: str
    content_hash: str
    chunk_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Refreshed:
    """New bytes of a published document that say the same: only what its origin calls them is new."""

    id: str
    url: str | None
    content_hash: str
    etag: str | None
    last_modified: str | None
    fetched_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A document that could not be had or read, or (`skipped`) was left out on purpose."""

    locator: str
    code: str
    message: str
    retryable: bool = False
    skipped: bool = False


@dataclass(kw_only=True, slots=True)
class Harvest:
    """Grows while a look goes on."""

    published: Mapping[str, Standing]
    """By locator, as the look began."""
    is_part: bool = False
    """Whether only some documents are looked at; the others are there as they were."""
    expected: int = 0
    seen: set[str] = field(default_factory=set)
    """Locators of published documents that are there as they were."""
    staged: dict[str, Staged] = field(default_factory=dict)
    refreshed: list[Refreshed] = field(default_factory=list)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    copies: list[tuple[FetchedDocument, str]] = field(default_factory=list)
    """Documents that say what another one says, and the locator of that one."""
    state: Mapping[str, object] | None = None

    @property
    def done(self) -> int:
        """Documents that are dealt with."""
        return len(self.seen) + len(self.staged)

    @property
    def failed(self) -> int:
        """Documents that could not be had or read."""
        return sum(not trouble.skipped for trouble in self.troubles.values())

    @property
    def skipped(self) -> int:
        """Documents left out on purpose."""
        return len(self.troubles) - self.failed

    def is_there(self, locator: str) -> bool:
        """Whether the look came across a document, if only to fail at it."""
        trouble = self.troubles.get(locator)
        if trouble is not None:
            return not trouble.skipped
        return locator in self.seen or locator in self.staged or (self.is_part and locator in self.published)

    def missing(self) -> list[Standing]:
        """Published documents the look did not come across."""
        return [one for locator, one in self.published.items() if not self.is_there(locator)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What becomes of the published documents."""

    replaced: Sequence[Standing]
    withdrawn: Sequence[Standing]
    missed: Sequence[Standing]
    """Not there this time, and kept for now."""
    is_held: bool

    @property
    def going(self) -> list[Standing]:
        """What the coming version is without."""
        return [*self.replaced, *self.withdrawn]


Removals = Literal["certain", "accepted", "seen_twice", "none"]
"""When a document that did not come is gone: at once, because the listing is complete or a person said so; when it
did not come before either; or never, where only a part was looked at."""


def conclude(harvest: Harvest, removals: Removals) -> Outcome:
    """The outcome of a look that is over."""
    missing = [] if removals == "none" else harvest.missing()
    came = {staged.content_hash for staged in harvest.staged.values()}
    moved = [one for one in missing if one.content_hash in came]
    absent = [one for one in missing if one.content_hash not in came]
    at_once = removals in ("certain", "accepted")
    # What is there and left out on purpose did not merely fail to come.
    left_out = {locator for locator, trouble in harvest.troubles.items() if trouble.skipped}
    withdrawn = moved + [one for one in absent if at_once or one.locator in left_out or one.misses + 1 >= MISSES_MAX]
    going = {one.id for one in withdrawn}
    count = len(harvest.published)
    return Outcome(
        replaced=[one for locator, one in harvest.published.items() if locator in harvest.staged],
        withdrawn=withdrawn,
        missed=[one for one in missing if one.id not in going],
        is_held=removals != "accepted" and count >= HELD_FROM_DOCUMENTS and len(absent) > HELD_ABOVE * count,
    )
