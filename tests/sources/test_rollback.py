"""An older version is brought back: what it does, what it refuses, and what ends it."""

from collections.abc import AsyncIterator

import pytest

from aivastark.accounts.gate import Application
from aivastark.backends.base import Backends
from aivastark.sources.versions import VERSIONS_KEPT
from tests.conftest import Settle
from tests.make import Client, assert_error, calling, make_key, read
from tests.sources.sites import Taught, article, articles, assert_books_agree, site_of


@pytest.fixture
async def taught(api: Client, settle: Settle, backends: Backends) -> AsyncIterator[Taught]:
    """Two versions of a site: the second changed one article, has a new one and, after two looks, is without one."""
    async with site_of(articles(8), api, settle, backends) as site:
        await site.teach(refresh_interval=3_600)
        site.show({"/p/1": article(1, edition="second"), "/p/9": article(9)})
        await site.look()
        yield site


async def test_an_older_version_is_published_as_a_new_one(taught: Taught) -> None:
    back = await taught.roll_back(1)

    assert (back["status"], back["version"], back["error"]) == ("ready", 3, None)
    assert await taught.finds("Marker1first") == {"/p/1"}
    assert await taught.finds("Marker1second") == set()
    assert await taught.finds("Marker9first") == set()
    assert await taught.changes(3) == {"/p/1": "changed", "/p/9": "removed"}
    newest = (await taught.versions())[0]
    assert (newest["cause"], newest["rolled_back_to"]) == ("rollback", 1)
    assert newest["content_hash"] == (await taught.versions())[-1]["content_hash"]
    assert (await taught.events())[-1] == (3, {"added": 0, "changed": 1, "removed": 1})
    await assert_books_agree(taught)


async def test_its_origin_is_not_asked_and_what_is_the_same_keeps_its_document(taught: Taught) -> None:
    before, asked = await taught.documents(), len(taught.site.requests)
    await taught.roll_back(1)
    after = await taught.documents()

    assert len(taught.site.requests) == asked
    assert {path for path in after if after[path]["id"] != before[path]["id"]} == {"/p/1"}


async def test_a_rollback_pauses_refreshes_until_somebody_syncs(taught: Taught) -> None:
    before = await taught.source()
    back = await taught.roll_back(1)
    synced = await taught.look()

    assert before["sync"]["paused"] is False
    assert before["sync"]["next_sync_at"] is not None
    assert (back["sync"]["paused"], back["sync"]["next_sync_at"]) == (True, None)
    assert (synced["sync"]["paused"], synced["version"]) == (False, 4)
    assert synced["sync"]["next_sync_at"] is not None
    assert await taught.finds("Marker1second") == {"/p/1"}
    assert await taught.changes(4) == {"/p/1": "changed", "/p/9": "added"}
    await assert_books_agree(taught)


async def test_a_pause_outlives_a_new_title_and_a_new_interval(taught: Taught) -> None:
    await taught.roll_back(1)
    await taught.api.patch(f"sources/{taught.id}", {"refresh_interval": 7_200})
    slower = await taught.source()
    await taught.api.patch(f"sources/{taught.id}", {"title": "Handbook"})
    await taught.settle()
    renamed = await taught.source()

    assert (slower["sync"]["paused"], slower["sync"]["next_sync_at"]) == (True, None)
    assert (renamed["title"], renamed["version"], renamed["sync"]["paused"]) == ("Handbook", 3, True)
    assert await taught.finds("Marker1first") == {"/p/1"}


async def test_a_new_title_before_it_is_done_does_not_take_its_place(api: Client, settle: Settle) -> None:
    for text in ("Parking costs two euros.", "Parking costs nine euros."):
        source = await api.add(text=text, external_id="parking", title="Parking")
        await settle()
    asked = await api.post(f"sources/{source['id']}/rollback", {"version": 1})
    renamed = await api.patch(f"sources/{source['id']}", {"title": "Cars"})
    await settle()
    there = read(await api.get(f"sources/{source['id']}"))

    assert (asked.status_code, renamed.status_code) == (202, 200)
    assert (there["version"], there["title"], there["sync"]["paused"]) == (3, "Cars", True)
    assert "two euros" in (await api.ask("What does parking cost?"))["answer"]


