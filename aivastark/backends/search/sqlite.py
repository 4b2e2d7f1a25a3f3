"""Search without a server: one SQLite file per project, FTS5 for words, a matrix in memory for meaning.

Both halves of a search read one snapshot of the file; a publish is one transaction. So a search sees a
source as it was before a swap or as it is after, in whichever process the swap happens.
"""

import asyncio
import json
import os
import sqlite3
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from aivastark.backends.search import sqlite_models, sqlite_publish
from aivastark.backends.search.base import Hit, IndexedChunk, Models, SearchQuery, SearchResult, StoredVectors
from aivastark.backends.search.fusion import MIN_CANDIDATES, fuse, meaning_weight
from aivastark.backends.search.matrix import MAX_CACHED_BYTES, View, ViewCache, best_rows, refreshed
from aivastark.backends.search.sqlite_files import SearchFiles
from aivastark.backends.search.sqlite_words import best_by_words, counts_of
from aivastark.backends.search.words import Terms, language_of, weigh
from aivastark.kit.analysis import analyse
from aivastark.kit.memory import return_freed_memory
from aivastark.telemetry.metrics import VIEWS

MUCH_READ_BYTES = 1_000_000  # of vectors new to a search: what else they left behind is worth giving back

Result = TypeVar("Result")


class SqliteSearch:
    """`SearchEngine` in files under `folder`."""

    def __init__(self, folder: Path, *, max_cached_bytes: int = MAX_CACHED_BYTES) -> None:
        self._files = SearchFiles(folder)
        self._views = ViewCache(max_cached_bytes)
        # One thread more than cores: a search that waits for the disk does not hold up the others.
        self._threads = ThreadPoolExecutor((os.cpu_count() or 1) + 1, thread_name_prefix="search")

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
        await asyncio.to_thread(self._publish, project_id, source_id, version, chunks, keep)

    async def vectors(
        self, project_id: str, chunk_ids: Collection[str], *, model_id: str = ""
    ) -> Mapping[str, StoredVectors]:
        """See `SearchEngine.vectors`."""
        nothing: dict[str, StoredVectors] = {}
        return await self._read(project_id, lambda file: sqlite_models.vectors(file, chunk_ids, model_id), nothing)

    async def remove(self, project_id: str, source_id: str | None = None) -> None:
        """See `SearchEngine.remove`."""
        await asyncio.to_thread(self._remove, project_id, source_id)

    async def published_version(self, project_id: str, source_id: str) -> int | None:
        """See `SearchEngine.published_version`."""
        nothing: int | None = None
        return await self._read(project_id, lambda file: sqlite_publish.published_version(file, source_id), nothing)

    async def search(
        self, project_id: str, query: SearchQuery, *, coming: Awaitable[NDArray[np.float32] | None] | None = None
    ) -> SearchResult:
        """See `SearchEngine.search`."""
        loop = asyncio.get_running_loop()
        if coming is None:
            return await loop.run_in_executor(self._threads, self._search, project_id, query, None)
        looking = loop.run_in_executor(self._threads, self._look_for_words, project_id, query)
        # No thread waits for a model: other questions' words are looked for meanwhile.
        vector, by_words = await asyncio.gather(coming, looking)
        query = replace(query, vector=vector)
        return await loop.run_in_executor(self._threads, self._search, project_id, query, by_words)

    async def models(self, project_id: str) -> Models | None:
        """See `SearchEngine.models`."""
        nothing: Models | None = None
        return await self._read(project_id, sqlite_models.models, nothing)

    async def name_model(self, project_id: str, model_id: str) -> None:
        """See `SearchEngine.name_model`."""
        await self._write(project_id, lambda file: sqlite_models.name_model(file, model_id), None)

    async def without_vectors(self, project_id: str, model_id: str, *, after: str, limit: int) -> Sequence[str]:
        """See `SearchEngine.without_vectors`."""
        nothing: list[str] = []
        return await self._read(
            project_id,
            lambda file: sqlite_models.without_vectors(file, model_id, after=after, limit=limit),
            nothing,
        )

    async def count_vectors(self, project_id: str, model_id: str) -> tuple[int, int]:
        """See `SearchEngine.count_vectors`."""
        return await self._read(project_id, lambda file: sqlite_models.count_vectors(file, model_id), (0, 0))

    async def add_vectors(self, project_id: str, model_id: str, vectors: Mapping[str, StoredVectors]) -> None:
        """See `SearchEngine.add_vectors`."""
        await self._write(project_id, lambda file: sqlite_models.add_vectors(file, model_id, vectors), None)

    async def switch_model(self, project_id: str, model_id: str) -> bool:
        """See `SearchEngine.switch_model`."""
        return await self._write(project_id, lambda file: sqlite_models.switch_model(file, model_id), True)

    async def tend(self) -> None:
        """See `SearchEngine.tend`. All vectors of a project are in memory, so there is nothing to do."""

    async def close(self) -> None:
        """See `SearchEngine.close`."""
        await asyncio.to_thread(self._threads.shutdown)
        self._files.close()

    def _publish(
        self, project_id: str, source_id: str, version: int, chunks: Sequence[IndexedChunk], keep: Collection[str]
    ) -> None:
        new = [sqlite_publish.analysed(chunk) for chunk in chunks]
        with self._files.writer(project_id, create=True) as connection:
            assert connection is not None  # created above
            sqlite_publish.publish(connection, source_id, version, new, keep)

    async def _read(self, project_id: str, work: Callable[[sqlite3.Connection], Result], nothing: Result) -> Result:
        """What `work` finds in the project's file; `nothing` without one."""

        def run() -> Result:
            with self._files.reader(project_id) as connection:
                return nothing if connection is None else work(connection)

        return await asyncio.to_thread(run)

    async def _write(self, project_id: str, work: Callable[[sqlite3.Connection], Result], nothing: Result) -> Result:
        """`work` in one transaction of the project's file; `nothing` without one."""

        def run() -> Result:
            with self._files.writer(project_id, create=False) as connection:
                return nothing if connection is None else work(connection)

        return await asyncio.to_thread(run)

    def _remove(self, project_id: str, source_id: str | None) -> None:
        if source_id is None:
            self._files.delete(project_id)
            return
        with self._files.writer(project_id, create=False) as connection:
            if connection is not None:
                sqlite_publish.remove(connection, source_id)

    def _look_for_words(self, project_id: str, query: SearchQuery) -> "_ByWords | None":
        with self._files.reader(project_id) as connection:
            if connection is None:
                return None
            view, _ = self._view_in_snapshot(project_id, connection)
            try:
                return _look_for_words(connection, view, query)
            finally:
                connection.execute("ROLLBACK")

    def _search(self, project_id: str, query: SearchQuery, by_words: "_ByWords | None") -> SearchResult:
        with self._files.reader(project_id) as connection:
            if connection is None:
                return SearchResult()
            view, serving = self._view_in_snapshot(project_id, connection)
            try:
                if by_words is None or by_words.view is not view:  # a swap happened since: read that state
                    by_words = _look_for_words(connection, view, query)
                return _search_snapshot(connection, by_words, query, serving=serving)
            finally:
                connection.execute("ROLLBACK")

    def _view_in_snapshot(self, project_id: str, connection: sqlite3.Connection) -> tuple[View, str]:
        """Begins a read transaction; the view, and the model it is of, are exactly the state that transaction sees."""
        while True:
            connection.execute("BEGIN")
            file_id, generation, serving = connection.execute(
                "SELECT file_id, generation, serving FROM meta, model"
            ).fetchone()
            key = f"{project_id}/{file_id}"
            view = self._views.get(key)
            if view.generation == generation:
                VIEWS.labels("whole").inc()
                return view, serving
            if view.generation < generation:
                VIEWS.labels("none" if view.generation < 0 else "older").inc()
                known, view = view, refreshed(view, connection, generation)
                if view.size_bytes - known.size_bytes > MUCH_READ_BYTES:
                    return_freed_memory()  # the rows the vectors came in
                self._views.put(key, view)
                return view, serving
            connection.execute("ROLLBACK")  # a swap happened between BEGIN and now: read that state


