"""Sitemaps (sitemaps.org 0.9): lists of pages, and lists of lists; XML, gzipped or not, or one address a line.

Read with a pattern from left to right rather than with an XML parser: half of the real ones are not well-formed, and
none needs entities. `lastmod` is not believed: pages are asked for conditionally.
"""

import asyncio
import html
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher
from aivastark.kit.inflate import BadEncoding, Inflater, TooLarge
from aivastark.kit.urls import normalise_url
from aivastark.sources.connectors.crawl.settings import CrawlSettings

MAX_SITEMAP_BYTES = 50_000_000  # of one file, unpacked, as its standard says
MAX_SITEMAP_URLS = 50_000  # of all of them
MAX_SITEMAP_FILES = 100
MAX_INDEX_DEPTH = 3

_GZIP = b"\x1f\x8b"
_LOCATION = re.compile(
    r"<(?:[a-z]{0,10}sitemap[a-z0-9]{0,10}:)?loc\s{0,20}>\s{0,200}+(?:<!\[CDATA\[)?+\s{0,20}+([^<\]]{1,4096})", re.I
)
_ALTERNATE = re.compile(r"<xhtml:link\s[^<>]{0,1000}?href\s{0,5}=\s{0,5}[\"']([^\"'<>]{1,4096})[\"']", re.I)


@dataclass(kw_only=True)
class _Reading:
    """What is still to be read and what was found, in order."""

    waiting: list[tuple[str, int]]
    seen: set[str] = field(default_factory=set)
    pages: dict[str, None] = field(default_factory=dict)


async def pages_of_sitemaps(
    fetcher: Fetcher, home: str, settings: CrawlSettings, *, announced: tuple[str, ...]
) -> list[str]:
    """The pages a site lists, as written there. A sitemap that is only expected may be absent or broken.

    Raises FetchFailed when the one that a person named cannot be had.
    """
    if settings.sitemap is False:
        return []
    named = settings.sitemap if isinstance(settings.sitemap, str) else None
    parts = urlsplit(home)
    usual = f"{parts.scheme}://{parts.netloc}/sitemap.xml"
    reading = _Reading(waiting=[(named, 0)] if named else [(url, 0) for url in (*announced, usual)])
    while reading.waiting and len(reading.seen) < MAX_SITEMAP_FILES and len(reading.pages) < MAX_SITEMAP_URLS:
        url, depth = reading.waiting.pop(0)
        try:
            url = normalise_url(url)
        except ValueError:
            continue
        if url in reading.seen:
            continue
        reading.seen.add(url)
        try:
            body = await _body(fetcher, url)
        except FetchFailed:
            if named is not None and depth == 0:
                raise
            continue
        is_index, found = await asyncio.to_thread(read_sitemap, body)
        if not is_index:
            reading.pages.update(dict.fromkeys(found))
        elif depth < MAX_INDEX_DEPTH:
            reading.waiting.extend((inner, depth + 1) for inner in found)
    return list(reading.pages)[:MAX_SITEMAP_URLS]


def read_sitemap(body: bytes) -> tuple[bool, list[str]]:
    """Whether it lists other sitemaps, and what it lists."""
    text = body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    if "<" not in text[:1_000]:
        return False, [line.strip() for line in text.splitlines() if line.strip()][:MAX_SITEMAP_URLS]
    found: list[str] = []
    for pattern in (_LOCATION, _ALTERNATE):
        for match in pattern.finditer(text):
            found.append(html.unescape(match[1]).strip())
            if len(found) >= MAX_SITEMAP_URLS:
                break
    return re.search(r"<(?:\w{1,20}:)?sitemapindex\b", text) is not None, found


async def _body(fetcher: Fetcher, url: str) -> bytes:
    fetched = await fetcher.get(url, max_bytes=MAX_SITEMAP_BYTES, accept="application/xml,text/xml,*/*;q=0.5")
    return await asyncio.to_thread(_unpacked, fetched.body) if fetched.body.startswith(_GZIP) else fetched.body


def _unpacked(body: bytes) -> bytes:
    inflater = Inflater("gzip", max_bytes=MAX_SITEMAP_BYTES)
    try:
        unpacked = b"".join(inflater.feed(body))
        inflater.finish()
    except TooLarge as error:
        raise FetchFailed("too_large", "The sitemap unpacks to more than 50 MB.") from error
    except BadEncoding as error:
        raise FetchFailed("decoding_failed", f"The sitemap cannot be unpacked: {error}.") from error
    return unpacked
