"""Fetching runs ahead of reading: the network works while the processor does, and only so far."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator

from aivastark.sources.connectors.base import FetchedDocument, Found

AHEAD_DOCUMENTS = 64
AHEAD_BYTES = 16_000_000  # of documents that wait; one larger than that waits alone


async def ahead(documents: AsyncIterator[Found]) -> AsyncGenerator[Found]:
    """The same, in the same order, taken from `documents` before they are asked for. What that raises comes in turn."""
    waiting: deque[Found] = deque()
    changed = asyncio.Condition()

    async def fetch() -> None:
        try:
            async for found in documents:
                async with changed:
                    await changed.wait_for(lambda: _has_room(waiting))
                    waiting.append(found)
                    changed.notify_all()
        finally:
            if isinstance(documents, AsyncGenerator):  # or it would end, with what it has open, who knows when
                await documents.aclose()

    async def end() -> None:
        async with changed:
            changed.notify_all()

    fetching = asyncio.create_task(fetch())
    fetching.add_done_callback(lambda _: endings.append(asyncio.ensure_future(end())))
    endings: list[asyncio.Future[None]] = []
    try:
        while True:
            async with changed:
                await changed.wait_for(lambda: bool(waiting) or fetching.done())
                if not waiting:
                    break
                found = waiting.popleft()
                changed.notify_all()
            yield found
        fetching.result()
    finally:
        fetching.cancel()
        await asyncio.gather(fetching, return_exceptions=True)  # told above, where anybody still listens
        await asyncio.gather(*endings)


def _has_room(waiting: deque[Found]) -> bool:
    size = sum(len(found.content) for found in waiting if isinstance(found, FetchedDocument))
    return not waiting or (len(waiting) < AHEAD_DOCUMENTS and size < AHEAD_BYTES)
