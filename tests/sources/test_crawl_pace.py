"""How fast a site is asked, what a busy or broken one is spared, and that a crawl can be left at any time."""

import asyncio
import time

import pytest

from aivastark.fetching import Fetcher
from aivastark.sources.connectors.base import FetchedDocument, Sync
from aivastark.sources.connectors.crawl.links import read_links
from aivastark.sources.connectors.crawl.robots import read_robots
from aivastark.sources.connectors.crawl.sitemap import read_sitemap
from aivastark.sources.connectors.url import UrlConnector
from tests.loopback import Page, Request, internet, page, serving
from tests.sources.crawling import HTML, crawl, crawler, html, markup

LINKS = tuple(f"/{number}" for number in range(12))


class Watched:
    """Pages that take a moment, and how many were asked for at once and when."""

    def __init__(self, seconds: float = 0.02) -> None:
        self.most = self._now = 0
        self.begun: list[float] = []
        self._seconds = seconds

    async def __call__(self, request: Request, out: asyncio.StreamWriter) -> None:
        self._now += 1
        self.most = max(self.most, self._now)
        self.begun.append(time.monotonic())
        await asyncio.sleep(self._seconds)
        self._now -= 1
        await html()(request, out)


def busy(times: int, *, retry_after: str) -> Page:
    """A page that is too much for its server a few times."""
    left = [times]

    async def write(request: Request, out: asyncio.StreamWriter) -> None:
        left[0] -= 1
        answer = page(429, headers={"Retry-After": retry_after}) if left[0] >= 0 else html()
        await answer(request, out)

    return write


async def test_a_site_is_asked_for_four_pages_at_once_and_no_more() -> None:
    watched = Watched()

    await crawl({"/": html(*LINKS), **dict.fromkeys(LINKS, watched)})

    assert watched.most == 4


async def test_a_crawl_delay_is_kept_between_pages() -> None:
    watched, robots = Watched(), page(200, b"User-agent: *\nCrawl-delay: 0.1")

    await crawl({"/": html(*LINKS[:4]), "/robots.txt": robots, **dict.fromkeys(LINKS, watched)})

    assert watched.most == 1
    assert all(later - earlier > 0.09 for earlier, later in zip(watched.begun, watched.begun[1:], strict=False))


async def test_a_busy_server_is_waited_for_and_asked_again() -> None:
    look = await crawl({"/": html("/a", "/b"), "/a": busy(2, retry_after="0"), "/b": html()})

    assert (look.documents, look.asked("/a")) == (["/", "/a", "/b"], 3)


@pytest.mark.parametrize(("times", "retry_after", "asked"), [(9, "0", 3), (1, "3600", 1)])
async def test_a_server_that_stays_busy_is_left_alone(times: int, retry_after: str, asked: int) -> None:
    look = await crawl({"/": html("/a"), "/a": busy(times, retry_after=retry_after)})

    assert (look.failed, look.asked("/a")) == ({"/a": "upstream_error"}, asked)


async def test_a_server_that_broke_down_is_not_asked_for_every_page() -> None:
    links = tuple(f"/{number}" for number in range(60))
    pages: dict[str, Page] = {"/": html(*links), **{link: html() for link in links}}
    async with crawler(pages) as it:
        first = await it.look()
        pages |= dict.fromkeys(links, page(500))
        second = await it.look(after=first)

    assert len(first.documents) == 61
    assert len(it.site.requests) < 30
    assert set(second.failed) == set(links)


async def test_what_is_fetched_ahead_of_a_slow_reader_is_bounded_and_ends_with_it() -> None:
    links = tuple(f"/{number}" for number in range(60))
    fetcher = Fetcher(allow_private_networks=True)
    async with serving({"/": html(*links), **{link: html() for link in links}}) as site:
        sync = Sync(project_id="prj_A", location={"url": site.url(), "crawl": {"sitemap": False}})
        found = UrlConnector(fetcher).documents(sync)
        taken = 0
        async for entry in found:
            taken += isinstance(entry, FetchedDocument)
            if taken == 3:
                break
        await asyncio.sleep(0.2)
        asked = len(site.requests)
        await found.aclose()  # type: ignore[attr-defined]
    await fetcher.close()

    assert asked <= 1 + 3 + 8 + 1


async def test_http_https_and_www_are_one_site() -> None:
    links = (
        "http://www.docs.example/a",
        "http://docs.example/a?utm_source=x",
        "//docs.example/b",
        "http://other.docs.example/",
    )
    async with (
        serving({"/": html(*links), "/a": html(), "/b": html()}) as site,
        internet(site.port, ["93.184.216.34"]) as (fetcher, _),
    ):
        sync = Sync(project_id="prj_A", location={"url": "http://docs.example/", "crawl": {}})
        found = [entry async for entry in UrlConnector(fetcher).documents(sync)]

    documents = [entry.locator for entry in found if isinstance(entry, FetchedDocument)]
    assert documents == ["http://docs.example/", "http://docs.example/a", "http://docs.example/b"]
    assert {request.headers["host"] for request in site.requests} == {"docs.example"}


@pytest.mark.parametrize(
    "hostile",
    [
        b"<a href='" * 300_000,
        b'<a x="' * 300_000 + b"'",
        b"<!--" * 500_000,
        b"<script>" * 300_000,
        b"<a " + b"x " * 1_000_000,
        b"<" * 2_000_000,
        b"<a href=" + b" " * 2_000_000,
        b"<link rel=alternate hreflang" * 100_000,
        b"<a href=/" + b"a" * 2_000_000 + b">",
    ],
)
def test_reading_links_takes_a_moment_whatever_the_page(hostile: bytes) -> None:
    begun = time.monotonic()

    read_links(hostile, media_type="text/html", url="http://site.example/")

    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("hostile", [b"<loc>" * 500_000, b"<xhtml:link " * 300_000, b"<loc>" + b" " * 3_000_000])
def test_reading_a_sitemap_takes_a_moment_whatever_is_in_it(hostile: bytes) -> None:
    begun = time.monotonic()

    read_sitemap(hostile)

    assert time.monotonic() - begun < 5


def test_matching_rules_takes_a_moment_whatever_they_are() -> None:
    rules = b"User-agent: *\n" + b"".join(b"Disallow: " + b"/*a" * 160 + b"%d$\n" % number for number in range(2_000))
    begun = time.monotonic()

    assert read_robots(rules).allows("http://site.example/" + "a/" * 900)

    assert time.monotonic() - begun < 5


async def test_a_page_in_a_crawl_keeps_its_declared_type() -> None:
    look = await crawl({"/": page(200, markup(), {"Content-Type": "text/html; charset=utf-8"})})

    assert look.document("/").media_type == HTML["Content-Type"]
