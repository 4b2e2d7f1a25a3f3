"""Ending a piece of work from outside, without the noise of a cancelled task."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def stopped_by(stop: asyncio.Event | None) -> AsyncIterator[None]:
    """Leaves its block, wherever it waits, as soon as `stop` is set; None = never."""
    if stop is None:
        yield
        return
    limit = asyncio.timeout(None)

    async def watch() -> None:
        await stop.wait()
        limit.reschedule(asyncio.get_running_loop().time())

    watching: asyncio.Task[None] | None = None
    try:
        async with limit:
            watching = asyncio.create_task(watch())
            yield
    except TimeoutError:
        if not limit.expired():
            raise
    finally:
        if watching is not None:
            watching.cancel()
