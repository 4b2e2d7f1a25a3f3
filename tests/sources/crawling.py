"""Sites on loopback to crawl, and what a crawl of one said."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from aivastark.fetching import Fetcher
from aivastark.sources.connectors.base import (
    Checkpoint,
    FailedDocument,
    FetchedDocument,
    Found,
    KnownDocument,
    Skipped,
    Sync,
    Unchanged,
)
from aivastark.sources.connectors.url import UrlConnector
from tests.loopback import Page, Request, Site, page, serving

HTML = {"Content-Type": "text/html; charset=utf-8"}


def html(*links: str, head: str = "", words: str = "Some words.") -> Page:
    """A page that links to others."""
    return page(200, markup(*links, head=head, words=words), HTML)


def markup(*links: str, head: str = "", words: str = "Some words.") -> bytes:
    anchors = "".join(f'<a href="{link}">there</a>' for link in links)
    return (
        f"<!doctype html><html><head><title>A</title>{head}</head><body><p>{words}</p>{anchors}</body></html>".encode()
    )


def tagged(body: bytes) -> Page:
    """A page with a validator."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'

    async def write(request: Request, out: asyncio.StreamWriter) -> None:
        same = request.headers.get("if-none-match") == tag
        await page(304 if same else 200, b"" if same else body, {**HTML, "ETag": tag})(request, out)

    return write


@dataclass(kw_only=True)
class Look:
    """What one crawl said."""

    site: Site
    found: list[Found] = field(default_factory=list)

    @property
    def documents(self) -> list[str]:
        """Paths of what came with its bytes, in order."""
        return [self.path(found.locator) for found in self.found if isinstance(found, FetchedDocument)]

    @property
    def unchanged(self) -> list[str]:
        return [self.path(found.locator) for found in self.found if isinstance(found, Unchanged)]

    @property
    def skipped(self) -> dict[str, str]:
        return {self.path(found.locator): found.code for found in self.found if isinstance(found, Skipped)}

    @property
    def failed(self) -> dict[str, str]:
        return {self.path(found.locator): found.code for found in self.found if isinstance(found, FailedDocument)}

    @property
    def state(self) -> Mapping[str, object]:
        [checkpoint] = [found for found in self.found if isinstance(found, Checkpoint)]
        return checkpoint.state

    @property
    def known(self) -> dict[str, KnownDocument]:
        return {
            found.locator: KnownDocument(
                etag=found.etag,
                last_modified=found.last_modified,
                content_hash=hashlib.sha256(found.content).hexdigest(),
            )
            for found in self.found
            if isinstance(found, FetchedDocument)
        }

    def document(self, path: str) -> FetchedDocument:
        [document] = [
            found for found in self.found if isinstance(found, FetchedDocument) and self.path(found.locator) == path
        ]
        return document

    def path(self, locator: str) -> str:
        return locator.removeprefix(self.site.url(""))

    def asked(self, path: str) -> int:
        return sum(request.path == path for request in self.site.requests)


@dataclass(kw_only=True)
class Crawler:
    """A site and the connector that reads it."""

    site: Site
    fetcher: Fetcher

    async def look(
        self,
        path: str = "/",
        *,
        after: Look | None = None,
        only: frozenset[str] | None = None,
        failed_before: frozenset[str] = frozenset(),
        given: Mapping[str, object] | None = None,
        **settings: object,
    ) -> Look:
        """Crawl from a page; `after` is the look before. No locator may come twice."""
        self.site.requests.clear()
        sync = Sync(
            project_id="prj_A",
            location={"url": self.site.url(path), "crawl": {**settings, **(given or {})}},
            known=after.known if after else {},
            state=after.state if after else None,
            only=only,
            failed_before=failed_before,
        )
        look = Look(site=self.site)
        async for found in UrlConnector(self.fetcher).documents(sync):
            look.found.append(found)
        kinds = FetchedDocument | Unchanged | FailedDocument | Skipped
        locators = [found.locator for found in look.found if isinstance(found, kinds)]
        assert len(locators) == len(set(locators)), "a locator came twice"
        return look


@contextlib.asynccontextmanager
async def crawler(pages: Mapping[str, Page]) -> AsyncIterator[Crawler]:
    """A crawler of a site that may change meanwhile."""
    fetcher = Fetcher(allow_private_networks=True, deadline_seconds=5)
    async with serving(pages) as site:
        yield Crawler(site=site, fetcher=fetcher)
    await fetcher.close()


async def crawl(pages: Mapping[str, Page], path: str = "/", /, **settings: object) -> Look:
    """One look at a site."""
    async with crawler(pages) as it:
        return await it.look(path, given=settings)
