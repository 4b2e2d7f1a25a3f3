"""A source's history: what each version changed, told alike by the event, the list and the changes."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.sources.versions import VERSIONS_KEPT
from tests.conftest import Settle
from tests.journeys.test_crawl import Noting
from tests.loopback import Request, page
from tests.make import Client, assert_error, calling, make_tenant, read, working
from tests.sources.crawling import HTML
from tests.sources.sites import Taught, article, articles, assert_books_agree, site_of


@pytest.fixture
async def taught(api: Client, settle: Settle, backends: Backends) -> AsyncIterator[Taught]:
    """A site of the start page and six articles, not taken in yet."""
    async with site_of(articles(6), api, settle, backends) as site:
        yield site


async def test_what_is_new_and_what_changed_is_counted_and_named(taught: Taught) -> None:
    first = await taught.teach()
    taught.show({"/p/1": article(1, edition="second"), "/p/6": article(6), "/p/7": article(7)})
    second = await taught.look()

    assert (first["status"], first["version"]) == ("ready", 1)
    assert (second["status"], second["version"]) == ("ready", 2)
    assert await taught.changes(1) == dict.fromkeys(["/", *articles(6)], "added")
    assert await taught.changes(2) == {"/p/1": "changed", "/p/6": "added", "/p/7": "added"}
    assert [version["documents"] for version in await taught.versions()] == [
        {"added": 2, "changed": 1, "removed": 0},
        {"added": 7, "changed": 0, "removed": 0},
    ]
    assert [(version["cause"], version["rolled_back_to"]) for version in await taught.versions()] == [
        ("sync", None)
    ] * 2
    assert await taught.finds("Marker1second") == {"/p/1"}
    assert await taught.finds("Marker1first") == set()
    await assert_books_agree(taught)


async def test_what_did_not_change_keeps_its_document(taught: Taught) -> None:
    await taught.teach()
    before = await taught.documents()
    taught.show({"/p/1": article(1, edition="second")})
    await taught.look()
    after = await taught.documents()

    assert {path for path in after if after[path]["id"] != before[path]["id"]} == {"/p/1"}
    assert after["/p/1"]["version"] == 2
    assert after["/p/2"] == before["/p/2"]


async def test_a_page_under_another_address_with_the_same_bytes_moves_at_once(taught: Taught) -> None:
    await taught.teach()
    taught.pages["/p/9"] = taught.pages.pop("/p/1")
    moved = await taught.look()

    assert (moved["status"], moved["version"]) == ("ready", 2)
    assert await taught.changes(2) == {"/p/1": "removed", "/p/9": "added"}
    assert await taught.finds("Marker1first") == {"/p/9"}
    await assert_books_agree(taught)


async def test_a_site_that_moved_as_a_whole_is_not_held(taught: Taught) -> None:
    await taught.teach()
    for number in range(6):
        taught.pages[f"/p/{number + 10}"] = taught.pages.pop(f"/p/{number}")
    moved = await taught.look()

    assert (moved["status"], moved["version"], moved["held"]) == ("ready", 2, None)
    assert set(await taught.documents()) == {"/", *(f"/p/{number + 10}" for number in range(6))}
    await assert_books_agree(taught)


async def test_other_bytes_that_say_the_same_publish_nothing(taught: Taught) -> None:
    await taught.teach()
    before = await taught.documents()
    taught.show({"/p/1": article(1).replace(b"<body>", b"<body><!-- built today -->")})
    looked = await taught.look()
    after = await taught.documents()

    assert (looked["status"], looked["version"]) == ("ready", 1)
    assert after["/p/1"]["id"] == before["/p/1"]["id"]
    assert after["/p/1"]["content_hash"] != before["/p/1"]["content_hash"]
    assert len(await taught.events()) == len(await taught.versions()) == 1
    await assert_books_agree(taught)


async def test_a_validator_that_changed_with_bytes_that_say_the_same_is_asked_with_next_time(taught: Taught) -> None:
    tag = ['"1"']
    asked: list[str | None] = []

    async def write(request: Request, out: object) -> None:
        asked.append(request.headers.get("if-none-match"))
        body = article(1).replace(b"<body>", f"<body><!-- {tag[0]} -->".encode())
        same = asked[-1] == tag[0]
        await page(304 if same else 200, b"" if same else body, {**HTML, "ETag": tag[0]})(request, out)  # type: ignore[arg-type] # the writer goes through

    taught.pages["/p/1"] = write
    await taught.teach()
    tag[0] = '"2"'
    await taught.look()
    await taught.look()

    assert asked == [None, '"1"', '"2"']


async def test_only_the_passages_of_a_page_that_changed_are_embedded_again(backends: Backends) -> None:
    embedder = Noting(backends.embedder)
    backends = replace(backends, embedder=embedder)
    tenant = await make_tenant(backends.db)
    filler = [f"Filler{part} tells a long story about part {part} of the matter. " * 30 for part in range(6)]
    async with calling(create_app(backends), tenant.key) as http, working(backends) as worker:
        api = Client(http=http, tenant=tenant)
        async with site_of({"/p/0": article(0, *filler)}, api, worker.run_until_idle, backends) as taught:
            await taught.teach()
            embedder.texts.clear()
            taught.show({"/p/0": article(0, *filler[:3], "Novelty is here. " * 30, *filler[4:])})
            changed = await taught.look()
            passages = read(await api.get(f"sources/{taught.id}/documents/{(await taught.documents())['/p/0']['id']}"))
            found = await taught.finds("Filler5 tells")

    assert changed["version"] == 2
    assert len(passages["data"]) > 4
    assert any("Novelty" in text for text in embedder.texts)
    assert not any("Filler" in text for text in embedder.texts)
    assert found == {"/p/0"}


async def test_a_passage_that_repeats_itself_is_found_as_often_as_before(taught: Taught) -> None:
    filler = "The same long words stand here twice, about nothing at all. " * 60
    taught.show({"/p/0": article(0, filler, filler)})
    await taught.teach()
    taught.show({"/p/0": article(0, filler, filler, "Something new.")})
    await taught.look()

    document = (await taught.documents())["/p/0"]
    hits = read(await taught.api.post("search", {"query": "same long words", "limit": 50}))["data"]
    found = [hit["chunk_id"] for hit in hits if hit["document_id"] == document["id"]]
    assert len(found) == len(set(found)) == document["chunks"]


async def test_only_ten_versions_are_kept_and_older_rows_go(taught: Taught) -> None:
    await taught.teach()
    documents, _ = await taught.rows()
    for number in range(VERSIONS_KEPT + 2):
        taught.show({"/p/0": article(0, edition=f"e{number}x"), f"/p/{number + 6}": article(number + 6)})
        await taught.look()
    versions = await taught.versions()
    newest = versions[0]["version"]

    assert newest == VERSIONS_KEPT + 3
    assert [row["version"] for row in versions] == list(range(newest, newest - VERSIONS_KEPT, -1))
    await assert_books_agree(taught)
    # One that changed every time: kept in each kept version, and once more to tell what the oldest changed.
    kept, chunks = await taught.rows()
    assert (
        documents + (VERSIONS_KEPT + 2) + VERSIONS_KEPT - 1 <= kept <= documents + (VERSIONS_KEPT + 2) + VERSIONS_KEPT
    )
    assert chunks >= kept
    assert_error(await taught.api.get(f"sources/{taught.id}/versions/3/changes"), 404, "not_found")


async def test_the_history_comes_in_pages(taught: Taught) -> None:
    await taught.teach()
    for number in range(3):
        taught.show({"/p/0": article(0, edition=f"e{number}x")})
        await taught.look()

    async def numbers(limit: int) -> list[int]:
        found: list[int] = []
        cursor: dict[str, str] = {}
        while True:
            listed = read(await taught.api.get(f"sources/{taught.id}/versions", limit=limit, **cursor))
            found += [row["version"] for row in listed["data"]]
            if not listed["has_more"]:
                return found
            cursor = {"cursor": listed["next_cursor"]}

    assert await numbers(1) == await numbers(2) == await numbers(4) == [4, 3, 2, 1]
    listed = read(await taught.api.get(f"sources/{taught.id}/versions/1/changes", limit=3))
    elsewhere = await taught.api.get(f"sources/{taught.id}/versions/2/changes", cursor=listed["next_cursor"])
    assert elsewhere.status_code in (400, 422)


async def test_another_projects_key_sees_no_history_and_brings_nothing_back(taught: Taught, stranger: Client) -> None:
    await taught.teach()
    taught.show({"/p/0": article(0, edition="second")})
    await taught.look()
    theirs = f"{taught.api.tenant.base}/sources/{taught.id}"

    for at in (f"sources/{taught.id}", theirs):
        for path in ("versions", "versions/1/changes", "failures"):
            assert_error(await stranger.get(f"{at}/{path}"), 404, "not_found")
        assert_error(await stranger.post(f"{at}/rollback", {"version": 1}), 404, "not_found")
        assert_error(await stranger.post(f"{at}/sync", {"only": "failed"}), 404, "not_found")
    assert (await taught.source())["version"] == 2
