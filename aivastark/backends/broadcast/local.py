"""Broadcast within this process: what another one changes is found by looking."""

from collections.abc import Iterator
from contextlib import contextmanager

from aivastark.backends.broadcast.base import Listener


class LocalBroadcast:
    """Topics and their listeners, for one event loop."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}

    def tell(self, topic: str, about: str | None = None) -> None:
        """See `Broadcast.tell`."""
        for listener in self._listeners.get(topic, ()):
            listener.wake(about)

    def wake_all(self) -> None:
        """Whatever they listen to may have changed."""
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.wake()

    @contextmanager
    def listen(self, topic: str) -> Iterator[Listener]:
        """See `Broadcast.listen`."""
        listener = Listener()
        self._listeners.setdefault(topic, set()).add(listener)
        try:
            yield listener
        finally:
            listeners = self._listeners[topic]
            listeners.discard(listener)
            if not listeners:
                del self._listeners[topic]

    async def close(self) -> None:
        """Nothing is left to be told."""
