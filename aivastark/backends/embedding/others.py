"""Embedding models beside the one that is set: those that made knowledge which is still being embedded anew."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from aivastark.backends.embedding.base import Embedder

LOOK_AGAIN_AFTER_S = 60.0  # for one that could not be had
PROJECTS_REMEMBERED = 10_000

Find = Callable[[str], Awaitable[Embedder | None]]


async def find_none(_model_id: str) -> Embedder | None:
    """Where there is no other model."""
    return None


class OtherModels:
    """Opens models by their `model_id` as they are needed. Which project needs one is remembered here too."""

    def __init__(self, find: Find = find_none) -> None:
        self._find = find
        self._open: dict[str, Embedder] = {}
        self._missing: dict[str, float] = {}
        self._lock = asyncio.Lock()
        self._serving: OrderedDict[str, str] = OrderedDict()

    async def of(self, model_id: str) -> Embedder | None:
        """The model; None where it cannot be asked any more, or not now."""
        if (known := self._open.get(model_id)) is not None:
            return known
        async with self._lock:
            if model_id not in self._open and time.monotonic() >= self._missing.get(model_id, 0.0):
                found = await self._find(model_id)
                if found is None:
                    self._missing[model_id] = time.monotonic() + LOOK_AGAIN_AFTER_S
                else:
                    self._open[model_id] = found
            return self._open.get(model_id)

    def serving(self, project_id: str) -> str | None:
        """The other model that a project was last seen to be searched by; None where there was none."""
        return self._serving.get(project_id)

    def remember(self, project_id: str, model_id: str | None) -> None:
        """Which other model the project is searched by; None: by the one that is set."""
        self._serving.pop(project_id, None)
        if model_id is not None:
            self._serving[project_id] = model_id
            if len(self._serving) > PROJECTS_REMEMBERED:
                self._serving.popitem(last=False)

    async def close(self) -> None:
        """Let all of them go."""
        for embedder in self._open.values():
            await embedder.close()
        self._open.clear()
