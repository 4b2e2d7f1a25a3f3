"""A sync that is stopped half-way, by a person or by the plan, leaves nothing behind; what fits the plan is let in."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from aivastark.accounts.bounds import set_plan
from aivastark.backends.base import Backends
from tests.conftest import Settle
from tests.make import Client, read
from tests.sources.sites import Taught, article, articles, assert_books_agree, shown, site_of, slow

WAIT_MAX_S = 20.0
PAGE_S = 0.15
LAST_PAGE_S = 5.0  # longer than cancelling takes on a busy machine; a sync that is cancelled does not wait for it


@pytest.fixture
async def taught(api: Client, settle: Settle, backends: Backends) -> AsyncIterator[Taught]:
    """A site of the start page and eight articles, not taken in yet."""
    async with site_of(articles(8), api, settle, backends) as site:
        yield site


def slow_down(taught: Taught, *, edition: str) -> None:
    """All articles in this edition, from a server that takes its time, most of all for the last."""
    for number in range(8):
        seconds = LAST_PAGE_S if number == 7 else PAGE_S
        taught.pages[f"/p/{number}"] = slow(article(number, edition=edition), seconds)


async def cancelled(taught: Taught, *, after_rows: int) -> None:
    """Sync, and cancel once more than so many documents are stored."""
    await taught.api.post(f"sources/{taught.id}/sync")
    syncing = asyncio.ensure_future(taught.settle())
    async with asyncio.timeout(WAIT_MAX_S):
        while (await taught.rows())[0] <= after_rows:  # noqa: ASYNC110 (the worker tells nobody)
            await asyncio.sleep(0.02)
    response = await taught.api.post(f"sources/{taught.id}/cancel")
    assert response.status_code == 200
    await syncing


async def allow(taught: Taught, chunks: int) -> None:
    """The plan holds so many passages in a project from now on."""
    organization_id = taught.api.tenant.organization_id
    overrides = {"chunks_per_project": chunks}
    await taught.backends.db.write(lambda session: set_plan(session, organization_id, plan=None, overrides=overrides))


async def chunks(taught: Taught) -> int:
    count: int = (await taught.source())["progress"]["chunks"]
    return count


# --- cancelled


async def test_a_cancelled_sync_leaves_nothing_staged(taught: Taught) -> None:
    await taught.teach()
    before, rows = await taught.documents(), await taught.rows()
    slow_down(taught, edition="second")
    await cancelled(taught, after_rows=rows[0])
    source = await taught.source()

    assert (source["status"], source["version"], source["progress"]["documents_done"]) == ("ready", 1, 9)
    assert await taught.rows() == rows
    assert await taught.documents() == before
    assert await taught.finds("Marker1first") == {"/p/1"}
    assert await taught.finds("Marker1second") == set()


async def test_a_first_sync_that_is_cancelled_leaves_nothing_staged(taught: Taught) -> None:
    slow_down(taught, edition="first")
    source = await taught.api.add(url=taught.site.url("/"), crawl={})
    taught.id = source["id"]
    await cancelled(taught, after_rows=1)

    source = await taught.source()
    assert (source["status"], source["version"], source["error"]["code"]) == ("failed", 0, "cancelled")
    assert await taught.rows() == (0, 0)


async def test_a_cancelled_sync_can_be_taken_up(taught: Taught) -> None:
    await taught.teach()
    rows = await taught.rows()
    slow_down(taught, edition="second")
    await cancelled(taught, after_rows=rows[0])
    for number in range(8):
        taught.pages[f"/p/{number}"] = shown(article(number, edition="second"))
    looked = await taught.look()

    assert (looked["status"], looked["version"]) == ("ready", 2)
    assert await taught.changes(2) == dict.fromkeys(articles(8), "changed")
    assert await taught.finds("Marker1first") == set()
    await assert_books_agree(taught)


async def test_a_held_source_whose_next_look_is_cancelled_is_still_held(taught: Taught) -> None:
    await taught.teach()
    for number in range(4):
        del taught.pages[f"/p/{number}"]
    held = await taught.look()
    await taught.api.post(f"sources/{taught.id}/sync")
    await taught.api.post(f"sources/{taught.id}/cancel")
    source = await taught.source()

    assert (source["status"], source["held"]) == ("held", held["held"])


async def test_an_index_that_is_ahead_of_rows_nobody_has_any_more_is_brought_back(taught: Taught) -> None:
    await taught.teach()
    project_id = taught.api.tenant.project_id
    await taught.backends.search.publish(project_id, taught.id, version=2, chunks=[])
    lost = await taught.finds("Marker1first")
    looked = await taught.look()

    assert lost == set()
    assert (looked["status"], looked["version"]) == ("ready", 1)
    assert await taught.finds("Marker1first") == {"/p/1"}


# --- the plan


async def test_a_site_at_the_limit_may_change(taught: Taught) -> None:
    await taught.teach()
    await allow(taught, await chunks(taught))
    taught.show({f"/p/{number}": article(number, edition="second") for number in range(8)})
    looked = await taught.look()

    assert (looked["status"], looked["version"], looked["error"]) == ("ready", 2, None)


async def test_a_site_at_the_limit_may_move(taught: Taught) -> None:
    await taught.teach()
    await allow(taught, await chunks(taught))
    for number in range(8):
        taught.pages[f"/p/{number + 10}"] = taught.pages.pop(f"/p/{number}")
    looked = await taught.look()

    assert (looked["status"], looked["version"], looked["error"]) == ("ready", 2, None)
    await assert_books_agree(taught)


async def test_a_site_at_the_limit_may_not_grow(taught: Taught) -> None:
    await taught.teach()
    before, rows, limit = await taught.documents(), await taught.rows(), await chunks(taught)
    await allow(taught, limit)
    taught.show({"/p/1": article(1, edition="second"), "/p/9": article(9)})
    refused = await taught.look()

    assert (refused["status"], refused["version"]) == ("failed", 1)
    assert refused["error"]["code"] == "plan_limit_reached"
    assert await taught.documents() == before
    assert await taught.rows() == rows
    assert await chunks(taught) == limit


async def test_a_page_kept_though_it_is_gone_takes_its_place_until_it_is_withdrawn(taught: Taught) -> None:
    await taught.teach()
    await allow(taught, await chunks(taught))
    del taught.pages["/p/1"]
    taught.show({"/p/9": article(9)})
    once = await taught.look()
    await allow(taught, await chunks(taught))
    twice = await taught.look()

    assert (once["status"], once["error"]["code"]) == ("failed", "plan_limit_reached")
    assert twice["status"] == "failed"  # a look that failed counts for nothing: the page may come back


async def test_what_is_withdrawn_or_held_is_free_again(taught: Taught) -> None:
    await taught.teach()
    await allow(taught, await chunks(taught) + 1)
    del taught.pages["/p/1"]
    await taught.look()
    await taught.look()
    for number in range(2, 8):
        del taught.pages[f"/p/{number}"]
    taught.show({"/p/9": article(9)})
    held = await taught.look()
    other = await taught.api.add(text="One short text more.")
    await taught.settle()

    assert held["status"] == "held"
    assert (await taught.api.source(other["id"]))["status"] == "ready"


async def test_a_rollback_at_the_limit_fits(taught: Taught) -> None:
    await taught.teach()
    taught.show({f"/p/{number}": article(number, edition="second") for number in range(8)})
    await taught.look()
    await allow(taught, await chunks(taught))
    back = await taught.roll_back(1)

    assert (back["status"], back["version"], back["error"]) == ("ready", 3, None)
    assert await taught.finds("Marker1first") == {"/p/1"}


async def test_a_rollback_beyond_the_limit_is_refused_and_changes_nothing(taught: Taught) -> None:
    await taught.teach()
    for number in range(4, 8):
        del taught.pages[f"/p/{number}"]
    await taught.look(accept_removals=True)
    before, rows = await taught.documents(), await taught.rows()
    await allow(taught, await chunks(taught))
    refused = await taught.roll_back(1)

    assert (refused["status"], refused["version"]) == ("failed", 2)
    assert refused["error"]["code"] == "plan_limit_reached"
    assert await taught.documents() == before
    assert await taught.rows() == rows
    listed = read(await taught.api.get(f"sources/{taught.id}/versions"))["data"]
    assert [row["version"] for row in listed] == [2, 1]
