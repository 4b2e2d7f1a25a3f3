"""Writing a project's search file: a swap costs what it drops and what it adds, whatever else there is."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from aivastark.backends.search.base import IndexedChunk, StaleVersionError
from aivastark.backends.search.sqlite_models import begin, place
from aivastark.kit.analysis import analyse_document

# Not kept, or brought anew; what the second parameter names stays.
_DROPPED = """
INSERT INTO temp.dropped SELECT id FROM chunk
WHERE source_id = ? AND document_id NOT IN (SELECT value FROM json_each(?))
"""
_LOOSE = """
INSERT INTO temp.loose SELECT DISTINCT heading_id FROM chunk
WHERE id IN (SELECT id FROM temp.dropped) AND heading_id IS NOT NULL
"""
_NO_LONGER_LOOSE = """
DELETE FROM temp.loose WHERE EXISTS (SELECT 1 FROM chunk WHERE chunk.heading_id = loose.id)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysed:
    """A chunk with its terms, separated by spaces."""

    chunk: IndexedChunk
    heading: str
    body: str


def analysed(chunk: IndexedChunk) -> Analysed:
    """Tell the terms; the slow part, done before anything is locked."""
    heading, body = (" ".join(analyse_document(text, chunk.language)) for text in (chunk.heading, chunk.text))
    return Analysed(chunk=chunk, heading=heading, body=body)


def publish(
    connection: sqlite3.Connection, source_id: str, version: int, new: Sequence[Analysed], keep: Collection[str]
) -> None:
    """Swap the source's rows, but for those of the documents kept, for `new`. Raises `StaleVersionError`."""
    published = published_version(connection, source_id)
    if published is not None and version < published:
        raise StaleVersionError(f"{source_id}: version {version} offered, {published} published")
    _drop(connection, source_id, keep=set(keep).difference(one.chunk.document_id for one in new))
    if new:
        serving = begin(connection, new[0].chunk.model_id)
        for one in new:
            _insert(connection, source_id, one, serving=serving)
    _drop_loose_headings(connection)
    connection.execute("INSERT OR REPLACE INTO source VALUES (?, ?)", (source_id, version))
    connection.execute("UPDATE meta SET generation = generation + 1")


def remove(connection: sqlite3.Connection, source_id: str) -> None:
    """Forget a source."""
    _drop(connection, source_id, keep=())
    _drop_loose_headings(connection)
    connection.execute("DELETE FROM source WHERE source_id = ?", (source_id,))
    connection.execute("UPDATE meta SET generation = generation + 1")


def published_version(connection: sqlite3.Connection, source_id: str) -> int | None:
    """See `SearchEngine.published_version`."""
    row = connection.execute("SELECT version FROM source WHERE source_id = ?", (source_id,)).fetchone()
    return None if row is None else int(row[0])


def _drop(connection: sqlite3.Connection, source_id: str, *, keep: Collection[str]) -> None:
    """Delete the rows of the source's documents that are not kept, and note which headings they had."""
    # The tables go with the connection, and a writer has one for each transaction.
    connection.execute("CREATE TEMP TABLE dropped (id INTEGER PRIMARY KEY)")
    connection.execute("CREATE TEMP TABLE loose (id INTEGER PRIMARY KEY)")
    connection.execute(_DROPPED, (source_id, json.dumps(list(keep))))
    connection.execute(_LOOSE)
    beside = (("coming_vector", "id"), ("coming_heading_of", "id"))
    for table, key in (("terms", "rowid"), ("vector", "id"), *beside, ("chunk", "id")):
        connection.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT id FROM temp.dropped)")


def _drop_loose_headings(connection: sqlite3.Connection) -> None:
    """Delete the headings noted that no chunk has any more; the new ones may have taken some."""
    connection.execute(_NO_LONGER_LOOSE)
    for table in ("heading_vector", "heading_digest"):
        connection.execute(f"DELETE FROM {table} WHERE id IN (SELECT id FROM temp.loose)")


def _insert(connection: sqlite3.Connection, source_id: str, new: Analysed, *, serving: str) -> None:
    """One row in every table, and one for the heading if it is new."""
    chunk = new.chunk
    row_id = connection.execute(
        "INSERT INTO chunk (source_id, chunk_id, document_id, language) VALUES (?, ?, ?, ?)",
        (source_id, chunk.chunk_id, chunk.document_id, chunk.language),
    ).lastrowid
    assert row_id is not None  # an INSERT into a rowid table has one
    place(connection, row_id, chunk, serving=serving)
    connection.execute("INSERT INTO terms (rowid, heading, body) VALUES (?, ?, ?)", (row_id, new.heading, new.body))
