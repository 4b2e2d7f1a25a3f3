"""Fetching runs ahead of reading, so far and no farther, in order, and ends with whoever listens."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as some

from aivastark.kit.clock import utc_now
from aivastark.sources.ahead import AHEAD_BYTES, AHEAD_DOCUMENTS, ahead
from aivastark.sources.connectors.base import Expected, FetchedDocument, Found, Unchanged

WAIT_MAX_S = 5.0


def fetched(number: int, size: int = 1) -> FetchedDocument:
    return FetchedDocument(
        locator=f"/{number}", content=b"x" * size, name=None, media_type=None, url=None, fetched_at=utc_now()
    )


@dataclass(kw_only=True)
class Origin:
    """Gives documents and notes how far it came and whether it was told to end."""

    documents: list[Found]
    fails: bool = False
    waits_after: int | None = None
    given: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> AsyncGenerator[Found]:
        try:
            for found in self.documents:
                if self.given == self.waits_after:
                    await asyncio.Event().wait()
                await asyncio.sleep(0)
                self.given += 1
                yield found
            if self.fails:
                raise RuntimeError("the origin is gone")
        finally:
            self.ended.set()


async def until_quiet(origin: Origin) -> None:
    """Until it gives nothing more."""
    before = -1
    while before != origin.given:
        before = origin.given
        for _ in range(20):
            await asyncio.sleep(0)


async def test_everything_comes_in_order_whatever_it_is() -> None:
    documents: list[Found] = [Expected(documents=300)]
    for number in range(300):
        documents.append(fetched(number) if number % 3 else Unchanged(locator=f"/{number}"))

    assert [found async for found in ahead(Origin(documents=documents)())] == documents


async def test_so_many_wait_and_no_more() -> None:
    origin = Origin(documents=[fetched(number) for number in range(5 * AHEAD_DOCUMENTS)])
    async with contextlib.aclosing(ahead(origin())) as documents:
        await anext(documents)
        await until_quiet(origin)
        one = origin.given
        await anext(documents)
        await until_quiet(origin)

    assert AHEAD_DOCUMENTS < one <= AHEAD_DOCUMENTS + 2
    assert origin.given == one + 1


async def test_so_many_bytes_wait_and_no_more() -> None:
    origin = Origin(documents=[fetched(number, AHEAD_BYTES // 4) for number in range(30)])
    async with contextlib.aclosing(ahead(origin())) as documents:
        await anext(documents)
        await until_quiet(origin)

    assert 2 <= origin.given <= 6


async def test_documents_larger_than_the_room_come_one_by_one() -> None:
    origin = Origin(documents=[fetched(number, AHEAD_BYTES + 1) for number in range(4)])

    sizes = [found.locator async for found in ahead(origin()) if isinstance(found, FetchedDocument)]

    assert sizes == ["/0", "/1", "/2", "/3"]


@pytest.mark.parametrize("count", [0, 1, 3 * AHEAD_DOCUMENTS])
async def test_an_error_comes_after_what_came_before_it(count: int) -> None:
    origin = Origin(documents=[fetched(number) for number in range(count)], fails=True)
    came = []

    async def listen() -> None:
        async for found in ahead(origin()):
            came.append(found)
            await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="the origin is gone"):
        await listen()
    assert came == origin.documents
    assert origin.ended.is_set()


@pytest.mark.parametrize("waits_after", [None, 3])
async def test_whoever_stops_listening_ends_the_fetching(waits_after: int | None) -> None:
    origin = Origin(documents=[fetched(number) for number in range(500)], waits_after=waits_after)
    async with contextlib.aclosing(ahead(origin())) as documents:
        await anext(documents)
        await until_quiet(origin)

    assert origin.ended.is_set()  # at once, not when somebody collects the garbage


@pytest.mark.parametrize("waits_after", [None, 3])
async def test_whoever_is_cancelled_ends_the_fetching_and_hears_it(waits_after: int | None) -> None:
    origin = Origin(documents=[fetched(number) for number in range(500)], waits_after=waits_after)

    async def listen() -> None:
        async with contextlib.aclosing(ahead(origin())) as documents:
            async for _ in documents:
                if waits_after is None:
                    await asyncio.Event().wait()

    listening = asyncio.create_task(listen())
    await until_quiet(origin)
    listening.cancel()
    async with asyncio.timeout(WAIT_MAX_S):
        with pytest.raises(asyncio.CancelledError):
            await listening

    assert origin.ended.is_set()


@given(some.lists(some.booleans(), max_size=200))
async def test_slow_and_fast_hands_on_both_sides_change_nothing(pauses: list[bool]) -> None:
    documents: list[Found] = [fetched(number) for number in range(len(pauses))]
    came = []

    async for found in ahead(Origin(documents=documents)()):
        came.append(found)
        if pauses[len(came) - 1]:
            await asyncio.sleep(0)

    assert came == documents
