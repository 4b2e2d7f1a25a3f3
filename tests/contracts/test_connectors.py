"""What every connector promises, checked against each; the web one against a real server on loopback."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC

import pytest

from aivastark.backends.blobs.base import BlobNotFound
from aivastark.backends.blobs.memory import MemoryBlobs
from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher
from aivastark.sources.connectors import open_connectors
from aivastark.sources.connectors.base import (
    Checkpoint,
    Connector,
    Expected,
    FetchedDocument,
    Found,
    KnownDocument,
    Sync,
    Unchanged,
)
from tests.loopback import Page, Request, page, serving

PROJECT = "prj_A"
OLD, NEW = b"# Refunds\nThirty days.", b"# Refunds\nSixty days."


@dataclass(frozen=True, kw_only=True)
class Place:
    """A source of one kind; `put` changes what is there and says where that is."""

    connector: Connector
    put: Callable[[bytes], Awaitable[dict[str, object]]]


@pytest.fixture(params=["raw", "file", "url", "url, crawled"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    blobs, fetcher = MemoryBlobs(), Fetcher(allow_private_networks=True)
    connector = open_connectors(blobs=blobs, fetcher=fetcher)[request.param.partition(",")[0]]
    pages: dict[str, Page] = {}

    async def put_blob(content: bytes) -> dict[str, object]:
        key = await blobs.put(PROJECT, content)
        if request.param == "raw":
            return {"blob": key, "format": "markdown"}
        return {"blob": key, "name": "a.md", "media_type": "text/markdown"}

    async with serving(pages) as site:

        async def put_page(content: bytes) -> dict[str, object]:
            pages["/a.md"] = versioned(content)
            url = site.url("/a.md?utm_source=mail#top")
            return {"url": url, "crawl": {}} if "crawled" in request.param else {"url": url}

        yield Place(connector=connector, put=put_page if "url" in request.param else put_blob)
    await fetcher.close()


def versioned(content: bytes) -> Page:
    """A page with a validator, as a good server sends it."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:8]}"'

    async def write(request: Request, out: asyncio.StreamWriter) -> None:
        same = request.headers.get("if-none-match") == tag
        headers = {"ETag": tag, "Content-Type": "text/markdown"}
        await page(304 if same else 200, b"" if same else content, headers)(request, out)

    return write


async def found(
    connector: Connector, location: dict[str, object], *known: FetchedDocument, project_id: str = PROJECT
) -> list[Found]:
    stored = {document.locator: remembered(document) for document in known}
    state: Mapping[str, object] | None = None
    if known:  # known documents come with what the look at them noted
        first = Sync(project_id=project_id, location=location)
        noted = [entry async for entry in connector.documents(first) if isinstance(entry, Checkpoint)]
        state = noted[0].state if noted else None
    sync = Sync(project_id=project_id, location=location, known=stored, state=state)
    return [entry async for entry in connector.documents(sync) if not isinstance(entry, Expected | Checkpoint)]


async def fetched(connector: Connector, location: dict[str, object], *known: FetchedDocument) -> FetchedDocument:
    [document] = await found(connector, location, *known)
    assert isinstance(document, FetchedDocument)
    return document


def remembered(document: FetchedDocument) -> KnownDocument:
    return KnownDocument(
        etag=document.etag,
        last_modified=document.last_modified,
        content_hash=hashlib.sha256(document.content).hexdigest(),
    )


async def test_a_new_document_comes_with_its_bytes(place: Place) -> None:
    document = await fetched(place.connector, await place.put(OLD))
    assert (document.content, (document.media_type or "").partition(";")[0]) == (OLD, "text/markdown")
    assert document.fetched_at.tzinfo is UTC


async def test_a_known_document_that_did_not_change_is_not_sent_again(place: Place) -> None:
    location = await place.put(OLD)
    document = await fetched(place.connector, location)
    assert await found(place.connector, location, document) == [Unchanged(locator=document.locator)]


async def test_a_known_document_that_changed_comes_under_the_same_locator(place: Place) -> None:
    before = await fetched(place.connector, await place.put(OLD))
    after = await fetched(place.connector, await place.put(NEW), before)
    assert (after.locator, after.content) == (before.locator, NEW)


async def test_an_empty_document_is_a_document(place: Place) -> None:
    assert (await fetched(place.connector, await place.put(b""))).content == b""


