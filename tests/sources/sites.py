"""A small site that a source is made of and that changes between looks, and what the source says about it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from aivastark.backends.base import Backends
from aivastark.database import ReadSession
from aivastark.sources.models import ChunkRow, Document
from tests.conftest import Settle
from tests.loopback import Page, Request, Site, page, serving
from tests.make import Body, Client, published, read
from tests.sources.crawling import HTML

LINKED = 24
"""Pages the start page links to, there or not; so it never changes."""
WORDS = "amber basil cedar delta ember fjord grove heath islet jetty knoll larch maple ocean pearl".split()  # noqa: SIM905


def article(number: int, *parts: str, edition: str = "first") -> bytes:
    """A page unlike every other: its words are turned by its number. Each further part is a section of its own."""
    turned = WORDS[number % len(WORDS) :] + WORDS[: number % len(WORDS)]
    body = " ".join(f"{word}{number} of {word}" for word in turned * 2)
    sections = "".join(f"<h2>Section {at}</h2><p>{part}</p>" for at, part in enumerate(parts))
    return (
        f"<!doctype html><html><head><title>Article {number}</title></head><body><main><h1>Article {number}</h1>"
        f"<p>Marker{number}{edition} stands here. {body}.</p>{sections}</main></body></html>"
    ).encode()


def shown(body: bytes) -> Page:
    return page(200, body, HTML)


def slow(body: bytes, seconds: float) -> Page:
    """A page whose server takes its time."""

    async def write(request: Request, out: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await shown(body)(request, out)

    return write


def articles(count: int) -> dict[str, bytes]:
    """So many different pages by path."""
    return {f"/p/{number}": article(number) for number in range(count)}


@dataclass(kw_only=True)
class Taught:
    """A site of pages by path, and the source made of it."""

    api: Client
    settle: Settle
    backends: Backends
    site: Site
    pages: dict[str, Page]
    id: str = ""
    _asked: int = field(default=0)

    async def teach(self, **fields: Any) -> Body:
        """Make the source of the site and take it in."""
        crawl = fields.pop("crawl", {})
        made = await self.api.add(url=self.site.url("/"), crawl=crawl, **fields)
        self.id = made["id"]
        await self.settle()
        return await self.source()

    async def look(self, **asked: Any) -> Body:
        """Sync, and the source after it."""
        self._asked = len(self.site.requests)
        posted = await self.api.post(f"sources/{self.id}/sync", asked or None)
        assert posted.status_code == 202, posted.text
        await self.settle()
        return await self.source()

    async def roll_back(self, version: int) -> Body:
        posted = await self.api.post(f"sources/{self.id}/rollback", {"version": version})
        assert posted.status_code == 202, posted.text
        await self.settle()
        return await self.source()

    @property
    def fetched(self) -> list[str]:
        """Paths the last look asked for."""
        return [request.path for request in self.site.requests[self._asked :]]

    def show(self, contents: Mapping[str, bytes]) -> None:
        for path, body in contents.items():
            self.pages[path] = shown(body)

    async def source(self) -> Body:
        return await self.api.source(self.id)

    async def documents(self) -> dict[str, Body]:
        """The published ones by path; each locator once."""
        rows = await self._all("documents")
        found = {self.path(row["locator"]): row for row in rows}
        assert len(found) == len(rows)
        return found

    async def versions(self) -> list[Body]:
        return await self._all("versions")

    async def changes(self, version: int, limit: int = 100) -> dict[str, str]:
        """What a version did to which path."""
        rows = await self._all(f"versions/{version}/changes", limit=limit)
        found = {self.path(row["locator"]): row["change"] for row in rows}
        assert len(found) == len(rows)
        return found

    async def failures(self, limit: int = 100) -> dict[str, Body]:
        return {self.path(row["locator"]): row for row in await self._all("failures", limit=limit)}

    async def finds(self, words: str) -> set[str]:
        """Paths of the documents with a passage in which the words stand."""
        found = read(await self.api.post("search", {"query": words, "source_ids": [self.id], "limit": 50}))["data"]
        paths = {row["id"]: path for path, row in (await self.documents()).items()}
        return {paths[hit["document_id"]] for hit in found if words.casefold() in hit["text"].casefold()}

    async def events(self) -> list[tuple[int, Body]]:
        """Version and counts of each `knowledge.updated`."""
        told = await published(self.backends, self.api.tenant.project_id)
        return [(event["source_version"], event["documents"]) for event in told if event["source_id"] == self.id]

    async def rows(self) -> tuple[int, int]:
        """How many documents and passages are stored, of all versions and staged ones."""

        def count(session: ReadSession) -> tuple[int, int]:
            ours = select(Document.id).where(Document.source_id == self.id)
            documents = session.scalar(select(func.count()).select_from(ours.subquery()))
            chunks = session.scalar(select(func.count()).where(ChunkRow.document_id.in_(ours)))
            return documents or 0, chunks or 0

        return await self.backends.db.read(count)

    def path(self, locator: str) -> str:
        return locator.removeprefix(self.site.url(""))

    async def _all(self, path: str, limit: int = 100) -> list[Body]:
        rows: list[Body] = []
        cursor: dict[str, str] = {}
        while True:
            listed = read(await self.api.get(f"sources/{self.id}/{path}", limit=limit, **cursor))
            assert len(listed["data"]) <= limit
            assert listed["has_more"] is (listed["next_cursor"] is not None)
            rows += listed["data"]
            if not listed["has_more"]:
                return rows
            cursor = {"cursor": listed["next_cursor"]}


@contextlib.asynccontextmanager
async def site_of(
    contents: Mapping[str, bytes], api: Client, settle: Settle, backends: Backends
) -> AsyncIterator[Taught]:
    """A site with a start page that links to `/p/0` and so on; the source is not made yet."""
    links = "".join(f'<a href="/p/{number}">Article {number}</a> ' for number in range(LINKED))
    start = f"<!doctype html><html><head><title>Start</title></head><body><p>All articles.</p>{links}</body></html>"
    pages: dict[str, Page] = {"/": shown(start.encode())}
    async with serving(pages) as site:
        taught = Taught(api=api, settle=settle, backends=backends, site=site, pages=pages)
        taught.show(contents)
        yield taught


async def assert_books_agree(taught: Taught) -> None:
    """Events, versions and the changes of each say the same, and the published documents are what they add up to."""
    versions = await taught.versions()
    events = dict(await taught.events())
    total = versions[0]["documents_total"]
    assert total == len(await taught.documents())
    for row in versions:
        told = list((await taught.changes(row["version"], limit=2)).values())
        counted = {kind: told.count(kind) for kind in ("added", "changed", "removed")}
        assert counted == row["documents"], f"version {row['version']}"
        assert events.get(row["version"], {"added": 0, "changed": 0, "removed": 0}) == counted
        assert row["documents_total"] == total, f"version {row['version']}"
        total -= counted["added"] - counted["removed"]
