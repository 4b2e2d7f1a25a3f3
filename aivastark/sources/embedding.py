"""Vectors for the passages of a sync: full batches across documents, one of them under way while others are read."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aivastark.backends.base import Backends
from aivastark.backends.search.base import IndexedChunk

BATCH_PASSAGES = 64

Vector = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A passage to be indexed."""

    chunk_id: str
    document_id: str
    context: str
    text: str
    language: str | None


class Indexing:
    """Makes index entries. `add` and `finish`, from one task; `stop` when it comes to nothing.

    `report` is called now and then, when `done` has grown.
    """

    def __init__(self, backends: Backends, project_id: str, *, report: Callable[[], Awaitable[None]]) -> None:
        self._backends = backends
        self._project_id = project_id
        self._report = report
        self._waiting: list[Passage] = []
        self._headings: dict[str, Vector] = {}
        self._under_way: asyncio.Task[None] | None = None
        self._entries: list[IndexedChunk] = []
        self.embedded = 0
        """Passages that had to be embedded."""

    @property
    def done(self) -> int:
        """Entries made so far."""
        return len(self._entries)

    async def add(self, passages: Sequence[Passage], known: Mapping[str, str]) -> None:
        """Take passages on. `known`: for those that are in the index already under another id, that id."""
        stored = await self._backends.search.vectors(self._project_id, list(known.values())) if known else {}
        for passage in passages:
            before = stored.get(known.get(passage.chunk_id, ""))
            if before is None:
                self._waiting.append(passage)
            else:
                self._entries.append(_entry(passage, before.vector, before.heading_vector))
        while len(self._waiting) >= BATCH_PASSAGES:
            await self._begin(BATCH_PASSAGES)

    async def finish(self) -> list[IndexedChunk]:
        """All entries, in the order in which their passages got their ids."""
        await self._begin(BATCH_PASSAGES)
        await self._settled()
        return sorted(self._entries, key=lambda entry: entry.chunk_id)

    async def stop(self) -> None:
        """Let what is under way end unheard."""
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.gather(self._under_way, return_exceptions=True)

    async def _begin(self, count: int) -> None:
        await self._settled()
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        if batch:
            self._under_way = asyncio.create_task(self._embed(batch))

    async def _settled(self) -> None:
        if self._under_way is not None:
            await self._under_way
            self._under_way = None
            await self._report()

    async def _embed(self, batch: list[Passage]) -> None:
        new = [one for one in dict.fromkeys(passage.context for passage in batch) if one and one not in self._headings]
        texts = [f"{one.context}\n{one.text}" if one.context else one.text for one in batch]
        vectors = await self._backends.embedder.embed_documents([*texts, *new])
        self._headings.update(zip(new, vectors[len(texts) :], strict=True))
        self._entries += [
            _entry(passage, vector, self._headings.get(passage.context))
            for passage, vector in zip(batch, vectors[: len(texts)], strict=True)
        ]
        self.embedded += len(batch)


def _entry(passage: Passage, vector: Vector, heading_vector: Vector | None) -> IndexedChunk:
    return IndexedChunk(
        chunk_id=passage.chunk_id,
        document_id=passage.document_id,
        heading=passage.context,
        text=passage.text,
        language=passage.language,
        vector=vector,
        heading_vector=heading_vector,
    )
