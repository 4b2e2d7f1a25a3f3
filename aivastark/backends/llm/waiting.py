"""Waiting for a model: for words that are welcome and not needed, and until one that failed is asked again."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import structlog

from aivastark.backends.llm.base import ModelFailed

REST_S = 5.0  # after a failure, in which nobody is asked
REST_MAX_S = 60.0  # where the provider says when to come back

Result = TypeVar("Result")

log = structlog.get_logger()


async def in_time(work: Awaitable[Result], seconds: float, event: str) -> Result | None:
    """What `work` gives; None, and a line `event` in the log, where a model fails or this takes too long."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        log.info(event, code="timeout")
    except ModelFailed as failure:
        log.info(event, code=failure.code)
    return None


class Rest:
    """Whether a model that somebody waits for is left alone, so that not everybody waits for it in vain."""

    def __init__(self) -> None:
        self._until = 0.0

    @property
    def is_on(self) -> bool:
        """Whether it is to be left alone now."""
        return asyncio.get_running_loop().time() < self._until

    def begin(self, retry_after_s: float | None) -> None:
        """It failed, and may have said when to come back."""
        self._until = asyncio.get_running_loop().time() + min(max(REST_S, retry_after_s or 0.0), REST_MAX_S)
