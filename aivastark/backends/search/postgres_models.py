"""Which model's vectors a project is searched by, and those of the next one, gathered beside them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Connection, LargeBinary, Table, bindparam, delete, func, insert, select, text, update
from sqlalchemy.dialects import postgresql

from aivastark.backends.search.base import Models, StoredVectors
from aivastark.backends.search.postgres_tables import chunks, coming, coming_headings, headings, projects
from aivastark.backends.search.postgres_vectors import as_ids, as_text, digest, received

Row = dict[str, Any]

_SERVING = """
SELECT chunk_id, vector_send(chunk.vector), vector_send(heading.vector)
FROM search_chunks AS chunk
LEFT JOIN search_headings AS heading ON heading.project_id = chunk.project_id AND heading.id = chunk.heading_id
WHERE chunk.project_id = :project_id AND chunk_id = ANY(:chunk_ids) AND chunk.vector IS NOT NULL
"""
_COMING = """
SELECT chunk_id, vector_send(given.vector), vector_send(heading.vector)
FROM search_chunks AS chunk
JOIN search_coming AS given ON given.project_id = chunk.project_id AND given.id = chunk.id
LEFT JOIN search_coming_headings AS heading ON heading.project_id = given.project_id AND heading.id = given.heading_id
WHERE chunk.project_id = :project_id AND chunk_id = ANY(:chunk_ids)
"""
_WITHOUT = """
SELECT chunk_id FROM search_chunks AS chunk
WHERE chunk.project_id = :project_id AND chunk_id > :after {lacking} ORDER BY chunk_id LIMIT :limit
"""
_LACKING_SERVING = "AND chunk.vector IS NULL"
_LACKING_COMING = """AND NOT EXISTS (
  SELECT FROM search_coming AS given WHERE given.project_id = chunk.project_id AND given.id = chunk.id
)"""
_LACKING = """
SELECT id, chunk_id, source_id FROM search_chunks AS chunk
WHERE chunk.project_id = :project_id AND chunk_id = ANY(:chunk_ids) {lacking} ORDER BY id
"""
_CHUNKS_TAKE_OVER = """
UPDATE search_chunks AS chunk SET vector = given.vector, heading_id = given.heading_id
FROM search_coming AS given
WHERE chunk.project_id = :project_id AND given.project_id = chunk.project_id AND given.id = chunk.id
"""
_HEADINGS_TAKE_OVER = """
INSERT INTO search_headings (project_id, id, source_id, digest, vector)
SELECT project_id, id, source_id, digest, vector FROM search_coming_headings AS heading
WHERE project_id = :project_id AND EXISTS (
  SELECT FROM search_coming AS given WHERE given.project_id = heading.project_id AND given.heading_id = heading.id
)
"""


def models(connection: Connection, project_id: str) -> Models | None:
    """See `SearchEngine.models`."""
    row = connection.execute(
        select(projects.c.serving, projects.c.coming).where(projects.c.project_id == project_id)
    ).first()
    return None if row is None else Models(serving=row.serving, coming=row.coming)


def name_model(connection: Connection, project_id: str, model_id: str) -> None:
    """See `SearchEngine.name_model`."""
    unnamed = update(projects).where(projects.c.project_id == project_id, projects.c.serving == "")
    connection.execute(unnamed.values(serving=model_id))


def vectors(
    connection: Connection, project_id: str, chunk_ids: Collection[str], model_id: str
) -> dict[str, StoredVectors]:
    """See `SearchEngine.vectors`."""
    known = models(connection, project_id)
    if known is None or model_id not in (known.serving, known.coming):
        return {}
    rows = connection.execute(
        text(_SERVING if model_id == known.serving else _COMING),
        {"project_id": project_id, "chunk_ids": as_ids(chunk_ids)},
    )
    return {
        chunk_id: StoredVectors(vector=received(vector), heading_vector=None if heading is None else received(heading))
        for chunk_id, vector, heading in rows
    }


def without_vectors(connection: Connection, project_id: str, model_id: str, *, after: str, limit: int) -> Sequence[str]:
    """See `SearchEngine.without_vectors`."""
    statement = _WITHOUT.format(lacking=_lacking(models(connection, project_id), model_id))
    return list(connection.scalars(text(statement), {"project_id": project_id, "after": after, "limit": limit}))


def count_vectors(connection: Connection, project_id: str, model_id: str) -> tuple[int, int]:
    """See `SearchEngine.count_vectors`."""
    known = models(connection, project_id)
    total = connection.scalar(select(func.count()).select_from(chunks).where(chunks.c.project_id == project_id)) or 0
    if known is None or model_id not in (known.serving, known.coming):
        return total, 0
    given = select(func.count(coming.c.vector)).where(coming.c.project_id == project_id)
    if model_id == known.serving:
        given = select(func.count(chunks.c.vector)).where(chunks.c.project_id == project_id)
    return total, connection.scalar(given) or 0


def add_vectors(connection: Connection, project_id: str, model_id: str, given: Mapping[str, StoredVectors]) -> None:
    """See `SearchEngine.add_vectors`. The caller holds the publishers' lock."""
    if models(connection, project_id) is None:  # it was removed meanwhile
        return
    serving = begin(connection, project_id, model_id)
    statement = _LACKING.format(lacking=_lacking(models(connection, project_id), model_id))
    rows = connection.execute(text(statement), {"project_id": project_id, "chunk_ids": as_ids(given)}).all()
    by_source: dict[str, dict[int, StoredVectors]] = defaultdict(dict)
    for row in rows:
        by_source[row.source_id][row.id] = given[row.chunk_id]
    for source_id, stored in by_source.items():
        key = {"project_id": project_id, "source_id": source_id}
        if serving == model_id:
            _fill(connection, key, stored)
        else:
            put_beside(connection, key, stored)


