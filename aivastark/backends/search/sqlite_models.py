"""Which model's vectors a project's file is searched by, and those of the next one, gathered beside them."""

import json
import secrets
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from aivastark.backends.search.base import IndexedChunk, Models, StoredVectors

DIGEST_BYTES = 16
"""Of a heading vector, to find out whether it is there already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """Where vectors of one model are."""

    vectors: str
    headings: str
    digests: str
    heading_of: str
    """A query for each chunk's heading: rows of `id` and `heading_id`."""
    note_heading: str
    """Notes the heading (second parameter) of a chunk (first)."""


SERVING = Shelf(
    vectors="vector",
    headings="heading_vector",
    digests="heading_digest",
    heading_of="SELECT id, heading_id FROM chunk",
    note_heading="UPDATE chunk SET heading_id = ?2 WHERE id = ?1",
)
COMING = Shelf(
    vectors="coming_vector",
    headings="coming_heading_vector",
    digests="coming_heading_digest",
    heading_of="SELECT id, heading_id FROM coming_heading_of",
    note_heading="INSERT INTO coming_heading_of VALUES (?1, ?2)",
)

_VECTORS = """
SELECT chunk_id, given.data, heading.data
FROM chunk JOIN {vectors} AS given USING (id)
LEFT JOIN ({heading_of}) AS headed ON headed.id = chunk.id
LEFT JOIN {headings} AS heading ON heading.id = headed.heading_id
WHERE chunk_id IN (SELECT value FROM json_each(?))
"""
_WITHOUT = """
SELECT chunk_id FROM chunk INDEXED BY chunk_by_chunk_id
WHERE chunk_id > ? AND NOT EXISTS (SELECT 1 FROM {vectors} AS given WHERE given.id = chunk.id)
ORDER BY chunk_id LIMIT ?
"""
_LACKING = """
SELECT id, chunk_id FROM chunk
WHERE chunk_id IN (SELECT value FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM {vectors} AS given WHERE given.id = chunk.id)
"""
_LOOSE = "DELETE FROM {table} WHERE id NOT IN (SELECT heading_id FROM coming_heading_of)"
_HEADINGS_MOVE = """
UPDATE chunk SET heading_id = (SELECT heading_id FROM coming_heading_of WHERE coming_heading_of.id = chunk.id)
"""


def models(connection: sqlite3.Connection) -> Models:
    """See `SearchEngine.models`."""
    serving, coming = connection.execute("SELECT serving, coming FROM model").fetchone()
    return Models(serving=serving, coming=coming)


def name_model(connection: sqlite3.Connection, model_id: str) -> None:
    """See `SearchEngine.name_model`."""
    connection.execute("UPDATE model SET serving = ? WHERE serving = ''", (model_id,))


def vectors(connection: sqlite3.Connection, chunk_ids: Collection[str], model_id: str) -> dict[str, StoredVectors]:
    """See `SearchEngine.vectors`."""
    shelf = _shelf_of(models(connection), model_id)
    if shelf is None:
        return {}
    statement = _VECTORS.format(vectors=shelf.vectors, headings=shelf.headings, heading_of=shelf.heading_of)
    return {
        chunk_id: StoredVectors(
            vector=np.frombuffer(vector, np.float32),
            heading_vector=None if heading is None else np.frombuffer(heading, np.float32),
        )
        for chunk_id, vector, heading in connection.execute(statement, (json.dumps(list(chunk_ids)),))
    }


def without_vectors(connection: sqlite3.Connection, model_id: str, *, after: str, limit: int) -> list[str]:
    """See `SearchEngine.without_vectors`."""
    shelf = _shelf_of(models(connection), model_id)
    if shelf is None:
        statement = "SELECT chunk_id FROM chunk WHERE chunk_id > ? ORDER BY chunk_id LIMIT ?"
    else:
        statement = _WITHOUT.format(vectors=shelf.vectors)
    return [row[0] for row in connection.execute(statement, (after, limit))]


def count_vectors(connection: sqlite3.Connection, model_id: str) -> tuple[int, int]:
    """See `SearchEngine.count_vectors`."""
    shelf = _shelf_of(models(connection), model_id)
    given = 0 if shelf is None else _count(connection, shelf.vectors)
    return _count(connection, "chunk"), given