async def test_a_location_of_another_kind_is_a_bug(place: Place) -> None:
    with pytest.raises(ValueError, match="the location of this source has no"):
        await found(place.connector, {"elsewhere": 1})


@pytest.mark.parametrize(
    ("stated", "media_type"),
    [
        ({"format": "plain"}, "text/plain; charset=utf-8"),
        ({"format": "markdown"}, "text/markdown; charset=utf-8"),
        ({"format": "html"}, "text/html; charset=utf-8"),
        ({}, "text/plain; charset=utf-8"),
    ],
)
async def test_a_posted_text_is_of_the_format_its_author_says(stated: dict[str, object], media_type: str) -> None:
    blobs, fetcher = MemoryBlobs(), Fetcher()
    connector = open_connectors(blobs=blobs, fetcher=fetcher)["raw"]
    document = await fetched(connector, {"blob": await blobs.put(PROJECT, OLD)} | stated)
    assert (document.locator, document.name, document.media_type) == ("text", None, media_type)
    await fetcher.close()


@pytest.mark.parametrize("kind", ["raw", "file"])
async def test_an_upload_of_another_project_is_not_found(kind: str) -> None:
    blobs, fetcher = MemoryBlobs(), Fetcher()
    connector = open_connectors(blobs=blobs, fetcher=fetcher)[kind]
    location: dict[str, object] = {"blob": await blobs.put(PROJECT, OLD), "name": "a.md"}
    with pytest.raises(BlobNotFound):
        await found(connector, location, project_id="prj_B")
    await fetcher.close()


# --- the web


@contextlib.asynccontextmanager
async def web(pages: dict[str, Page]) -> AsyncIterator[tuple[Connector, Callable[[str], dict[str, object]]]]:
    """The connector for pages, and how to say where one of `pages` is."""
    fetcher = Fetcher(allow_private_networks=True)
    async with serving(pages) as site:
        yield (
            open_connectors(blobs=MemoryBlobs(), fetcher=fetcher)["url"],
            lambda path: {"url": site.url(path)},
        )
    await fetcher.close()


async def test_a_page_keeps_its_locator_and_shows_where_it_moved() -> None:
    headers = {"Content-Type": "text/html; charset=iso-8859-1", "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT"}
    pages = {"/old": page(301, headers={"Location": "/new"}), "/new": page(200, OLD, headers)}
    async with web(pages) as (connector, at):
        document = await fetched(connector, at("/old?utm_source=mail#top"))
        assert document.locator == at("/old")["url"]
        assert document.url == at("/new")["url"]
        assert document.media_type == "text/html; charset=iso-8859-1"
        assert (document.etag, document.last_modified) == (None, "Sun, 22 Nov 2026 10:00:00 GMT")


@pytest.mark.parametrize(
    ("path", "disposition", "name"),
    [
        ("/handbook.pdf", None, "handbook.pdf"),
        ("/docs/My%20Handbook.pdf", None, "My Handbook.pdf"),
        ("/docs/", None, None),
        ("/docs/start", None, None),
        ("/download", 'attachment; filename="plan.docx"', "plan.docx"),
        ("/download", "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf", "Größe.pdf"),
        ("/download", 'attachment; filename="../../etc/passwd"', "passwd"),
        ("/download", 'attachment; filename="C:\\\\temp\\\\plan.docx"', "plan.docx"),
        ("/download", "inline", None),
        ("/a.pdf", ";;=", "a.pdf"),
    ],
)
async def test_a_page_has_the_file_name_its_server_gives_it(
    path: str, disposition: str | None, name: str | None
) -> None:
    headers = {} if disposition is None else {"Content-Disposition": disposition}
    async with web({path: page(200, OLD, headers)}) as (connector, at):
        assert (await fetched(connector, at(path))).name == name


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ({"url": "docs.example/page"}, "invalid_url"),
        ({"url": "http://169.254.169.254/"}, "blocked_address"),
        ({"url": "http://127.0.0.1:1/"}, "connect_failed"),
    ],
)
async def test_a_page_that_cannot_be_had_says_why(location: dict[str, object], code: str) -> None:
    async with web({}) as (connector, _):
        with pytest.raises(FetchFailed) as caught:
            await found(connector, location)
    assert caught.value.code == code
