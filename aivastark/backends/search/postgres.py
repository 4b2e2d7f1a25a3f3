"""Search inside PostgreSQL: pgvector for meaning, postings of our analyser's terms for words.

Ranks as the adapter in files does: the same terms, the same BM25, the same cosines, the same fusion. Every scan
is exact and within one project; of a large one the nearest vectors come from an index (see `postgres_near`). A
search reads one snapshot and a publish is one transaction, so any number of processes may do both.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import Connection

from aivastark.backends.held_connection import Pooled
from aivastark.backends.search import postgres_models, postgres_publish
from aivastark.backends.search.base import Hit, IndexedChunk, Models, SearchQuery, SearchResult, StoredVectors
from aivastark.backends.search.fusion import MIN_CANDIDATES, fuse, meaning_weight
from aivastark.backends.search.postgres_candidates import Candidate, candidates, chunks_of, chunks_with, corpus
from aivastark.backends.search.postgres_near import NEAR_FROM, tend
from aivastark.backends.search.postgres_publish import Analysed, analysed
from aivastark.backends.search.words import language_of, weigh
from aivastark.kit.analysis import analyse
from aivastark.postgresql import READING, TAKING_TURNS, open_engine

SEARCH_CONNECTIONS = 8
PUBLISH_CONNECTIONS = 2
"""Of their own, so that publishers who wait for each other do not hold up questions."""

Result = TypeVar("Result")

log = structlog.get_logger()


class PostgresSearch:
    """`SearchEngine` in the tables of a migrated database at `url`, a `postgresql+psycopg` one."""

    def __init__(self, url: str, *, direct_url: str | None = None, near_from: int = NEAR_FROM) -> None:
        """`direct_url` leads past a pooler; a project of `near_from` chunks has an index of its vectors."""
        self._direct_url, self._near_from = direct_url or url, near_from
        is_pooled = self._direct_url != url
        # Errors go into the log; their parameters are what people wrote.
        both: dict[str, Any] = {"max_overflow": 0, "hide_parameters": True, "is_pooled": is_pooled}
        self._reader = open_engine(url, READING, pool_size=SEARCH_CONNECTIONS, **both)
        self._writer = open_engine(url, TAKING_TURNS, pool_size=PUBLISH_CONNECTIONS, **both)
        # As many threads as connections: work waits for a thread, never in one.
        self._readers = ThreadPoolExecutor(SEARCH_CONNECTIONS, thread_name_prefix="search")
        self._writers = ThreadPoolExecutor(PUBLISH_CONNECTIONS, thread_name_prefix="publish")

    async def publish(
        self,
        project_id: str,
        source_id: str,
        *,
        version: int,
        chunks: Sequence[IndexedChunk],
        keep: Collection[str] = (),
    ) -> None:
        """See `SearchEngine.publish`."""
        new = await asyncio.to_thread(_all_analysed, chunks)
        await self._write(
            lambda connection: postgres_publish.publish(
                connection, project_id, source_id, version=version, new=new, keep=keep
            )
        )

    async def vectors(
        self, project_id: str, chunk_ids: Collection[str], *, model_id: str = ""
    ) -> Mapping[str, StoredVectors]:
        """See `SearchEngine.vectors`."""
        return await self._read(lambda connection: postgres_models.vectors(connection, project_id, chunk_ids, model_id))

    async def remove(self, project_id: str, source_id: str | None = None) -> None:
        """See `SearchEngine.remove`."""
        await self._write(lambda connection: postgres_publish.remove(connection, project_id, source_id))

    async def published_version(self, project_id: str, source_id: str) -> int | None:
        """See `SearchEngine.published_version`."""
        return await self._read(
            lambda connection: postgres_publish.published_version(connection, project_id, source_id)
        )

    async def search(
        self, project_id: str, query: SearchQuery, *, coming: Awaitable[NDArray[np.float32] | None] | None = None
    ) -> SearchResult:
        """See `SearchEngine.search`."""
        if coming is not None:
            query = replace(query, vector=await coming)
        return await self._read(lambda connection: _search(connection, project_id, query))

    async def models(self, project_id: str) -> Models | None:
        """See `SearchEngine.models`."""
        return await self._read(lambda connection: postgres_models.models(connection, project_id))

    async def name_model(self, project_id: str, model_id: str) -> None:
        """See `SearchEngine.name_model`."""
        await self._write(lambda connection: postgres_models.name_model(connection, project_id, model_id))

    async def without_vectors(self, project_id: str, model_id: str, *, after: str, limit: int) -> Sequence[str]:
        """See `SearchEngine.without_vectors`."""
        return await self._read(
            lambda connection: postgres_models.without_vectors(
                connection, project_id, model_id, after=after, limit=limit
            )
        )

    async def count_vectors(self, project_id: str, model_id: str) -> tuple[int, int]:
        """See `SearchEngine.count_vectors`."""
        return await self._read(lambda connection: postgres_models.count_vectors(connection, project_id, model_id))

    async def add_vectors(self, project_id: str, model_id: str, vectors: Mapping[str, StoredVectors]) -> None:
        """See `SearchEngine.add_vectors`."""

        def add(connection: Connection) -> None:
            postgres_publish.lock(connection, project_id)
            postgres_models.add_vectors(connection, project_id, model_id, vectors)

        await self._write(add)

    async def switch_model(self, project_id: str, model_id: str) -> bool:
        """See `SearchEngine.switch_model`."""

        def switch(connection: Connection) -> bool:
            postgres_publish.lock(connection, project_id)
            return postgres_models.switch_model(connection, project_id, model_id)

        return await self._write(switch)

    async def tend(self) -> None:
        """See `SearchEngine.tend`."""
        try:
            await tend(self._direct_url, self._near_from)
        except Pooled:
            log.warning("behind a pooler no index is built for large projects: set AIVASTARK_DATABASE_DIRECT_URL")

    async def close(self) -> None:
        """See `SearchEngine.close`."""
        for threads in (self._readers, self._writers):
            await asyncio.to_thread(threads.shutdown)
        self._reader.dispose()
        self._writer.dispose()

    async def _read(self, work: Callable[[Connection], Result]) -> Result:
        """In one snapshot."""

        def run() -> Result:
            with self._reader.connect() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._readers, copy_context().run, run)

    async def _write(self, work: Callable[[Connection], Result]) -> Result:
        """In one transaction."""

        def run() -> Result:
            with self._writer.begin() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._writers, copy_context().run, run)


def _all_analysed(chunks: Sequence[IndexedChunk]) -> list[Analysed]:
    return [analysed(chunk) for chunk in chunks]


def _search(connection: Connection, project_id: str, query: SearchQuery) -> SearchResult:
    known = corpus(connection, project_id)
    if known is None:
        return SearchResult()
    count = known.chunk_count if query.source_ids is None else chunks_of(connection, project_id, query.source_ids)
    language = language_of(query, known.languages)
    counts = chunks_with(connection, project_id, analyse(query.text, language))
    terms = weigh(counts, known.chunk_count)
    vector = query.vector if query.model_id == known.serving else None  # vectors of two models do not compare
    hits: tuple[Hit, ...] = ()
    if count:
        found = candidates(
            connection,
            project_id,
            vector=vector,
            counts={term: counts[term] for term in terms.searched},
            corpus=known,
            source_ids=query.source_ids,
            limit=max(MIN_CANDIDATES, query.limit),
        )
        understood = query.model_languages is None or language in query.model_languages
        fused = fuse(
            np.array([one.keyword or 0.0 for one in found]),
            np.array([one.cosine or 0.0 for one in found]),
            term_weights=terms.searched,
            meaning_weight=0.0 if vector is None else meaning_weight(query.text, understood=understood),
        )
        # Stable, so that of equals the one published first stands first.
        best = np.argsort(-fused, kind="stable")[: query.limit]
        hits = tuple(_hit(found[index], float(fused[index])) for index in best.tolist())
    return SearchResult(
        hits=hits,
        term_weights=terms.weights,
        chunk_count=count,
        languages=known.languages,
        query_language=language,
        model_id=known.serving,
    )


def _hit(candidate: Candidate, score: float) -> Hit:
    return Hit(
        chunk_id=candidate.chunk_id,
        document_id=candidate.document_id,
        source_id=candidate.source_id,
        score=score,
        keyword_score=candidate.keyword,
        vector_score=candidate.cosine,
        keyword_rank=candidate.keyword_rank,
        vector_rank=candidate.vector_rank,
    )
