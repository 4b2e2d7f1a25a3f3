"""A project's vectors in memory: an immutable view per state of its file, a cache bounded in bytes."""

import sqlite3
import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_CACHED_BYTES = 512 * 1024 * 1024
"""Of all projects' vectors together, 1,536 B a chunk; the least recently searched is dropped first."""


_NO_VECTORS = np.empty((0, 0), np.float32)


@dataclass(frozen=True, kw_only=True, slots=True)
class Vectors:
    """Unit vectors by row id, ascending. Rows never change and ids are never used again."""

    ids: NDArray[np.int64]
    """Shape `(n,)`."""
    data: NDArray[np.float32]
    """Shape `(n, dimensions)`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What one state (`generation`) of a project's file holds."""

    generation: int
    chunks: Vectors
    headings: Vectors
    heading_rows: NDArray[np.int32]
    """Row in `headings` of each chunk, -1 without one, shape `(n,)`."""
    source_codes: NDArray[np.int32]
    """Index into `sources` of each chunk, shape `(n,)`."""
    sources: tuple[str, ...]
    languages: Mapping[str, int]
    """Chunks per language."""

    @property
    def ids(self) -> NDArray[np.int64]:
        """Row ids of the chunks, ascending, shape `(n,)`."""
        return self.chunks.ids

    @property
    def size_bytes(self) -> int:
        """What the view occupies in memory, nearly."""
        return int(self.chunks.data.nbytes + self.headings.data.nbytes + 24 * len(self.ids))

    def rows_of(self, source_ids: frozenset[str]) -> NDArray[np.bool_]:
        """Which chunks belong to these sources, shape `(n,)`."""
        wanted = [code for code, source in enumerate(self.sources) if source in source_ids]
        mask: NDArray[np.bool_] = np.isin(self.source_codes, wanted)
        return mask

    def cosines(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of the question and each chunk or its heading, whichever is closer, shape `(n,)`."""
        cosines: NDArray[np.float32] = self.chunks.data @ vector
        if len(self.headings.ids):
            # The row -1 is the last one, which stands for "no heading".
            by_heading = np.append(self.headings.data @ vector, np.float32(-1))
            cosines = np.maximum(cosines, by_heading[self.heading_rows])
        return cosines


EMPTY = View(
    generation=-1,
    chunks=Vectors(ids=np.empty(0, np.int64), data=_NO_VECTORS),
    headings=Vectors(ids=np.empty(0, np.int64), data=_NO_VECTORS),
    heading_rows=np.empty(0, np.int32),
    source_codes=np.empty(0, np.int32),
    sources=(),
    languages={},
)


def refreshed(view: View, connection: sqlite3.Connection, generation: int) -> View:
    """The view of the connection's snapshot, reusing the vectors `view` already has."""
    rows = connection.execute("SELECT source_id, language, heading_id FROM chunk ORDER BY id").fetchall()
    codes: dict[str, int] = {}
    source_codes = np.fromiter((codes.setdefault(row[0], len(codes)) for row in rows), np.int32, len(rows))
    headings = _refreshed(view.headings, connection, "heading_vector")
    row_of = {int(heading_id): row for row, heading_id in enumerate(headings.ids)}
    return View(
        generation=generation,
        chunks=_refreshed(view.chunks, connection, "vector"),
        headings=headings,
        heading_rows=np.fromiter((row_of.get(row[2], -1) for row in rows), np.int32, len(rows)),
        source_codes=source_codes,
        sources=tuple(codes),
        languages=Counter(row[1] for row in rows if row[1] is not None),
    )


def _refreshed(known: Vectors, connection: sqlite3.Connection, table: str) -> Vectors:
    """The vectors of a table now. What is new has a higher id than anything seen before."""
    highest = int(known.ids[-1]) if len(known.ids) else 0
    live = connection.execute(f"SELECT id FROM {table} ORDER BY id").fetchall()
    ids = np.fromiter((row[0] for row in live), np.int64, len(live))
    kept = known.data[np.isin(known.ids, ids, assume_unique=True)]
    blobs = connection.execute(f"SELECT data FROM {table} WHERE id > ? ORDER BY id", (highest,)).fetchall()
    if not blobs:
        return Vectors(ids=ids, data=kept)
    added = np.frombuffer(b"".join(row[0] for row in blobs), np.float32).reshape(len(blobs), -1)
    return Vectors(ids=ids, data=np.concatenate([kept, added]) if len(kept) else added)


class ViewCache:
    """The newest view of each project, least recently used dropped beyond `max_bytes`. Thread-safe."""

    def __init__(self, max_bytes: int = MAX_CACHED_BYTES) -> None:
        self._max_bytes = max_bytes
        self._views: OrderedDict[str, View] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> View:
        """The view kept under `key`, perhaps of an older state; `EMPTY` when there is none."""
        with self._lock:
            if key in self._views:
                self._views.move_to_end(key)
            return self._views.get(key, EMPTY)

    def put(self, key: str, view: View) -> None:
        """Keep `view` unless a newer one is there already."""
        with self._lock:
            if self._views.get(key, EMPTY).generation >= view.generation:
                return
            self._forget(key)
            self._views[key] = view
            self._bytes += view.size_bytes
            while self._bytes > self._max_bytes and len(self._views) > 1:
                self._forget(next(iter(self._views)))

    def drop(self, key: str) -> None:
        """Forget the view kept under `key`."""
        with self._lock:
            self._forget(key)

    def _forget(self, key: str) -> None:
        view = self._views.pop(key, None)
        if view is not None:
            self._bytes -= view.size_bytes
