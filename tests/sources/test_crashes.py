"""A process that ends between the swap of the index and the books: the next one closes them, once and right."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from aivastark.backends.base import Backends
from aivastark.backends.search.base import IndexedChunk
from aivastark.sources.versions import VERSIONS_KEPT
from tests.conftest import Settle
from tests.make import Client, working
from tests.sources.sites import Taught, article, articles, assert_books_agree, site_of


class EndsAfterSwap:
    """The search engine, of a process that ends when it has swapped an index."""

    def __init__(self, backends: Backends) -> None:
        self._inner = backends.search

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def publish(
        self,
        project_id: str,
        source_id: str,
        *,
        version: int,
        chunks: Sequence[IndexedChunk],
        keep: Collection[str] = (),
    ) -> None:
        await self._inner.publish(project_id, source_id, version=version, chunks=chunks, keep=keep)
        raise asyncio.CancelledError


@pytest.fixture
async def taught(api: Client, settle: Settle, backends: Backends) -> AsyncIterator[Taught]:
    """Two versions of a site."""
    async with site_of(articles(6), api, settle, backends) as site:
        await site.teach()
        site.show({"/p/1": article(1, edition="second"), "/p/7": article(7)})
        await site.look()
        yield site


async def end_after_swap(taught: Taught, post: Callable[[], Any]) -> None:
    """Ask for work, and end once its index is swapped."""
    assert (await post()).status_code == 202
    backends = replace(taught.backends, search=EndsAfterSwap(taught.backends))
    async with working(backends) as worker:
        with suppress(asyncio.CancelledError):
            await worker.run_until_idle()
    assert (await taught.source())["status"] == "processing"


async def test_a_sync_is_published_once(taught: Taught) -> None:
    taught.show({"/p/2": article(2, edition="third")})
    await end_after_swap(taught, lambda: taught.api.post(f"sources/{taught.id}/sync"))
    await taught.settle()

    source = await taught.source()
    assert (source["status"], source["version"]) == ("ready", 3)
    assert await taught.changes(3) == {"/p/2": "changed"}
    assert [version for version, _ in await taught.events()] == [1, 2, 3]
    assert await taught.finds("Marker2third") == {"/p/2"}
    await assert_books_agree(taught)


async def test_what_changed_meanwhile_comes_as_a_version_of_its_own(taught: Taught) -> None:
    taught.show({"/p/2": article(2, edition="third")})
    await end_after_swap(taught, lambda: taught.api.post(f"sources/{taught.id}/sync"))
    taught.show({"/p/2": article(2, edition="fourth")})
    await taught.settle()

    assert (await taught.source())["version"] == 4
    assert await taught.finds("Marker2fourth") == {"/p/2"}
    assert await taught.finds("Marker2third") == set()
    await assert_books_agree(taught)


async def test_a_rollback_is_published_once_and_as_one(taught: Taught) -> None:
    await end_after_swap(taught, lambda: taught.api.post(f"sources/{taught.id}/rollback", {"version": 1}))
    await taught.settle()

    source = await taught.source()
    newest = (await taught.versions())[0]
    assert (source["status"], source["version"], source["sync"]["paused"]) == ("ready", 3, True)
    assert (newest["cause"], newest["rolled_back_to"]) == ("rollback", 1)
    assert [version for version, _ in await taught.events()] == [1, 2, 3]
    assert await taught.finds("Marker1first") == {"/p/1"}
    await assert_books_agree(taught)


async def test_a_rollback_to_the_oldest_version_is_not_lost(taught: Taught) -> None:
    for number in range(VERSIONS_KEPT - 2):
        taught.show({"/p/3": article(3, edition=f"e{number}x")})
        await taught.look()
    await end_after_swap(taught, lambda: taught.api.post(f"sources/{taught.id}/rollback", {"version": 1}))
    await taught.settle()

    source = await taught.source()
    assert (source["status"], source["error"], source["sync"]["paused"]) == ("ready", None, True)
    assert await taught.finds("Marker3first") == {"/p/3"}
    await assert_books_agree(taught)


async def test_a_rollback_asked_for_during_a_sync_that_died_is_done(taught: Taught) -> None:
    taught.show({"/p/2": article(2, edition="third")})
    await end_after_swap(taught, lambda: taught.api.post(f"sources/{taught.id}/sync"))
    await taught.roll_back(1)

    source = await taught.source()
    assert (source["status"], source["version"], source["sync"]["paused"]) == ("ready", 4, True)
    assert [row["cause"] for row in await taught.versions()] == ["rollback", "sync", "sync", "sync"]
    assert await taught.finds("Marker2first") == {"/p/2"}
    assert await taught.finds("Marker1first") == {"/p/1"}
    await assert_books_agree(taught)


async def test_a_cancelled_rollback_that_came_too_late_leaves_index_and_rows_alike(taught: Taught) -> None:
    await end_after_swap(taught, lambda: taught.api.post(f"sources/{taught.id}/rollback", {"version": 1}))
    await taught.api.post(f"sources/{taught.id}/cancel")
    await taught.look()

    assert await taught.finds("Marker1second") == {"/p/1"}
    assert await taught.finds("Marker1first") == set()
    assert set(await taught.documents()) == {"/", *articles(6), "/p/7"}
    await assert_books_agree(taught)