async def test_posting_the_source_again_ends_the_pause(taught: Taught) -> None:
    await taught.roll_back(1)
    await taught.api.add(url=taught.site.url("/"), crawl={})
    await taught.settle()

    synced = await taught.source()
    assert (synced["version"], synced["sync"]["paused"]) == (4, False)


async def test_a_rollback_can_be_rolled_back(taught: Taught) -> None:
    await taught.roll_back(1)
    forth = await taught.roll_back(2)

    assert forth["version"] == 4
    assert await taught.finds("Marker1second") == {"/p/1"}
    assert await taught.changes(4) == {"/p/1": "changed", "/p/9": "added"}
    await assert_books_agree(taught)


async def test_a_rollback_to_the_same_content_under_another_number_tells_nobody(taught: Taught) -> None:
    await taught.roll_back(1)
    again = await taught.roll_back(1)

    assert again["version"] == 4
    assert (await taught.versions())[0]["documents"] == {"added": 0, "changed": 0, "removed": 0}
    assert [version for version, _ in await taught.events()] == [1, 2, 3]
    assert await taught.finds("Marker1first") == {"/p/1"}
    await assert_books_agree(taught)


async def test_the_published_version_is_a_conflict_and_one_that_never_was_is_not_found(taught: Taught) -> None:
    here = f"sources/{taught.id}/rollback"

    assert_error(await taught.api.post(here, {"version": 2}), 409, "conflict", param="version")
    assert_error(await taught.api.post(here, {"version": 3}), 404, "not_found")
    assert_error(await taught.api.post(here, {"version": 0}), 422, "invalid_request", param="version")
    assert_error(await taught.api.post(here, {}), 422, "invalid_request", param="version")
    assert_error(await taught.api.post(here, {"version": 1, "more": 1}), 422, "invalid_request", param="more")
    assert (await taught.source())["version"] == 2


async def test_a_version_that_is_not_kept_any_more_is_not_found(taught: Taught) -> None:
    for number in range(VERSIONS_KEPT - 1):
        taught.show({"/p/2": article(2, edition=f"e{number}x")})
        await taught.look()

    assert_error(await taught.api.post(f"sources/{taught.id}/rollback", {"version": 1}), 404, "not_found")
    oldest = await taught.roll_back(2)
    assert (oldest["status"], oldest["version"]) == ("ready", VERSIONS_KEPT + 2)
    assert await taught.finds("Marker2first") == {"/p/2"}
    await assert_books_agree(taught)


async def test_it_stands_in_the_audit_log(taught: Taught, app: Application) -> None:
    tenant = taught.api.tenant
    _, key = await make_key(taught.backends.db, tenant, "*", whole_organization=True)
    await taught.roll_back(1)

    log = f"/v1/organizations/{tenant.organization_id}/audit-log"
    async with calling(app, key) as http:
        entries = read(await http.get(log, params={"action": "source.rolled_back"}))["data"]
    details = {"project_id": tenant.project_id, "version": 1}
    assert [(entry["target"], entry["details"]) for entry in entries] == [(taught.id, details)]


async def test_what_came_back_is_searched_and_stored_alike(taught: Taught, backends: Backends) -> None:
    await taught.roll_back(1)
    taught.show({"/p/1": article(1), "/p/2": article(2, edition="third")})
    del taught.pages["/p/9"]
    looked = await taught.look()

    assert await taught.changes(4) == {"/p/2": "changed"}
    assert looked["version"] == 4
    assert await taught.finds("Marker1first") == {"/p/1"}
