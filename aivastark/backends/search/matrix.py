"""A project's vectors in memory: an immutable view per state of its file, a cache bounded in bytes."""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_CACHED_BYTES = 512 * 1024 * 1024
"""Of all projects' vectors together, 1,536 B a chunk; the least recently searched is dropped first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What one state (`generation`) of a project's file holds, rows in order of `ids`."""

    generation: int
    ids: NDArray[np.int64]
    """Row ids, ascending, shape `(n,)`."""
    source_codes: NDArray[np.int32]
    """Index into `sources` of each row, shape `(n,)`."""
    sources: tuple[str, ...]
    vectors: NDArray[np.float32]
    """Unit rows, shape `(n, dimensions)`."""
    languages: Mapping[str, int]

    @property
    def size_bytes(self) -> int:
        """What the view occupies in memory, nearly."""
        return int(self.vectors.nbytes + self.ids.nbytes + self.source_codes.nbytes)

    def rows_of(self, source_ids: frozenset[str]) -> NDArray[np.bool_]:
        """Which rows belong to these sources, shape `(n,)`."""
        wanted = [code for code, source in enumerate(self.sources) if source in source_ids]
        mask: NDArray[np.bool_] = np.isin(self.source_codes, wanted)
        return mask


EMPTY = View(
    generation=-1,
    ids=np.empty(0, np.int64),
    source_codes=np.empty(0, np.int32),
    sources=(),
    vectors=np.empty((0, 0), np.float32),
    languages={},
)


def refreshed(view: View, connection: sqlite3.Connection, generation: int) -> View:
    """The view of the connection's snapshot, reusing the rows `view` already has.

    Rows never change and ids are never used again, so what is new has a higher id than anything seen.
    """
    highest = int(view.ids[-1]) if len(view.ids) else 0
    live = connection.execute("SELECT id, source_id FROM chunk ORDER BY id").fetchall()
    ids = np.fromiter((row[0] for row in live), np.int64, len(live))
    codes: dict[str, int] = {}
    source_codes = np.fromiter((codes.setdefault(row[1], len(codes)) for row in live), np.int32, len(live))
    new = connection.execute("SELECT data FROM vector WHERE id > ? ORDER BY id", (highest,)).fetchall()
    kept = view.vectors[np.isin(view.ids, ids, assume_unique=True)]
    vectors = kept
    if new:
        added = np.frombuffer(b"".join(row[0] for row in new), np.float32).reshape(len(new), -1)
        vectors = np.concatenate([kept, added]) if len(kept) else added
    languages = connection.execute(
        "SELECT language, count(*) FROM chunk WHERE language IS NOT NULL GROUP BY language"
    ).fetchall()
    return View(
        generation=generation,
        ids=ids,
        source_codes=source_codes,
        sources=tuple(codes),
        vectors=vectors,
        languages=dict(languages),
    )


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
