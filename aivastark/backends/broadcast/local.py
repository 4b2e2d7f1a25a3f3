"""Wakes the listeners of this process: a topic changed, look again.

A message carries nothing: what changed is in the database, and a listener that was away has missed nothing. Only what
is in no database, as that somebody writes, is named with it, and forgotten where nobody listens.
Listeners wait with a timeout, so that changes made by another process reach them as well, only later.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Listener:
    """One who waits for changes of a topic."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._named: set[str] = set()

    async def wait(self, timeout_s: float) -> bool:
        """Whether something changed since the last wait; False when the time ran out first."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True

    def wake(self, about: str | None = None) -> None:
        """Something changed."""
        if about is not None:
            self._named.add(about)
        self._changed.set()

    def take_named(self) -> set[str]:
        """What was named since the last time."""
        named, self._named = self._named, set()
        return named


class LocalBroadcast:
    """Topics and their listeners, for one event loop."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}

    def tell(self, topic: str, about: str | None = None) -> None:
        """Wake everyone who listens to the topic. Call it after the change was committed."""
        for listener in self._listeners.get(topic, ()):
            listener.wake(about)

    @contextmanager
    def listen(self, topic: str) -> Iterator[Listener]:
        """A listener for as long as the block lasts; what is told from now on reaches it."""
        listener = Listener()
        self._listeners.setdefault(topic, set()).add(listener)
        try:
            yield listener
        finally:
            listeners = self._listeners[topic]
            listeners.discard(listener)
            if not listeners:
                del self._listeners[topic]
