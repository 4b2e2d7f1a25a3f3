"""Writing a project's search tables: one publisher of a project at a time, one transaction a swap."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.dialects import postgresql

from aivastark.backends.search.base import IndexedChunk, StaleVersionError
from aivastark.backends.search.postgres_tables import BY_SOURCE, chunks, headings, postings, projects, sources
from aivastark.kit.analysis import analyse_document

PUBLISHERS = 0x5EA2C4
"""First half of our advisory locks; the second is the project's hash."""

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysed:
    """A chunk with its terms counted."""

    chunk: IndexedChunk
    in_heading: Counter[str]
    in_body: Counter[str]

    @property
    def length(self) -> int:
        """Terms, repetitions counted."""
        return self.in_heading.total() + self.in_body.total()


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """What a source or a project adds up to."""

    chunk_count: int = 0
    term_count: int = 0
    languages: Counter[str] = field(default_factory=Counter)


def analysed(chunk: IndexedChunk) -> Analysed:
    """Count the terms; the slow part, done before anything is locked."""
    heading, body = (analyse_document(text, chunk.language) for text in (chunk.heading, chunk.text))
    return Analysed(chunk=chunk, in_heading=Counter(heading), in_body=Counter(body))


def publish(connection: Connection, project_id: str, source_id: str, version: int, new: Sequence[Analysed]) -> None:
    """Swap the source's rows for those of `new`. Raises `StaleVersionError`."""
    _lock(connection, project_id)
    published = published_version(connection, project_id, source_id)
    if published is not None and version < published:
        raise StaleVersionError(f"{source_id}: version {version} offered, {published} published")
    totals = Totals(
        chunk_count=len(new),
        term_count=sum(one.length for one in new),
        languages=Counter(one.chunk.language for one in new if one.chunk.language is not None),
    )
    first_id = _count(connection, project_id, source_id, totals)
    _forget(connection, project_id, source_id)
    key = {"project_id": project_id, "source_id": source_id}
    connection.execute(insert(sources), {**key, "version": version, **_columns(totals)})
    if new:
        chunk_rows, heading_rows = _vector_rows(key, first_id, new)
        connection.execute(insert(chunks), chunk_rows)
        if heading_rows:
            connection.execute(insert(headings), heading_rows)
        if totals.term_count:
            connection.execute(insert(postings), _posting_rows(key, first_id, new))


def remove(connection: Connection, project_id: str, source_id: str | None) -> None:
    """Forget a source, or all of the project."""
    _lock(connection, project_id)
    if source_id is None:
        for table in (*BY_SOURCE, projects):
            connection.execute(delete(table).where(table.c.project_id == project_id))
    elif published_version(connection, project_id, source_id) is not None:
        _count(connection, project_id, source_id, Totals())
        _forget(connection, project_id, source_id)


def published_version(connection: Connection, project_id: str, source_id: str) -> int | None:
    """See `SearchEngine.published_version`."""
    version: int | None = connection.scalar(
        select(sources.c.version).where(sources.c.project_id == project_id, sources.c.source_id == source_id)
    )
    return version


def as_text(vector: NDArray[np.float32]) -> str:
    """A vector as pgvector reads it; nine digits tell every float32 from its neighbours."""
    return "[" + ",".join([f"{number:.9g}" for number in vector.tolist()]) + "]"


def _lock(connection: Connection, project_id: str) -> None:
    """Wait until no one else publishes in this project; let go at the end of the transaction."""
    connection.execute(select(func.pg_advisory_xact_lock(PUBLISHERS, func.hashtext(project_id))))


def _count(connection: Connection, project_id: str, source_id: str, new: Totals) -> int:
    """Bring the project's counts up to date with `new` in place of what the source had; gives the first free id."""
    project = connection.execute(select(projects).where(projects.c.project_id == project_id)).first()
    source = connection.execute(
        select(sources).where(sources.c.project_id == project_id, sources.c.source_id == source_id)
    ).first()
    all_, old = _totals(project), _totals(source)
    first_id: int = 1 if project is None else project.next_id
    totals = Totals(
        chunk_count=all_.chunk_count - old.chunk_count + new.chunk_count,
        term_count=all_.term_count - old.term_count + new.term_count,
        languages=all_.languages - old.languages + new.languages,
    )
    row = {"next_id": first_id + new.chunk_count, **_columns(totals)}
    upsert = postgresql.insert(projects).values(project_id=project_id, **row)
    connection.execute(upsert.on_conflict_do_update(index_elements=["project_id"], set_=row))
    return first_id


def _forget(connection: Connection, project_id: str, source_id: str) -> None:
    for table in BY_SOURCE:
        connection.execute(delete(table).where(table.c.project_id == project_id, table.c.source_id == source_id))


def _totals(row: Any) -> Totals:
    if row is None:
        return Totals()
    return Totals(chunk_count=row.chunk_count, term_count=row.term_count, languages=Counter(row.languages))


def _columns(totals: Totals) -> Row:
    return {
        "chunk_count": totals.chunk_count,
        "term_count": totals.term_count,
        "languages": dict(totals.languages),
    }


def _vector_rows(key: Row, first_id: int, new: Sequence[Analysed]) -> tuple[list[Row], list[Row]]:
    """Rows of chunks and, each once, of the headings they share."""
    heading_ids: dict[bytes, int] = {}
    chunk_rows, heading_rows = [], []
    for id_, one in enumerate(new, start=first_id):
        heading_id = None
        if (vector := one.chunk.heading_vector) is not None:
            heading_id = heading_ids.setdefault(vector.tobytes(), id_)
            if heading_id == id_:
                heading_rows.append({**key, "id": id_, "vector": as_text(vector)})
        chunk_rows.append(
            {
                **key,
                "id": id_,
                "chunk_id": one.chunk.chunk_id,
                "document_id": one.chunk.document_id,
                "heading_id": heading_id,
                "vector": as_text(one.chunk.vector),
            }
        )
    return chunk_rows, heading_rows


def _posting_rows(key: Row, first_id: int, new: Sequence[Analysed]) -> list[Row]:
    """One row a term."""
    rows: dict[str, Row] = {}
    for id_, one in enumerate(new, start=first_id):
        length = one.length
        for term in one.in_heading | one.in_body:
            row = rows.get(term)
            if row is None:
                row = {**key, "term": term, "chunks": [], "in_heading": [], "in_body": [], "lengths": []}
                rows[term] = row
            row["chunks"].append(id_)
            row["in_heading"].append(one.in_heading[term])
            row["in_body"].append(one.in_body[term])
            row["lengths"].append(length)
    return [{**row, "chunk_count": len(row["chunks"])} for row in rows.values()]
