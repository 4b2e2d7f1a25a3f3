"""The crawl: from a start page to the pages of its site, each a document, in an order that is the same every time.

A page that did not change (304) brings no body and so no links. But what it links to is what it linked to when it was
read, and those pages are known: so every known page is a place to start from, and nothing is lost. Pages that are no
documents and only lead to some (`noindex`) are remembered in the checkpoint for the same reason.

When the settings differ from those of the last published crawl, pages are asked for unconditionally: the new ones may
reach what the old ones left out. Content that is the same is then told by its hash.

Up to `FETCHED_AHEAD` pages are fetched while the consumer works, and settled in the order in which they were begun,
so that with a bound on pages the same ones are taken every time.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Mapping

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import MAX_REDIRECTS, Fetcher
from aivastark.kit.urls import normalise_url
from aivastark.sources.connectors.base import Checkpoint, Expected, Found, KnownDocument, Sync
from aivastark.sources.connectors.crawl.frontier import Frontier, Place
from aivastark.sources.connectors.crawl.politeness import Politeness
from aivastark.sources.connectors.crawl.robots import Robots
from aivastark.sources.connectors.crawl.scope import scope_of
from aivastark.sources.connectors.crawl.settings import CrawlSettings
from aivastark.sources.connectors.crawl.settle import Settlement
from aivastark.sources.connectors.crawl.sitemap import pages_of_sitemaps
from aivastark.sources.connectors.crawl.visit import Visited, leads_to_login, robots_of, visit

FETCHED_AHEAD = 8
MAX_LOOKS_PER_PAGE = 5  # addresses looked at for each page that may be taken: redirects, broken links, copies
MAX_FAILURES_IN_A_ROW = 10  # then the server is not asked any more in this sync
MAX_ADDRESSES_LEFT = 200  # remembered for the next crawl, when this one ends at its bound
DEPTH_OF_A_KNOWN_PAGE = 1  # where nothing is noted
HASH_CHARS = 6  # of a noted address; two that share one get the smaller depth


async def crawl(fetcher: Fetcher, sync: Sync, start: str, settings: CrawlSettings) -> AsyncGenerator[Found, None]:
    """All pages there are now, as `Connector.documents`. Raises FetchFailed when the start page cannot be had."""
    state = _State(sync.state or {}, settings)
    known = sync.known if state.is_current else {}
    if sync.only is not None:
        home, robots = state.home or start, await robots_of(fetcher, state.home or start)
        first = None
    else:
        first, robots = await _home(fetcher, start, known)
        home = first.place.url
    scope = scope_of(start, home, settings)
    names = {scope.spelled(locator) or locator: locator for locator in sync.known}
    frontier = Frontier()
    settlement = Settlement(
        scope=scope,
        frontier=frontier,
        robots=robots,
        max_depth=settings.max_depth,
        known=names,
        is_discovering=sync.only is None,
    )
    if sync.only is not None:
        for locator in sorted(sync.only):
            frontier.add(Place(url=scope.spelled(locator) or locator, is_asked_for=True, is_last_word=True))
    elif first is not None:
        frontier.note(home)
        listed = await pages_of_sitemaps(fetcher, home, settings, announced=robots.sitemaps)
        for left_out in await asyncio.to_thread(_seed, settlement, sync, state, listed):
            yield left_out
        for found in settlement.settle(first, await asyncio.to_thread(settlement.worth_following, first)):
            yield found
    following = _follow(fetcher, settlement, Politeness(delay_seconds=robots.delay_seconds), known, settings.max_pages)
    try:
        async for found in following:
            yield found
    finally:
        await following.aclose()
    if sync.only is None:
        yield Checkpoint(state=_noted(settings, settlement))


async def _home(fetcher: Fetcher, start: str, known: Mapping[str, KnownDocument]) -> tuple[Visited, Robots]:
    """The start page, wherever it leads, and the robots.txt of the site it is on."""
    robots = await robots_of(fetcher, start)
    url = start
    for hops in range(MAX_REDIRECTS + 1):
        place = Place(url=url, is_asked_for=True, hops=hops)
        politeness = Politeness(delay_seconds=0.0)
        visited = await visit(
            place, fetcher=fetcher, politeness=politeness, robots=robots, known=known.get(url), takes_anything=True
        )
        if visited.is_disallowed:
            raise FetchFailed("robots_disallowed", f"The site's robots.txt asks us not to read {url}.")
        if visited.failure is not None:
            raise visited.failure
        assert visited.fetched is not None
        if visited.fetched.redirects_to is None:
            return visited, robots
        target = normalise_url(visited.fetched.redirects_to)
        elsewhere = _origin(target) != _origin(url)
        if leads_to_login(target, same_site=not elsewhere):
            raise FetchFailed("login_required", f"{url} asks for a login before it shows its content.")
        if elsewhere:
            robots = await robots_of(fetcher, target)
        url = target
    raise FetchFailed("too_many_redirects", f"{start} redirects more than {MAX_REDIRECTS} times.")


def _seed(settlement: Settlement, sync: Sync, state: "_State", listed: list[str]) -> list[Found]:
    """Put everything we know of into the frontier. Gives what is published and not in scope any more."""
    scope, frontier = settlement.scope, settlement.frontier
    left_out: list[Found] = []
    frontier.put_first(settlement.known)
    for url in settlement.chosen(listed):
        frontier.add(Place(url=url, is_asked_for=True))
    for url in (*settlement.known, *sorted(sync.failed_before), *state.also):
        spelled = scope.spelled(url)
        if spelled is None or not scope.holds(spelled):
            if url in settlement.known and url != scope.home:
                message = "The page is not among those to be read any more (the start page, include, exclude)."
                left_out.extend(settlement.left_out(Place(url=url), "out_of_scope", message))
        elif (depth := state.depth_of(spelled)) <= settlement.max_depth:
            frontier.add(Place(url=spelled, depth=depth, is_asked_for=url not in state.also))
    return left_out


async def _follow(
    fetcher: Fetcher,
    settlement: Settlement,
    politeness: Politeness,
    known: Mapping[str, KnownDocument],
    max_pages: int,
) -> AsyncGenerator[Found, None]:
    """Visit what the frontier holds until it is empty or a bound is reached."""
    frontier = settlement.frontier
    running: deque[asyncio.Task[Visited]] = deque()
    looks = told = 0
    try:
        while True:
            while (
                len(running) < FETCHED_AHEAD
                and settlement.filed + len(running) < max_pages
                and looks < max_pages * MAX_LOOKS_PER_PAGE
                and settlement.failures_in_a_row < MAX_FAILURES_IN_A_ROW
                and (place := frontier.next()) is not None
            ):
                looks += 1
                before = known.get(settlement.known.get(place.url, place.url))
                look = visit(place, fetcher=fetcher, politeness=politeness, robots=settlement.robots, known=before)
                running.append(asyncio.create_task(look))
            expected = min(max_pages, settlement.filed + len(running) + len(frontier))
            if expected != told:
                told = expected
                yield Expected(documents=expected)
            if not running:
                break
            visited = await running.popleft()
            links = await asyncio.to_thread(settlement.worth_following, visited)
            for found in settlement.settle(visited, links):
                yield found
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    for found in _rest(settlement, max_pages):
        yield found


def _rest(settlement: Settlement, max_pages: int) -> Iterator[Found]:
    """What was not looked at, and why."""
    frontier, failure = settlement.frontier, settlement.last_failure
    yield from settlement.close()
    if settlement.failures_in_a_row >= MAX_FAILURES_IN_A_ROW and failure is not None:
        while (place := frontier.next()) is not None:
            if place.is_asked_for:
                yield settlement.failed_document(place, failure)
    elif left := frontier.left(1):
        message = (
            f"The crawl ended at its bound of {max_pages} pages; {len(frontier)} addresses were left out. "
            "Raise max_pages, or say with include and exclude which pages matter."
        )
        yield from settlement.left_out(left[0], "over_max_pages", message)


class _State:
    """What the last published crawl noted in its checkpoint."""

    def __init__(self, state: Mapping[str, object], settings: CrawlSettings) -> None:
        self.is_current = state.get("settings") == settings.digest()
        home, also, depths = state.get("home"), state.get("also"), state.get("depths")
        self.home = home if isinstance(home, str) else None
        self.also: dict[str, None] = dict.fromkeys(map(str, also)) if isinstance(also, list) else {}
        self._depths: dict[str, int] = {}
        for depth, hashes in sorted(
            (depths if isinstance(depths, dict) else {}).items(), key=lambda item: -int(item[0])
        ):
            self._depths.update(dict.fromkeys(str(hashes).split(), int(depth)))

    def depth_of(self, url: str) -> int:
        """How far from the start a page was when it was taken."""
        return self._depths.get(_hash(url), DEPTH_OF_A_KNOWN_PAGE)


def _noted(settings: CrawlSettings, settlement: Settlement) -> dict[str, object]:
    """For the next crawl. Depths are noted so that links from a page far down do not lead farther with every sync."""
    left = {place.url: place.depth for place in settlement.frontier.left(MAX_ADDRESSES_LEFT)}
    also = {**settlement.leading_on, **left}
    depths: dict[str, list[str]] = {}
    for url, depth in {**settlement.depths, **also}.items():
        if depth > DEPTH_OF_A_KNOWN_PAGE:
            depths.setdefault(str(depth), []).append(_hash(url))
    return {
        "settings": settings.digest(),
        "home": settlement.scope.home,
        "depths": {depth: " ".join(hashes) for depth, hashes in depths.items()},
        "also": list(also),
    }


def _hash(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:HASH_CHARS]


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])
