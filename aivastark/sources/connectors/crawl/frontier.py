"""What a crawl still has to look at: each address once, what is published first, then by distance from the start."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, replace

MAX_ADDRESSES = 100_000  # remembered in one crawl


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """An address to look at."""

    url: str  # as its page will be filed
    depth: int = 0  # links from the start
    is_asked_for: bool = False  # the start, the sitemap, or a page we have or failed to get: why it is not had is told
    hops: int = 0  # redirects that led here
    is_last_word: bool = False  # filed whatever page it names as the one to read instead


class Frontier:
    """A queue that remembers everything that was ever in it.

    What is published comes first, so that a bound on pages never drops a page to make place for another.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[bool, int, int, Place]] = []
        self._seen: set[str] = set()
        self._known: frozenset[str] = frozenset()
        self._count = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put_first(self, known: Iterable[str]) -> None:
        """Name the pages that are published."""
        self._known = frozenset(known)

    def add(self, place: Place) -> bool:
        """Whether it is new; what was seen before is not looked at again."""
        if place.url in self._seen or len(self._seen) >= MAX_ADDRESSES:
            return False
        self._seen.add(place.url)
        self._push(place)
        return True

    def add_again(self, place: Place) -> None:
        """Look at a page once more, as the last word."""
        self._seen.add(place.url)
        self._push(replace(place, is_last_word=True))

    def next(self) -> Place | None:
        """The next one, if any."""
        return heapq.heappop(self._waiting)[-1] if self._waiting else None

    def left(self, most: int) -> list[Place]:
        """The first of those still waiting, in order."""
        return [entry[-1] for entry in heapq.nsmallest(most, self._waiting)]

    def has_seen(self, url: str) -> bool:
        """Whether an address was ever in it."""
        return url in self._seen

    def note(self, url: str) -> None:
        """An address that was looked at without having waited."""
        self._seen.add(url)

    def _push(self, place: Place) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (place.url not in self._known, place.depth, self._count, place))
