"""What a sync does with what is gone, cannot be had, or would be too much at once."""

from collections.abc import AsyncIterator

import pytest

from aivastark.backends.base import Backends
from tests.conftest import Settle
from tests.loopback import page
from tests.make import Client
from tests.sources.sites import Taught, article, articles, assert_books_agree, site_of


@pytest.fixture
async def taught(api: Client, settle: Settle, backends: Backends) -> AsyncIterator[Taught]:
    """A site of the start page and nine articles, not taken in yet."""
    async with site_of(articles(9), api, settle, backends) as site:
        yield site


async def test_a_page_gone_once_is_kept_and_gone_twice_is_withdrawn(taught: Taught) -> None:
    await taught.teach()
    del taught.pages["/p/1"]

    once = await taught.look()
    kept = await taught.finds("Marker1first")
    twice = await taught.look()

    assert (once["status"], once["version"], kept) == ("ready", 1, {"/p/1"})
    assert (twice["status"], twice["version"]) == ("ready", 2)
    assert "/p/1" not in await taught.documents()
    assert await taught.finds("Marker1first") == set()
    assert await taught.changes(2) == {"/p/1": "removed"}
    await assert_books_agree(taught)


async def test_a_page_gone_back_and_gone_is_kept(taught: Taught) -> None:
    await taught.teach()
    before = await taught.documents()
    there = taught.pages["/p/1"]
    for _ in range(2):
        del taught.pages["/p/1"]
        await taught.look()
        taught.pages["/p/1"] = there
        await taught.look()
    del taught.pages["/p/1"]
    last = await taught.look()

    assert last["version"] == 1
    assert await taught.documents() == before


async def test_a_miss_counts_also_where_other_pages_are_published(taught: Taught) -> None:
    await taught.teach()
    del taught.pages["/p/1"]
    taught.show({"/p/2": article(2, edition="second")})
    first = await taught.look()
    taught.show({"/p/2": article(2, edition="third")})
    second = await taught.look()

    assert (first["version"], second["version"]) == (2, 3)
    assert await taught.changes(2) == {"/p/2": "changed"}
    assert await taught.changes(3) == {"/p/2": "changed", "/p/1": "removed"}
    await assert_books_agree(taught)


async def test_a_page_that_fails_keeps_serving_and_is_told(taught: Taught) -> None:
    await taught.teach()
    taught.pages["/p/1"] = page(500)
    looks = [await taught.look() for _ in range(3)]

    for looked in looks:
        assert (looked["status"], looked["version"], looked["progress"]["documents_failed"]) == ("partial", 1, 1)
        assert looked["error"]["code"] == "upstream_error"
        assert looked["progress"]["documents_done"] == looked["progress"]["documents_total"] == 10
    failures = await taught.failures()
    assert {path: (row["code"], row["skipped"], row["retryable"]) for path, row in failures.items()} == {
        "/p/1": ("upstream_error", False, True)
    }
    assert await taught.finds("Marker1first") == {"/p/1"}
    await assert_books_agree(taught)


async def test_a_failure_between_two_misses_is_no_miss_and_no_sighting(taught: Taught) -> None:
    await taught.teach()
    del taught.pages["/p/1"]
    await taught.look()
    taught.pages["/p/1"] = page(500)
    failed = await taught.look()

    assert (failed["status"], "/p/1" in await taught.documents()) == ("partial", True)


async def test_a_page_that_cannot_be_read_fails_alone(taught: Taught) -> None:
    taught.pages["/p/1"] = page(200, b"%PDF-1.7 broken", {"Content-Type": "application/pdf"})
    source = await taught.teach()

    assert (source["status"], source["version"]) == ("partial", 1)
    assert set(await taught.failures()) == {"/p/1"}
    assert len(await taught.documents()) == 9


async def test_a_page_that_hides_now_is_withdrawn_in_the_end(taught: Taught) -> None:
    await taught.teach()
    hidden = article(1).replace(b"<head>", b'<head><meta name="robots" content="noindex">')
    taught.show({"/p/1": hidden})
    await taught.look()
    looked = await taught.look()

    assert "/p/1" not in await taught.documents()
    assert (await taught.failures())["/p/1"]["skipped"] is True
    assert (looked["status"], looked["progress"]["documents_skipped"]) == ("ready", 1)
    await assert_books_agree(taught)


async def test_a_page_that_asks_not_to_be_found_goes_at_once(taught: Taught) -> None:
    await taught.teach()
    shown = b'<html><head><meta name="robots" content="noindex"></head><body><p>Marker1first</p></body></html>'
    taught.pages["/p/1"] = page(200, shown, {"Content-Type": "text/html"})

    looked = await taught.look()
    failures = await taught.failures()

    assert (looked["status"], looked["version"], looked["progress"]["documents_skipped"]) == ("ready", 2, 1)
    assert await taught.changes(2) == {"/p/1": "removed"}
    assert failures["/p/1"]["code"] == "noindex"
    assert await taught.finds("Marker1first") == set()
