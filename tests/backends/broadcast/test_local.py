"""Listeners hear of their own topic, and of what happened while they were busy."""

import asyncio

from aivastark.backends.broadcast.local import LocalBroadcast

SOON_S, A_MOMENT_S = 5.0, 0.01


async def test_a_change_wakes_those_who_listen_to_its_topic_only() -> None:
    broadcast = LocalBroadcast()
    with broadcast.listen("a") as first, broadcast.listen("a") as second, broadcast.listen("b") as other:
        broadcast.tell("a")

        assert await first.wait(SOON_S)
        assert await second.wait(SOON_S)
        assert not await other.wait(A_MOMENT_S)
        assert not await first.wait(A_MOMENT_S)


async def test_what_happens_while_a_listener_is_busy_is_not_missed() -> None:
    broadcast = LocalBroadcast()
    with broadcast.listen("a") as listener:
        waiting = asyncio.create_task(listener.wait(SOON_S))
        await asyncio.sleep(0)
        broadcast.tell("a")
        assert await waiting
        broadcast.tell("a")
        broadcast.tell("a")

        assert await listener.wait(SOON_S)
        assert not await listener.wait(A_MOMENT_S)


async def test_a_topic_without_listeners_takes_no_memory() -> None:
    broadcast = LocalBroadcast()
    with broadcast.listen("a"):
        pass

    broadcast.tell("a")

    assert broadcast._listeners == {}
