"""Writing a project's search tables: one publisher of a project at a time, one transaction a swap."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, text
from sqlalchemy.dialects import postgresql

from aivastark.backends.search.base import IndexedChunk, StaleVersionError, StoredVectors
from aivastark.backends.search.postgres_models import begin, put_beside, put_headings
from aivastark.backends.search.postgres_postings import put_in, take_out
from aivastark.backends.search.postgres_tables import BY_SOURCE, chunks, coming, headings, projects, sources
from aivastark.backends.search.postgres_vectors import as_text
from aivastark.kit.analysis import analyse_document

PUBLISHERS = 0x5EA2C4
"""First half of our advisory locks; the second is the project's hash."""
Row = dict[str, Any]

_DOCUMENTS = """
SELECT DISTINCT document_id FROM search_chunks WHERE project_id = :project_id AND source_id = :source_id
"""
_DROP_CHUNKS = """
DELETE FROM search_chunks
WHERE project_id = :project_id AND source_id = :source_id AND document_id = ANY(:dropped)
RETURNING id, language, length, heading_id
"""
_DROP_LOOSE_HEADINGS = """
DELETE FROM search_headings AS heading
WHERE project_id = :project_id AND id = ANY(:loose) AND NOT EXISTS (
  SELECT FROM search_chunks AS chunk WHERE chunk.project_id = heading.project_id AND chunk.heading_id = heading.id
)
"""


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
    heading, body = (analyse_document(text_, chunk.language) for text_ in (chunk.heading, chunk.text))
    return Analysed(chunk=chunk, in_heading=Counter(heading), in_body=Counter(body))


def publish(
    connection: Connection,
    project_id: str,
    source_id: str,
    *,
    version: int,
    new: Sequence[Analysed],
    keep: Collection[str],
) -> None:
    """Swap the source's rows, but for those of the documents kept, for `new`. Raises `StaleVersionError`."""
    lock(connection, project_id)
    published = published_version(connection, project_id, source_id)
    if published is not None and version < published:
        raise StaleVersionError(f"{source_id}: version {version} offered, {published} published")
    key = {"project_id": project_id, "source_id": source_id}
    dropped, loose = _drop(connection, key, keep=set(keep).difference(one.chunk.document_id for one in new))
    serving = begin(connection, project_id, new[0].chunk.model_id) if new else ""
    first_id = _count(connection, key, version=version, dropped=dropped, new=_totals_of(new))
    if new:
        _insert(connection, key, first_id, new, serving=serving)
    if loose:
        connection.execute(text(_DROP_LOOSE_HEADINGS), {**key, "loose": loose})


def remove(connection: Connection, project_id: str, source_id: str | None) -> None:
    """Forget a source, or all of the project."""
    lock(connection, project_id)
    if source_id is None:
        for table in (*BY_SOURCE, projects):
            connection.execute(delete(table).where(table.c.project_id == project_id))
    elif published_version(connection, project_id, source_id) is not None:
        key = {"project_id": project_id, "source_id": source_id}
        dropped, _ = _drop(connection, key, keep=())
        _count(connection, key, version=None, dropped=dropped, new=Totals())


def published_version(connection: Connection, project_id: str, source_id: str) -> int | None:
    """See `SearchEngine.published_version`."""
    version: int | None = connection.scalar(
        select(sources.c.version).where(sources.c.project_id == project_id, sources.c.source_id == source_id)
    )
    return version


def lock(connection: Connection, project_id: str) -> None:
    """Wait until no one else publishes in this project; let go at the end of the transaction."""
    connection.execute(select(func.pg_advisory_xact_lock(PUBLISHERS, func.hashtext(project_id))))


