"""What a visit means: a document, a failure, something left out on purpose, or nothing; and where to go next.

A page that names another as the one to read instead (`rel=canonical`) waits until that one was read: if it cannot be,
or names the first in turn, the first is taken after all, for a site that is set up wrongly must not lose its pages.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import MAX_REDIRECTS, Fetched
from aivastark.sources.connectors.base import FailedDocument, Found, Skipped, Unchanged
from aivastark.sources.connectors.crawl.frontier import Frontier, Place
from aivastark.sources.connectors.crawl.links import PageLinks
from aivastark.sources.connectors.crawl.robots import Robots, forbids
from aivastark.sources.connectors.crawl.scope import Scope
from aivastark.sources.connectors.crawl.visit import Visited, leads_to_login
from aivastark.sources.connectors.pages import page_document

MAX_SKIPS_TOLD = 100  # of each reason, in one sync
MAX_CANONICAL_CHAIN = 20
MAX_REFUSALS_REMEMBERED = 100_000  # addresses that are not of the crawl
MAX_PAGES_REMEMBERED = 500  # that are no documents and lead to some
NOT_THERE = (404, 410)


@dataclass(kw_only=True)
class Settlement:
    """The books of one crawl."""

    scope: Scope
    frontier: Frontier
    robots: Robots
    max_depth: int
    known: Mapping[str, str]
    """The locators of published pages, by the address under which they are looked at."""
    is_discovering: bool = True
    filed: int = 0
    failures_in_a_row: int = 0
    last_failure: FetchFailed | None = None
    depths: dict[str, int] = field(default_factory=dict)  # of what was filed
    leading_on: dict[str, int] = field(default_factory=dict)  # pages that are no documents and have links; depths
    _refused: set[str] = field(default_factory=set)
    _told: dict[str, int] = field(default_factory=dict)
    _named: dict[str, str] = field(default_factory=dict)  # page → the one it names to be read instead
    _waiting: dict[str, list[str]] = field(default_factory=dict)  # the other way round, while it is not read
    _settled: dict[str, bool] = field(default_factory=dict)  # whether a page became a document

    def worth_following(self, visited: Visited) -> list[str]:
        """The links of a page that lead to others of this crawl; call it in a thread, for many globs take a while."""
        said, fetched = visited.said, visited.fetched
        if not self.is_discovering or visited.place.depth >= self.max_depth or fetched is None:
            return []
        if forbids([*said.robots, fetched.headers.get("x-robots-tag", "")])[1]:
            return []
        return list(self.chosen(said.links))

    def chosen(self, addresses: Iterable[str]) -> Iterator[str]:
        """Those of `addresses` that belong to this crawl and are new, as they are spelled in it."""
        for address in addresses:
            url = self.scope.spelled(address)
            if url is None or self.frontier.has_seen(url) or url in self._refused:
                continue
            if self.scope.may_be_followed(url):
                yield url
            elif len(self._refused) < MAX_REFUSALS_REMEMBERED:
                self._refused.add(url)

    def settle(self, visited: Visited, links: Iterable[str]) -> Iterator[Found]:
        """What a visit comes to, for the consumer; its links, as far as worth following, wait in the frontier."""
        for url in links:
            self.frontier.add(Place(url=url, depth=visited.place.depth + 1))
        place, fetched = visited.place, visited.fetched
        if visited.is_disallowed:
            yield from self._skip(place, "robots_disallowed", "The site's robots.txt asks us not to read this page.")
        elif visited.failure is not None:
            yield from self._failed(place, visited.failure)
        elif fetched is not None:
            self.failures_in_a_row = 0
            if fetched.redirects_to is not None:
                yield from self._redirected(place, fetched.redirects_to)
            elif fetched.not_modified:
                yield from self._file(place, Unchanged(locator=self.known.get(place.url, place.url)))
            elif fetched.declined:
                if place.is_asked_for:
                    yield from self._skip(place, "not_a_document", "What is there is no text to read.")
                self._no_document(place.url)
            else:
                yield from self._page(place, fetched, visited.said)

    def close(self) -> Iterator[Found]:
        """What is left to tell when nothing is left to look at."""
        for canonical in list(self._waiting):
            yield from self._copies_of(canonical)

    def left_out(self, place: Place, code: str, message: str) -> Iterator[Found]:
        """Something that will not be looked at, told up to a bound."""
        return self._skip(place, code, message)

    def _page(self, place: Place, fetched: Fetched, said: PageLinks) -> Iterator[Found]:
        noindex, nofollow = forbids([*said.robots, fetched.headers.get("x-robots-tag", "")])
        if noindex or not self.scope.holds(place.url):
            if said.links and not nofollow and len(self.leading_on) < MAX_PAGES_REMEMBERED:
                self.leading_on[place.url] = place.depth
            if noindex:
                yield from self._skip(place, "noindex", "The page asks not to be found by searches (noindex).")
            else:
                yield from self._skip(
                    place, "out_of_scope", "The page is not among those to be read (include, exclude)."
                )
        elif canonical := self._canonical(place, said):
            self._named[place.url] = canonical
            self._waiting.setdefault(canonical, []).append(place.url)
            self.frontier.add(replace(place, url=canonical))
            if self._settled.get(canonical):
                yield from self._copies_of(canonical)
        else:
            yield from self._file(place, page_document(fetched, locator=self.known.get(place.url, place.url)))

    def _canonical(self, place: Place, said: PageLinks) -> str | None:
        """The page that is to be read instead of this one, if there is another that can be."""
        if not said.canonical or place.is_last_word or not self.is_discovering:
            return None
        canonical = self.scope.spelled(said.canonical)
        if canonical is None or canonical == place.url or not self.scope.may_be_followed(canonical):
            return None
        if self._settled.get(canonical) is False or not self.robots.allows(canonical):
            return None
        other = canonical
        for _ in range(MAX_CANONICAL_CHAIN):
            if other not in self._named:
                return canonical
            other = self._named[other]
            if other == place.url:
                return None
        return None

    def _file(self, place: Place, found: Found) -> Iterator[Found]:
        self.filed += 1
        self._settled[place.url] = True
        self.depths[place.url] = place.depth
        yield found
        yield from self._copies_of(place.url)

    def _copies_of(self, canonical: str) -> Iterator[Found]:
        for url in self._waiting.pop(canonical, ()):
            message = f"The page names {canonical} as the one to read instead of it."
            yield from self._tell(Skipped(locator=self.known.get(url, url), code="duplicate", message=message))

    def _no_document(self, url: str) -> None:
        """Pages that named this one come after all."""
        self._settled[url] = False
        for copy in self._waiting.pop(url, ()):
            self._named.pop(copy, None)
            self.frontier.add_again(Place(url=copy, depth=1, is_asked_for=True))

    def _skip(self, place: Place, code: str, message: str) -> Iterator[Found]:
        yield from self._tell(Skipped(locator=self.known.get(place.url, place.url), code=code, message=message))
        self._no_document(place.url)

    def _tell(self, skipped: Skipped) -> Iterator[Found]:
        """Pages that are published are always told, the others up to a bound."""
        self._told[skipped.code] = self._told.get(skipped.code, 0) + 1
        if self._told[skipped.code] <= MAX_SKIPS_TOLD or skipped.locator in self.known.values():
            yield skipped

    def _failed(self, place: Place, failure: FetchFailed) -> Iterator[Found]:
        if failure.retryable:
            self.failures_in_a_row += 1
            self.last_failure = failure
        else:
            self.failures_in_a_row = 0
        if failure.status in NOT_THERE:
            pass  # it does not come: whoever compares two looks will see that
        elif failure.code == "login_required":
            yield from self._needs_login(place, failure.message)
        else:
            yield self.failed_document(place, failure)
        self._no_document(place.url)

    def failed_document(self, place: Place, failure: FetchFailed) -> FailedDocument:
        """A page that could not be had."""
        return FailedDocument(
            locator=self.known.get(place.url, place.url),
            code=failure.code,
            message=failure.message,
            retryable=failure.retryable,
        )

    def _needs_login(self, place: Place, message: str) -> Iterator[Found]:
        """A page we have, or were told of, is missed; "edit this page" on every page is not."""
        locator = self.known.get(place.url, place.url)
        if place.is_asked_for:
            yield FailedDocument(locator=locator, code="login_required", message=message)
        else:
            yield from self._tell(Skipped(locator=locator, code="login_required", message=message))

    def _redirected(self, place: Place, target: str) -> Iterator[Found]:
        url = self.scope.spelled(target)
        if leads_to_login(target, same_site=url is not None):
            yield from self._needs_login(place, "The page asks for a login before it shows its content.")
            self._no_document(place.url)
        elif url is None or not self.scope.may_be_followed(url):
            if place.is_asked_for:
                message = f"The page leads to {target}, which is not among those to be read."
                yield from self._tell(
                    Skipped(locator=self.known.get(place.url, place.url), code="out_of_scope", message=message)
                )
            self._no_document(place.url)
        elif place.hops >= MAX_REDIRECTS:
            message = f"The page redirects more than {MAX_REDIRECTS} times."
            yield self.failed_document(place, FetchFailed("too_many_redirects", message))
            self._no_document(place.url)
        else:
            yield from self._led_to(place, url)

    def _led_to(self, place: Place, url: str) -> Iterator[Found]:
        copies = self._waiting.pop(place.url, [])
        self._settled[place.url] = False
        self.frontier.add(replace(place, url=url, hops=place.hops + 1))
        for copy in copies:
            if copy == url or self._settled.get(url) is False:
                self.frontier.add_again(Place(url=copy, depth=place.depth, is_asked_for=True))
            else:
                self._waiting.setdefault(url, []).append(copy)
        if self._settled.get(url):
            yield from self._copies_of(url)