@dataclass(frozen=True, kw_only=True, slots=True)
class _ByWords:
    """What words found in one state of a file."""

    view: View
    language: str | None
    """The one the question was analysed in."""
    terms: Terms
    allowed: NDArray[np.bool_] | None
    """Which chunks may be found, None all."""
    rows: NDArray[np.int64]
    """Best first, shape `(n,)`."""
    scores: NDArray[np.float64]


def _look_for_words(connection: sqlite3.Connection, view: View, query: SearchQuery) -> _ByWords:
    language = language_of(query, view.languages)
    counts = counts_of(connection, analyse(query.text, language))
    terms = weigh({term: count.chunks for term, count in counts.items()}, len(view.ids))
    allowed = None if query.source_ids is None else view.rows_of(query.source_ids)
    rows, scores = best_by_words(connection, view, terms, counts, allowed, max(MIN_CANDIDATES, query.limit))
    return _ByWords(view=view, language=language, terms=terms, allowed=allowed, rows=rows, scores=scores)


def _search_snapshot(
    connection: sqlite3.Connection, by_words: _ByWords, query: SearchQuery, *, serving: str
) -> SearchResult:
    view, language, terms = by_words.view, by_words.language, by_words.terms
    vector = query.vector if query.model_id == serving else None  # vectors of two models do not compare
    allowed = by_words.allowed
    count = len(view.ids) if allowed is None else int(allowed.sum())
    hits: tuple[Hit, ...] = ()
    if count:
        if vector is None:
            nothing = np.zeros(0, np.int64), np.zeros(len(view.ids), np.float32)
            candidates = _Candidates.of(by_words.rows, by_words.scores, *nothing)
        else:
            cosines = view.cosines(vector)
            best = best_rows(cosines, allowed, max(MIN_CANDIDATES, query.limit))
            candidates = _Candidates.of(by_words.rows, by_words.scores, best, cosines)
        understood = query.model_languages is None or language in query.model_languages
        fused = fuse(
            candidates.keyword,
            candidates.cosine,
            term_weights=terms.searched,
            meaning_weight=0.0 if vector is None else meaning_weight(query.text, understood=understood),
        )
        hits = _hits(connection, view, candidates, fused, by_meaning=vector is not None, limit=query.limit)
    return SearchResult(
        hits=hits,
        term_weights=terms.weights,
        chunk_count=count,
        languages=view.languages,
        query_language=language,
        model_id=serving,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Candidates:
    """The union of what both halves named, aligned arrays of shape `(n,)`; ranks are 0 where one did not."""

    rows: NDArray[np.int64]
    keyword: NDArray[np.float64]
    cosine: NDArray[np.float64]
    keyword_rank: NDArray[np.int64]
    vector_rank: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        keyword_rows: NDArray[np.int64],
        keyword_scores: NDArray[np.float64],
        vector_rows: NDArray[np.int64],
        cosines: NDArray[np.float32],
    ) -> "_Candidates":
        rows = np.union1d(keyword_rows, vector_rows)
        keyword, keyword_rank = np.zeros(len(rows)), np.zeros(len(rows), np.int64)
        at = np.searchsorted(rows, keyword_rows)
        keyword[at], keyword_rank[at] = keyword_scores, np.arange(1, len(keyword_rows) + 1)
        vector_rank = np.zeros(len(rows), np.int64)
        vector_rank[np.searchsorted(rows, vector_rows)] = np.arange(1, len(vector_rows) + 1)
        return cls(
            rows=rows,
            keyword=keyword,
            cosine=cosines[rows].astype(np.float64),
            keyword_rank=keyword_rank,
            vector_rank=vector_rank,
        )


