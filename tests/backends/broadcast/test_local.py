"""What the broadcast of one process holds."""

from aivastark.backends.broadcast.local import LocalBroadcast


async def test_a_topic_without_listeners_takes_no_memory() -> None:
    broadcast = LocalBroadcast()
    with broadcast.listen("a"):
        pass

    broadcast.tell("a")

    assert broadcast._listeners == {}
