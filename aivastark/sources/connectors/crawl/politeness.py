"""How fast a site may be asked: some pages at once, or one after the other with the pause its owner asks for."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

PARALLEL_FETCHES = 4  # of one site
MAX_CRAWL_DELAY_SECONDS = 10.0  # a longer wish would make a crawl of days
MAX_TRIES = 3  # of a page whose server says that it is too much
MAX_WAIT_SECONDS = 120.0  # for a busy server, within a sync; a longer wish ends the crawl for now
WAIT_SECONDS = (2.0, 10.0)  # before the second and the third try, where the server does not say


class Politeness:
    """The pace of one crawl."""

    def __init__(self, *, delay_seconds: float) -> None:
        self._delay_seconds = min(delay_seconds, MAX_CRAWL_DELAY_SECONDS)
        self._places = asyncio.Semaphore(1 if self._delay_seconds else PARALLEL_FETCHES)
        self._alone = asyncio.Lock()
        self._is_slow = False
        self._not_before = 0.0

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until the site may be asked again, and ask within the block."""
        async with contextlib.AsyncExitStack() as held:
            await held.enter_async_context(self._places)
            if self._is_slow:
                await held.enter_async_context(self._alone)
            while (wait := self._not_before - time.monotonic()) > 0:  # noqa: ASYNC110 (it may grow meanwhile)
                await asyncio.sleep(wait)
            self._not_before = time.monotonic() + self._delay_seconds if self._delay_seconds else self._not_before
            yield

    def slow_down(self, wait_seconds: float) -> None:
        """The server says that it is too much: nothing for so long, and one at a time from then on."""
        self._is_slow = True
        self._not_before = max(self._not_before, time.monotonic() + wait_seconds)


def wait_before(next_try: int, wish_seconds: float | None) -> float | None:
    """How long to wait before try number `next_try`; None: not within this sync."""
    if next_try > MAX_TRIES:
        return None
    wait = WAIT_SECONDS[next_try - 2] if wish_seconds is None else wish_seconds
    return wait if wait <= MAX_WAIT_SECONDS else None