def _hits(
    connection: sqlite3.Connection,
    view: View,
    candidates: _Candidates,
    fused: NDArray[np.float64],
    *,
    by_meaning: bool,
    limit: int,
) -> tuple[Hit, ...]:
    best = np.lexsort((candidates.rows, -fused))[:limit]
    ids = view.ids[candidates.rows[best]].tolist()
    names = _names(connection, ids)
    hits = []
    for index, row_id in zip(best.tolist(), ids, strict=True):
        chunk_id, document_id, source_id = names[row_id]
        keyword_rank = int(candidates.keyword_rank[index])
        hits.append(
            Hit(
                chunk_id=chunk_id,
                document_id=document_id,
                source_id=source_id,
                score=float(fused[index]),
                keyword_score=float(candidates.keyword[index]) if keyword_rank else None,
                vector_score=None if not by_meaning else float(candidates.cosine[index]),
                keyword_rank=keyword_rank or None,
                vector_rank=int(candidates.vector_rank[index]) or None,
            )
        )
    return tuple(hits)


def _names(connection: sqlite3.Connection, ids: list[int]) -> dict[int, tuple[str, str, str]]:
    (found,) = connection.execute(
        """
        SELECT json_group_array(json_array(id, chunk_id, document_id, source_id))
        FROM chunk WHERE id IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(ids),),
    ).fetchone()
    return {row[0]: (row[1], row[2], row[3]) for row in orjson.loads(found)}