def _drop(connection: Connection, key: Row, *, keep: Collection[str]) -> tuple[Totals, list[int]]:
    """Delete the rows of documents not kept. Gives what they added up to, and headings that may be nobody's now."""
    if not keep:
        source = connection.execute(select(sources).where(*_is(sources, key))).first()
        for table in BY_SOURCE:
            connection.execute(delete(table).where(*_is(table, key)))
        return _totals(source), []
    dropped = list(set(connection.scalars(text(_DOCUMENTS), key)).difference(keep))
    rows = connection.execute(text(_DROP_CHUNKS), {**key, "dropped": dropped}).all() if dropped else []
    totals = Totals(
        chunk_count=len(rows),
        term_count=sum(row.length for row in rows),
        languages=Counter(row.language for row in rows if row.language is not None),
    )
    ids = [row.id for row in rows]
    if totals.term_count:
        take_out(connection, key, ids)
    if ids:
        gone = coming.c.id == func.any(ids)
        connection.execute(delete(coming).where(coming.c.project_id == key["project_id"], gone))
    return totals, sorted({row.heading_id for row in rows if row.heading_id is not None})


def _count(connection: Connection, key: Row, *, version: int | None, dropped: Totals, new: Totals) -> int:
    """Bring the counts of source and project up to date; gives the first free id.

    Without a `version` the source has none any more, and no counts.
    """
    project = connection.execute(select(projects).where(projects.c.project_id == key["project_id"])).first()
    first_id: int = 1 if project is None else project.next_id
    row = {"next_id": first_id + new.chunk_count, **_columns(_changed(_totals(project), dropped, new))}
    _upsert(connection, projects, {"project_id": key["project_id"]}, row)
    if version is not None:
        source = connection.execute(select(sources).where(*_is(sources, key))).first()
        # Without a row all of the source was dropped, and its counts with it.
        totals = new if source is None else _changed(_totals(source), dropped, new)
        _upsert(connection, sources, key, {"version": version, **_columns(totals)})
    return first_id


def _insert(connection: Connection, key: Row, first_id: int, new: Sequence[Analysed], *, serving: str) -> None:
    """Add rows of chunks, of headings that are not there, and to postings; vectors where those of their model are."""
    theirs: dict[int, StoredVectors] = {}
    beside: dict[int, StoredVectors] = {}
    for id_, one in enumerate(new, start=first_id):
        own = StoredVectors(vector=one.chunk.vector, heading_vector=one.chunk.heading_vector)
        if one.chunk.model_id == serving:
            theirs[id_] = own
            continue
        beside[id_] = own
        if serving in one.chunk.others:
            theirs[id_] = one.chunk.others[serving]
    heading_ids = put_headings(connection, headings, key, theirs)
    rows = [
        {
            **key,
            "id": id_,
            "chunk_id": one.chunk.chunk_id,
            "document_id": one.chunk.document_id,
            "language": one.chunk.language,
            "length": one.length,
            "heading_id": heading_ids.get(id_),
            "vector": as_text(theirs[id_].vector) if id_ in theirs else None,
        }
        for id_, one in enumerate(new, start=first_id)
    ]
    connection.execute(insert(chunks), rows)
    if beside:
        put_beside(connection, key, beside)
    put_in(connection, key, [(id_, one.in_heading, one.in_body) for id_, one in enumerate(new, start=first_id)])


def _upsert(connection: Connection, table: Table, key: Row, row: Row) -> None:
    upsert = postgresql.insert(table).values(**key, **row)
    connection.execute(upsert.on_conflict_do_update(index_elements=list(key), set_=row))


def _is(table: Table, key: Row) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in key.items()]


def _changed(before: Totals, dropped: Totals, new: Totals) -> Totals:
    return Totals(
        chunk_count=before.chunk_count - dropped.chunk_count + new.chunk_count,
        term_count=before.term_count - dropped.term_count + new.term_count,
        languages=before.languages - dropped.languages + new.languages,
    )


def _totals_of(new: Sequence[Analysed]) -> Totals:
    return Totals(
        chunk_count=len(new),
        term_count=sum(one.length for one in new),
        languages=Counter(one.chunk.language for one in new if one.chunk.language is not None),
    )


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
