"""The broadcast port: whoever listens hears of their own topic, and of what happened while they were busy."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from aivastark.backends.broadcast.base import Broadcast, first_of
from aivastark.backends.broadcast.local import LocalBroadcast
from aivastark.backends.broadcast.postgres import PostgresBroadcast
from tests.postgres import Postgres

SOON_S, A_MOMENT_S = 5.0, 0.01


@pytest.fixture(params=["local", "postgres"])
async def broadcast(request: pytest.FixtureRequest) -> AsyncIterator[Broadcast]:
    """Every adapter there is."""
    if request.param == "local":
        yield LocalBroadcast()
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.unmigrated() as url:
        opened = PostgresBroadcast(url)
        with opened.listen("anything"):
            await opened.is_heard.wait()
        yield opened
        await opened.close()


async def test_a_change_wakes_those_who_listen_to_its_topic_only(broadcast: Broadcast) -> None:
    with broadcast.listen("a") as first, broadcast.listen("a") as second, broadcast.listen("b") as other:
        broadcast.tell("a")

        assert await first.wait(SOON_S)
        assert await second.wait(SOON_S)
        assert not await other.wait(A_MOMENT_S)
        assert not await first.wait(A_MOMENT_S)


async def test_what_happens_while_a_listener_is_busy_is_not_missed(broadcast: Broadcast) -> None:
    with broadcast.listen("a") as listener:
        waiting = asyncio.create_task(listener.wait(SOON_S))
        await asyncio.sleep(0)
        broadcast.tell("a")
        assert await waiting
        broadcast.tell("a")
        broadcast.tell("a")

        assert await listener.wait(SOON_S)
        assert not await listener.wait(A_MOMENT_S)


async def test_what_is_named_is_taken_once(broadcast: Broadcast) -> None:
    with broadcast.listen("a") as listener:
        broadcast.tell("a", about="one")
        broadcast.tell("a")
        broadcast.tell("a", about="two")

        assert await listener.wait(SOON_S)
        assert listener.take_named() == {"one", "two"}
        assert listener.take_named() == set()


async def test_of_two_topics_the_first_that_changes_is_enough(broadcast: Broadcast) -> None:
    with broadcast.listen("a") as first, broadcast.listen("b") as second:
        broadcast.tell("b")

        async with asyncio.timeout(SOON_S):
            await first_of((first, second), timeout_s=2 * SOON_S)
        assert not await first.wait(A_MOMENT_S)
