"""`POST sync {"only": "failed"}`: what failed is tried again, and nothing else."""

from collections.abc import AsyncIterator

import pytest

from aivastark.backends.base import Backends
from tests.conftest import Settle
from tests.loopback import page
from tests.make import Client, assert_error, read
from tests.sources.sites import Taught, article, articles, assert_books_agree, shown, site_of


@pytest.fixture
async def taught(api: Client, settle: Settle, backends: Backends) -> AsyncIterator[Taught]:
    """A site of the start page and six articles, of which two fail."""
    async with site_of(articles(6), api, settle, backends) as site:
        site.pages |= {"/p/1": page(500), "/p/2": page(500)}
        yield site


async def test_only_the_failed_pages_are_asked_for_and_the_source_is_ready(taught: Taught) -> None:
    first = await taught.teach()
    taught.show({"/p/1": article(1), "/p/2": article(2), "/p/4": article(4, edition="second")})
    del taught.pages["/p/5"]
    second = await taught.look(only="failed")

    assert (first["status"], first["version"], await taught.failures()) == ("partial", 1, {})
    assert (second["status"], second["version"], second["error"]) == ("ready", 2, None)
    assert set(taught.fetched) <= {"/robots.txt", "/p/1", "/p/2"}
    assert await taught.changes(2) == {"/p/1": "added", "/p/2": "added"}
    assert await taught.finds("Marker4first") == {"/p/4"}
    await assert_books_agree(taught)


async def test_what_fails_again_stays_failed_and_the_source_partial(taught: Taught) -> None:
    await taught.teach()
    taught.show({"/p/1": article(1)})
    one = await taught.look(only="failed")
    again = await taught.look(only="failed")

    assert (one["status"], one["version"], one["progress"]["documents_failed"]) == ("partial", 2, 1)
    assert (again["status"], again["version"], again["progress"]["documents_failed"]) == ("partial", 2, 1)
    assert set(await taught.failures()) == {"/p/2"}
    assert [path for path in taught.fetched if path != "/robots.txt"] == ["/p/2"]
    await assert_books_agree(taught)


async def test_a_published_page_that_failed_is_changed_by_the_retry(taught: Taught) -> None:
    taught.show({"/p/1": article(1), "/p/2": article(2)})
    await taught.teach()
    taught.pages["/p/1"] = page(500)
    failed = await taught.look()
    taught.show({"/p/1": article(1, edition="second")})
    retried = await taught.look(only="failed")

    assert (failed["status"], failed["version"]) == ("partial", 1)
    assert (retried["status"], retried["version"]) == ("ready", 2)
    assert await taught.changes(2) == {"/p/1": "changed"}
    await assert_books_agree(taught)


async def test_a_page_that_is_gone_meanwhile_is_no_failure_any_more(taught: Taught) -> None:
    await taught.teach()
    taught.show({"/p/2": article(2)})
    del taught.pages["/p/1"]
    retried = await taught.look(only="failed")

    assert (retried["status"], retried["version"]) == ("ready", 2)
    assert await taught.failures() == {}


async def test_nothing_failed_is_nothing_to_retry(taught: Taught) -> None:
    taught.show({"/p/1": article(1), "/p/2": article(2)})
    await taught.teach()

    refused = await taught.api.post(f"sources/{taught.id}/sync", {"only": "failed"})
    unknown = await taught.api.post(f"sources/{taught.id}/sync", {"only": "everything"})

    assert_error(refused, 409, "conflict", param="only")
    assert_error(unknown, 422, "invalid_request", param="only")
    assert (await taught.source())["status"] == "ready"


async def test_a_retry_does_not_count_as_a_look_at_what_is_gone(taught: Taught) -> None:
    await taught.teach()
    del taught.pages["/p/5"]
    await taught.look()
    await taught.look(only="failed")
    kept = set(await taught.documents())
    await taught.look()

    assert "/p/5" in kept
    assert "/p/5" not in await taught.documents()


async def test_what_was_left_out_stays_listed_after_a_retry(taught: Taught) -> None:
    hidden = article(3).replace(b"<head>", b'<head><meta name="robots" content="noindex">')
    taught.show({"/p/3": hidden})
    await taught.teach()
    before = await taught.failures(limit=1)
    taught.show({"/p/1": article(1), "/p/2": article(2)})
    await taught.look(only="failed")

    assert {path: row["skipped"] for path, row in before.items()} == {"/p/1": False, "/p/2": False, "/p/3": True}
    assert {path: row["skipped"] for path, row in (await taught.failures()).items()} == {"/p/3": True}


async def test_a_copy_that_failed_is_left_out_when_it_is_there(taught: Taught) -> None:
    await taught.teach()
    taught.show({"/p/1": article(4), "/p/2": article(2)})
    retried = await taught.look(only="failed")

    assert retried["status"] == "ready"
    assert "/p/1" not in await taught.documents()
    assert (await taught.failures())["/p/1"]["code"] == "duplicate"
    await assert_books_agree(taught)


async def test_a_site_that_cannot_be_had_at_all_on_a_retry_is_tried_for_its_failed_pages_again(taught: Taught) -> None:
    await taught.teach()
    taught.pages["/robots.txt"] = page(500)
    dead = await taught.look(only="failed")
    still = set(await taught.failures())
    del taught.pages["/robots.txt"]
    taught.show({"/p/1": article(1), "/p/2": article(2)})
    alive = await taught.look(only="failed")

    assert (dead["status"], dead["version"], dead["error"]["next_retry_at"] is None) == ("failed", 1, False)
    assert still == {"/p/1", "/p/2"}
    assert (alive["status"], alive["version"]) == ("ready", 2)


async def test_pages_that_failed_come_in_with_the_next_whole_look_too(taught: Taught) -> None:
    await taught.teach()
    taught.pages["/p/1"] = shown(article(1))
    looked = await taught.look()

    assert (looked["status"], await taught.changes(2)) == ("partial", {"/p/1": "added"})
    assert read(await taught.api.get("sources", status="partial"))["data"][0]["id"] == taught.id
