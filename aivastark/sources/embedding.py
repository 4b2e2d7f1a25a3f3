"""Vectors for the passages of a sync: full batches across documents, one of them under way while others are read."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from aivastark.backends.base import Backends
from aivastark.backends.embedding.base import Embedder, EmbeddingFailed
from aivastark.backends.search.base import IndexedChunk, StoredVectors
from aivastark.sources.serving_model import other_embedder
from aivastark.telemetry.metrics import PASSAGES

BATCH_PASSAGES = 64

Vector = NDArray[np.float32]
log = structlog.get_logger()


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

    While another model than the one that is set serves the project, an entry has vectors of both, as far as the other
    can be asked. `report` is called now and then, when `done` has grown.
    """

    def __init__(self, backends: Backends, project_id: str, *, report: Callable[[], Awaitable[None]]) -> None:
        self._backends = backends
        self._project_id = project_id
        self._report = report
        self._waiting: list[Passage] = []
        self._headings: dict[str, dict[str, Vector]] = {}
        self._embedders: list[Embedder] = []
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
        embedders = await self._all()
        search, ids = self._backends.search, list(known.values())
        stored = {
            one.model_id: await search.vectors(self._project_id, ids, model_id=one.model_id) if ids else {}
            for one in embedders
        }
        for passage in passages:
            before = known.get(passage.chunk_id, "")
            if all(before in vectors for vectors in stored.values()):
                self._entries.append(_entry(passage, {model: vectors[before] for model, vectors in stored.items()}))
            else:
                self._waiting.append(passage)
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

    async def _all(self) -> list[Embedder]:
        """The model that is set, then the one that serves the project, where that is another and can be asked."""
        if not self._embedders:
            other = await other_embedder(self._backends, self._project_id)
            self._embedders = [self._backends.embedder, *([] if other is None else [other])]
        return self._embedders

    async def _embed(self, batch: list[Passage]) -> None:
        own, *others = await self._all()
        headings = self._headings.setdefault(own.model_id, {})
        made = {own.model_id: await embed_passages(own, batch, headings)}
        for other in others:
            headings = self._headings.setdefault(other.model_id, {})
            try:
                made[other.model_id] = await embed_passages(other, batch, headings)
            except EmbeddingFailed as failure:  # by words alone, then, until all is embedded anew
                log.warning("embedding_failed", model=other.model_id, code=failure.code, reason=failure.message)
                self._embedders = [own]
        for place, passage in enumerate(batch):
            self._entries.append(_entry(passage, {model: vectors[place] for model, vectors in made.items()}))
        self.embedded += len(batch)
        PASSAGES.inc(len(batch))


async def embed_passages(
    embedder: Embedder, passages: Sequence[Passage], headings: dict[str, Vector]
) -> list[StoredVectors]:
    """The vectors of passages. Those of contexts are taken from `headings`, and put there when new."""
    new = [one for one in dict.fromkeys(passage.context for passage in passages) if one and one not in headings]
    texts = [f"{one.context}\n{one.text}" if one.context else one.text for one in passages]
    vectors = await embedder.embed_documents([*texts, *new])
    headings.update(zip(new, vectors[len(texts) :], strict=True))
    return [
        StoredVectors(vector=vector, heading_vector=headings.get(passage.context))
        for passage, vector in zip(passages, vectors[: len(texts)], strict=True)
    ]


def _entry(passage: Passage, made: Mapping[str, StoredVectors]) -> IndexedChunk:
    """`made`: its vectors by model, the one that is set first."""
    (model_id, own), *others = made.items()
    return IndexedChunk(
        chunk_id=passage.chunk_id,
        document_id=passage.document_id,
        heading=passage.context,
        text=passage.text,
        language=passage.language,
        vector=own.vector,
        heading_vector=own.heading_vector,
        model_id=model_id,
        others=dict(others),
    )
