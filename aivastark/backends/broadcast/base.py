"""Broadcast port: a topic changed, look again.

A message carries nothing: what changed is in the database, and a listener that was away has missed nothing. Only what
is in no database, as that somebody writes, is named with it, and forgotten where nobody listens.
Listeners wait with a timeout, so that a change of which they were not told reaches them as well, only later.
"""

import asyncio
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol


class Listener:
    """One who waits for changes of a topic. There is one for each open stream, so it is small."""

    __slots__ = ("_has_changed", "_named", "_waiting")

    def __init__(self) -> None:
        self._has_changed = False
        self._waiting: asyncio.Future[None] | None = None
        self._named: set[str] | None = None

    async def wait(self, timeout_s: float) -> bool:
        """Whether something changed since the last wait; False when the time ran out first. One waits at a time."""
        if not self._has_changed:
            loop = asyncio.get_running_loop()
            self._waiting = loop.create_future()
            clock = loop.call_later(timeout_s, _end, self._waiting)
            try:
                await self._waiting
            finally:
                clock.cancel()
                self._waiting = None
        changed, self._has_changed = self._has_changed, False
        return changed

    def wake(self, about: str | None = None) -> None:
        """Something changed."""
        if about is not None:
            self._named = (self._named or set()) | {about}
        self._has_changed = True
        if self._waiting is not None:
            _end(self._waiting)

    def take_named(self) -> set[str]:
        """What was named since the last time."""
        named, self._named = self._named, None
        return named or set()


def _end(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


class Broadcast(Protocol):
    """Topics and their listeners."""

    def tell(self, topic: str, about: str | None = None) -> None:
        """Wake everyone who listens to the topic. Call it after the change was committed."""

    def listen(self, topic: str) -> AbstractContextManager[Listener]:
        """A listener for as long as the block lasts; what is told from now on reaches it."""

    async def close(self) -> None:
        """Tell what was not told yet, if that is quickly done."""


async def first_of(listeners: Iterable[Listener], *, timeout_s: float) -> None:
    """Wait for any of them, or until the time runs out."""
    waits = [asyncio.ensure_future(one.wait(timeout_s)) for one in listeners]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
