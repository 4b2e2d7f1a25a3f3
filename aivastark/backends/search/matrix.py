"""A project's vectors in memory: an immutable view per state of its file, a cache bounded in bytes."""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
class Labels:
    """A word for each row, or none. Many rows share few words, so they are kept once."""

    codes: NDArray[np.int32]
    """Index into `names` of each row, -1 for none, shape `(n,)`."""
    names: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """Rows per word."""
        counted = np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))
        return {name: int(count) for name, count in zip(self.names, counted, strict=True)}


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What one state (`generation`) of a project's file holds."""

    generation: int
    chunks: Vectors
    headings: Vectors
    heading_ids: NDArray[np.int64]
    """Id in `headings` of each chunk, 0 without one, shape `(n,)`."""
    heading_rows: NDArray[np.int64]
    """Row in `headings` of each chunk, -1 without one, shape `(n,)`."""
    lengths: NDArray[np.int32]
    """Terms of each chunk and its heading, shape `(n,)`."""
    source_labels: Labels
    language_labels: Labels
    languages: Mapping[str, int]
    """Chunks per language."""

    @property
    def ids(self) -> NDArray[np.int64]:
        """Row ids of the chunks, ascending, shape `(n,)`."""
        return self.chunks.ids

    @property
    def size_bytes(self) -> int:
        """What the view occupies in memory, nearly."""
        return int(self.chunks.data.nbytes + self.headings.data.nbytes + 36 * len(self.ids))

    @property
    def mean_length(self) -> float:
        """Terms of a chunk, 0 if there is none."""
        return float(self.lengths.mean()) if len(self.lengths) else 0.0

    def rows_of(self, source_ids: frozenset[str]) -> NDArray[np.bool_]:
        """Which chunks belong to these sources, shape `(n,)`."""
        wanted = [code for code, source in enumerate(self.source_labels.names) if source in source_ids]
        mask: NDArray[np.bool_] = np.isin(self.source_labels.codes, wanted)
        return mask

    def cosines(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of the question and each chunk or its heading, whichever is closer, shape `(n,)`; 0 without a vector."""
        if self.chunks.data.shape[1] != len(vector):  # no chunk has one
            return np.zeros(len(self.ids), np.float32)
        cosines: NDArray[np.float32] = self.chunks.data @ vector
        if len(self.headings.ids):
            # The row -1 is the last one, which stands for "no heading".
            by_heading = np.append(self.headings.data @ vector, np.float32(-1))
            cosines = np.maximum(cosines, by_heading[self.heading_rows])
        return cosines


def best_rows(values: NDArray[np.floating[Any]], allowed: NDArray[np.bool_] | None, limit: int) -> NDArray[np.int64]:
    """Rows of the `limit` greatest values among those allowed, best first, of equal ones the earlier first."""
    rows = np.arange(len(values)) if allowed is None else np.flatnonzero(allowed)
    if limit < len(rows):
        theirs = values[rows]
        least = np.partition(theirs, -limit)[-limit]
        better, equal = rows[theirs > least], rows[theirs == least]
        rows = np.sort(np.concatenate([better, equal[: limit - len(better)]]))
    ordered: NDArray[np.int64] = rows[np.argsort(-values[rows], kind="stable")]
    return ordered


_NO_LABELS = Labels(codes=np.empty(0, np.int32), names=())

EMPTY = View(
    generation=-1,
    chunks=Vectors(ids=np.empty(0, np.int64), data=_NO_VECTORS),
    headings=Vectors(ids=np.empty(0, np.int64), data=_NO_VECTORS),
    heading_ids=np.empty(0, np.int64),
    heading_rows=np.empty(0, np.int64),
    lengths=np.empty(0, np.int32),
    source_labels=_NO_LABELS,
    language_labels=_NO_LABELS,
    languages={},
)

_NEW_CHUNKS = """
SELECT chunk.id, data, source_id, language, coalesce(heading_id, 0), sz
FROM chunk JOIN terms_docsize USING (id) LEFT JOIN vector USING (id) WHERE chunk.id > ? ORDER BY chunk.id
"""


def refreshed(view: View, connection: sqlite3.Connection, generation: int) -> View:
    """The view of the connection's snapshot. Of what `view` has already, only the ids are read."""
    live = np.fromiter((row[0] for row in connection.execute("SELECT id FROM chunk")), np.int64)
    kept = np.isin(view.ids, live, assume_unique=True)
    # What is new has a higher id than anything seen before.
    rows = connection.execute(_NEW_CHUNKS, (_highest(view.chunks),)).fetchall()
    heading_ids = np.concatenate([view.heading_ids[kept], np.array([row[4] for row in rows], np.int64)])
    headings = _headings(view.headings, connection, np.unique(heading_ids))
    language_labels = _labelled(view.language_labels, kept, [row[3] for row in rows])
    return View(
        generation=generation,
        chunks=_changed(view.chunks, kept, [(row[0], row[1]) for row in rows]),
        headings=headings,
        heading_ids=heading_ids,
        heading_rows=_rows_in(headings, heading_ids),
        lengths=np.concatenate([view.lengths[kept], np.array([_length(row[5]) for row in rows], np.int32)]),
        source_labels=_labelled(view.source_labels, kept, [row[2] for row in rows]),
        language_labels=language_labels,
        languages=language_labels.counts(),
    )


def _length(sizes: bytes) -> int:
    """Terms of a row of FTS5, all columns together, of its `docsize`: a number a column, seven bits a byte."""
    total = number = 0
    for byte in sizes:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            total, number = total + number, 0
    return total


def _headings(known: Vectors, connection: sqlite3.Connection, live: NDArray[np.int64]) -> Vectors:
    rows = connection.execute("SELECT id, data FROM heading_vector WHERE id > ? ORDER BY id", (_highest(known),))
    return _changed(known, np.isin(known.ids, live, assume_unique=True), rows.fetchall())


def _highest(known: Vectors) -> int:
    return int(known.ids[-1]) if len(known.ids) else 0


def _changed(known: Vectors, kept: NDArray[np.bool_], added: Sequence[tuple[int, bytes | None]]) -> Vectors:
    """The rows `kept`, then those `added`; each vector is copied once, and none if nothing changed.

    What has no vector has a row of zeros: it is close to nothing.
    """
    if kept.all() and not added:
        return known
    ids = np.concatenate([known.ids[kept], np.array([id_ for id_, _ in added], np.int64)])
    if not added:
        return Vectors(ids=ids, data=known.data[kept])
    new = _stacked([data for _, data in added], width=known.data.shape[1])
    if not kept.any():
        return Vectors(ids=ids, data=new)
    if known.data.shape[1] != new.shape[1]:  # none that was known has a vector
        known = Vectors(ids=known.ids, data=np.zeros((len(known.ids), new.shape[1]), np.float32))
    data = np.empty((len(ids), new.shape[1]), np.float32)
    np.compress(kept, known.data, axis=0, out=data[: -len(new)])
    data[-len(new) :] = new
    return Vectors(ids=ids, data=data)


def _stacked(added: Sequence[bytes | None], *, width: int) -> NDArray[np.float32]:
    """Vectors as rows; `width` is how many numbers a row has where none of them has a vector."""
    size = next((len(data) for data in added if data is not None), 4 * width)
    nothing = bytes(size)
    rows = b"".join(nothing if data is None else data for data in added)
    return np.frombuffer(rows, np.float32).reshape(len(added), size // 4)


def _rows_in(headings: Vectors, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The row of each id, -1 where there is none."""
    if not len(headings.ids):
        return np.full(len(ids), -1, np.int64)
    rows = np.searchsorted(headings.ids, ids)
    there = headings.ids.take(rows, mode="clip") == ids
    return np.where(there, rows, -1)


def _labelled(known: Labels, kept: NDArray[np.bool_], added: Sequence[str | None]) -> Labels:
    """Of the rows `kept`, then of those `added`, without the words that no row has any more."""
    codes_kept = known.codes[kept]
    used = np.unique(codes_kept[codes_kept >= 0])
    names = {known.names[code]: place for place, code in enumerate(used.tolist())}
    recoded = np.where(codes_kept >= 0, np.searchsorted(used, codes_kept), -1)
    new = [-1 if name is None else names.setdefault(name, len(names)) for name in added]
    return Labels(codes=np.concatenate([recoded, new]).astype(np.int32), names=tuple(names))


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