def add_vectors(connection: sqlite3.Connection, model_id: str, given: Mapping[str, StoredVectors]) -> None:
    """See `SearchEngine.add_vectors`."""
    serving = begin(connection, model_id)
    shelf = SERVING if serving == model_id else COMING
    lacking = _LACKING.format(vectors=shelf.vectors)
    for row_id, chunk_id in connection.execute(lacking, (json.dumps(list(given)),)).fetchall():
        put(connection, shelf, row_id, given[chunk_id])
    if shelf is SERVING:  # views keep rows that they have seen
        _made_anew(connection)


def switch_model(connection: sqlite3.Connection, model_id: str) -> bool:
    """See `SearchEngine.switch_model`."""
    known = models(connection)
    if without_vectors(connection, model_id, after="", limit=1):
        return False
    if known.serving != model_id and _shelf_of(known, model_id) is COMING:
        for table in (COMING.headings, COMING.digests):
            connection.execute(_LOOSE.format(table=table))
        connection.execute(_HEADINGS_MOVE)
        # To move the tables costs nothing, however much is in them.
        for old, new in ((SERVING.vectors, COMING.vectors), (SERVING.headings, COMING.headings)):
            connection.execute(f"DROP TABLE {old}")
            connection.execute(f"ALTER TABLE {new} RENAME TO {old}")
        connection.execute(f"DROP TABLE {SERVING.digests}")
        connection.execute(f"ALTER TABLE {COMING.digests} RENAME TO {SERVING.digests}")
        connection.execute("DROP TABLE coming_heading_of")
        _made_anew(connection)
    elif known.coming:
        _forget_coming(connection)
    connection.execute("UPDATE model SET serving = ?, coming = ''", (model_id,))
    return True


def begin(connection: sqlite3.Connection, model_id: str) -> str:
    """Make ready for vectors of this model; gives the one that serves, which in an empty project is this one."""
    known = models(connection)
    if connection.execute("SELECT 1 FROM chunk LIMIT 1").fetchone() is None:
        _forget_coming(connection)
        connection.execute("UPDATE model SET serving = ?, coming = ''", (model_id,))
        return model_id
    if model_id not in (known.serving, known.coming):
        _forget_coming(connection)
        connection.execute("UPDATE model SET coming = ?", (model_id,))
    return known.serving


def place(connection: sqlite3.Connection, row_id: int, chunk: IndexedChunk, *, serving: str) -> None:
    """The vectors of a new chunk, each where those of its model are."""
    own = StoredVectors(vector=chunk.vector, heading_vector=chunk.heading_vector)
    if chunk.model_id == serving:
        put(connection, SERVING, row_id, own)
        return
    put(connection, COMING, row_id, own)
    if serving in chunk.others:
        put(connection, SERVING, row_id, chunk.others[serving])


def put(connection: sqlite3.Connection, shelf: Shelf, row_id: int, given: StoredVectors) -> None:
    """The vectors of a chunk that has none there."""
    connection.execute(f"INSERT INTO {shelf.vectors} VALUES (?, ?)", (row_id, _blob(given.vector)))
    if given.heading_vector is not None:
        heading_id = _heading_id(connection, shelf, row_id, _blob(given.heading_vector))
        connection.execute(shelf.note_heading, (row_id, heading_id))


def _heading_id(connection: sqlite3.Connection, shelf: Shelf, row_id: int, heading: bytes) -> int:
    """Where the heading's vector is kept: under the id it has, or from now on under `row_id`."""
    digest = blake2b(heading, digest_size=DIGEST_BYTES).digest()
    row = connection.execute(f"SELECT id FROM {shelf.digests} WHERE digest = ?", (digest,)).fetchone()
    if row is not None:
        return int(row[0])
    connection.execute(f"INSERT INTO {shelf.headings} VALUES (?, ?)", (row_id, heading))
    connection.execute(f"INSERT INTO {shelf.digests} VALUES (?, ?)", (row_id, digest))
    return row_id


def _forget_coming(connection: sqlite3.Connection) -> None:
    for table in (COMING.vectors, COMING.headings, COMING.digests, "coming_heading_of"):
        connection.execute(f"DELETE FROM {table}")


def _made_anew(connection: sqlite3.Connection) -> None:
    """What is kept in memory of the file is of no use any more."""
    connection.execute("UPDATE meta SET file_id = ?, generation = generation + 1", (secrets.token_hex(8),))


def _shelf_of(known: Models, model_id: str) -> Shelf | None:
    if model_id == known.serving:
        return SERVING
    return COMING if model_id == known.coming else None


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _blob(vector: NDArray[np.float32]) -> bytes:
    return np.ascontiguousarray(vector, dtype=np.float32).tobytes()