def switch_model(connection: Connection, project_id: str, model_id: str) -> bool:
    """See `SearchEngine.switch_model`. The caller holds the publishers' lock."""
    known = models(connection, project_id)
    if known is None:
        return True
    if without_vectors(connection, project_id, model_id, after="", limit=1):
        return False
    if known.serving != model_id and known.coming == model_id:
        project = {"project_id": project_id}
        connection.execute(delete(headings).where(headings.c.project_id == project_id))
        connection.execute(text(_CHUNKS_TAKE_OVER), project)
        connection.execute(text(_HEADINGS_TAKE_OVER), project)
    if known.coming:
        _forget_coming(connection, project_id)
    _note(connection, project_id, serving=model_id, coming="")
    return True


def begin(connection: Connection, project_id: str, model_id: str) -> str:
    """Make ready for vectors of this model; gives the one that serves, which in an empty project is this one."""
    known = models(connection, project_id) or Models(serving="", coming="")
    if connection.scalar(select(chunks.c.id).where(chunks.c.project_id == project_id).limit(1)) is None:
        _forget_coming(connection, project_id)
        _note(connection, project_id, serving=model_id, coming="")
        return model_id
    if model_id not in (known.serving, known.coming):
        _forget_coming(connection, project_id)
        _note(connection, project_id, serving=known.serving, coming=model_id)
    return known.serving


def put_headings(connection: Connection, table: Table, key: Row, stored: Mapping[int, StoredVectors]) -> dict[int, int]:
    """Add the headings of chunks, each once, that the source does not have there; gives each chunk's heading."""
    digests = {id_: digest(one.heading_vector) for id_, one in stored.items() if one.heading_vector is not None}
    if not digests:
        return {}
    found = select(table.c.digest, table.c.id).where(
        *(table.c[name] == value for name, value in key.items()),
        table.c.digest == func.any(bindparam("digests", list(set(digests.values())), ARRAY(LargeBinary))),
    )
    ids = {bytes(row.digest): row.id for row in connection.execute(found)}
    rows = []
    for id_, its_digest in digests.items():
        if ids.setdefault(its_digest, id_) == id_ and (vector := stored[id_].heading_vector) is not None:
            rows.append({**key, "id": id_, "digest": its_digest, "vector": as_text(vector)})
    if rows:
        connection.execute(insert(table), rows)
    return {id_: ids[its_digest] for id_, its_digest in digests.items()}


def put_beside(connection: Connection, key: Row, stored: Mapping[int, StoredVectors]) -> None:
    """Vectors of the model that comes, of chunks of a source that have none there."""
    heading_ids = put_headings(connection, coming_headings, key, stored)
    rows = [
        {**key, "id": id_, "heading_id": heading_ids.get(id_), "vector": as_text(one.vector)}
        for id_, one in stored.items()
    ]
    connection.execute(insert(coming), rows)


def _fill(connection: Connection, key: Row, stored: Mapping[int, StoredVectors]) -> None:
    """Vectors of the model that serves, of chunks that have none."""
    heading_ids = put_headings(connection, headings, key, stored)
    for id_, one in stored.items():
        connection.execute(
            update(chunks)
            .where(chunks.c.project_id == key["project_id"], chunks.c.id == id_)
            .values(vector=as_text(one.vector), heading_id=heading_ids.get(id_))
        )


def _lacking(known: Models | None, model_id: str) -> str:
    if known is not None and model_id == known.serving:
        return _LACKING_SERVING
    return _LACKING_COMING if known is not None and model_id == known.coming else ""


def _forget_coming(connection: Connection, project_id: str) -> None:
    for table in (coming, coming_headings):
        connection.execute(delete(table).where(table.c.project_id == project_id))


def _note(connection: Connection, project_id: str, **names: str) -> None:
    none = {"next_id": 1, "chunk_count": 0, "term_count": 0, "languages": {}}
    new = postgresql.insert(projects).values(project_id=project_id, **none, **names)
    connection.execute(new.on_conflict_do_update(index_elements=["project_id"], set_=names))
