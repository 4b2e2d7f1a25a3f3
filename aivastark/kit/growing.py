"""A list that grows while others read it: each reader gets everything from where it wants to begin, in order."""

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Growing(Generic[Item]):
    """One writer and any number of readers, in one event loop."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self._is_over = False
        self._news = asyncio.Event()

    def add(self, item: Item) -> None:
        """Put one at the end."""
        self.items.append(item)
        self._tell()

    def end(self) -> None:
        """Nothing more comes: readers end when they have it all."""
        self._is_over = True
        self._tell()

    async def has_begun(self) -> bool:
        """Waits for the first item; False when it ended without one."""
        async for _ in self.follow():
            return True
        return False

    async def follow(self, begin: int = 0) -> AsyncIterator[Item]:
        """The items from number `begin` on, those there are and those to come."""
        at = begin
        while True:
            while at < len(self.items):
                yield self.items[at]
                at += 1
            if self._is_over:
                return
            await self._news.wait()

    def _tell(self) -> None:
        self._news.set()
        if not self._is_over:
            self._news = asyncio.Event()
