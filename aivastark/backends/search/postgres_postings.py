"""Writing postings: a term's chunks are kept in pages, so that a change costs the pages it touches."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, text

PAGE_CHUNKS = 256
"""Entries of a page at most. Smaller pages are quicker to change, larger ones fewer to read."""

Row = dict[str, Any]

# Each term of a chunk leads to one page by one look into the index, and so does a page to its row: by its whole key,
# since Citus refuses statements that name rows by their place (ctid).
_TAKE_OUT = """
WITH gone AS MATERIALIZED (
  DELETE FROM search_terms
  WHERE project_id = :project_id AND source_id = :source_id AND id = ANY(:ids)
  RETURNING id, string_to_array(terms, ' ') AS terms
), page AS MATERIALIZED (
  SELECT held.term, its.first, array_agg(gone.id) AS ids
  FROM gone CROSS JOIN unnest(gone.terms) AS held (term) CROSS JOIN LATERAL (
    SELECT first FROM search_postings
    WHERE project_id = :project_id AND term = held.term AND source_id = :source_id AND first <= gone.id
    ORDER BY first DESC LIMIT 1
  ) AS its
  GROUP BY held.term, its.first
)
UPDATE search_postings AS stored SET (chunk_count, chunks, in_heading, in_body, lengths) = (
  SELECT count(*),
    coalesce(array_agg(held.id ORDER BY held.at), '{}'),
    coalesce(array_agg(held.in_heading ORDER BY held.at), '{}'),
    coalesce(array_agg(held.in_body ORDER BY held.at), '{}'),
    coalesce(array_agg(held.length ORDER BY held.at), '{}')
  FROM unnest(stored.chunks, stored.in_heading, stored.in_body, stored.lengths)
    WITH ORDINALITY AS held (id, in_heading, in_body, length, at)
  WHERE held.id <> ALL(page.ids)
)
FROM page
WHERE stored.project_id = :project_id AND stored.term = page.term AND stored.source_id = :source_id
  AND stored.first = page.first
RETURNING stored.term, stored.first, stored.chunk_count
"""
_DROP_EMPTIED = """
DELETE FROM search_postings USING unnest(CAST(:terms AS text[]), CAST(:firsts AS bigint[])) AS emptied (term, first)
WHERE project_id = :project_id AND search_postings.term = emptied.term AND source_id = :source_id
  AND search_postings.first = emptied.first
"""
_LAST_PAGES = """
SELECT wanted.term, its.first, its.chunk_count
FROM unnest(CAST(:terms AS text[])) AS wanted (term) CROSS JOIN LATERAL (
  SELECT first, chunk_count FROM search_postings
  WHERE project_id = :project_id AND term = wanted.term AND source_id = :source_id
  ORDER BY first DESC LIMIT 1
) AS its
"""
_APPEND = """
UPDATE search_postings SET
  chunk_count = chunk_count + :chunk_count,
  chunks = chunks || CAST(:chunks AS bigint[]),
  in_heading = in_heading || CAST(:in_heading AS integer[]),
  in_body = in_body || CAST(:in_body AS integer[]),
  lengths = lengths || CAST(:lengths AS integer[])
WHERE project_id = :project_id AND term = :term AND source_id = :source_id AND first = :first
"""
# Out of the project's own row, which is there by now: so Citus sees that all of it is on one node, and leaves it there.
_NEW_TERMS = """
INSERT INTO search_terms (project_id, source_id, id, terms)
SELECT project_id, :source_id, new.id, new.terms
FROM search_projects CROSS JOIN unnest(CAST(:ids AS bigint[]), CAST(:terms AS text[])) AS new (id, terms)
WHERE project_id = :project_id
"""
# The arrays of a page come as text: pages are of different lengths, and PostgreSQL has no array of those.
_NEW_PAGES = """
INSERT INTO search_postings
  (project_id, source_id, term, first, chunk_count, chunks, in_heading, in_body, lengths)
SELECT project_id, :source_id, new.term, new.first, new.chunk_count, CAST(new.chunks AS bigint[]),
  CAST(new.in_heading AS integer[]), CAST(new.in_body AS integer[]), CAST(new.lengths AS integer[])
FROM search_projects CROSS JOIN unnest(
  CAST(:term AS text[]), CAST(:first AS bigint[]), CAST(:chunk_count AS integer[]),
  CAST(:chunks AS text[]), CAST(:in_heading AS text[]), CAST(:in_body AS text[]), CAST(:lengths AS text[])
) AS new (term, first, chunk_count, chunks, in_heading, in_body, lengths)
WHERE project_id = :project_id
"""
ROWS_AT_A_TIME = 5_000
HELD = ("chunks", "in_heading", "in_body", "lengths")
"""Columns that are arrays, one entry a chunk."""


def take_out(connection: Connection, key: Row, ids: Sequence[int]) -> None:
    """Drop chunks of the source that `key` names from all pages, and the pages that hold nothing then."""
    changed = connection.execute(text(_TAKE_OUT), {**key, "ids": list(ids)}).all()
    emptied = [row for row in changed if not row.chunk_count]
    if emptied:
        given = {"terms": [row.term for row in emptied], "firsts": [row.first for row in emptied]}
        connection.execute(text(_DROP_EMPTIED), {**key, **given})


def put_in(connection: Connection, key: Row, new: Sequence[tuple[int, Counter[str], Counter[str]]]) -> None:
    """Add chunks, as id and terms of heading and body, by ascending ids higher than any that was there."""
    known = [(id_, sorted(in_heading | in_body)) for id_, in_heading, in_body in new]
    _insert(connection, _NEW_TERMS, key, [{"ids": id_, "terms": " ".join(all_)} for id_, all_ in known if all_])
    rows = _rows(key, new)
    last = {row.term: row for row in connection.execute(text(_LAST_PAGES), {**key, "terms": list(rows)})}
    appended: list[Row] = []
    pages: list[Row] = []
    for term, row in rows.items():
        page = last.get(term)
        if page is not None and page.chunk_count + len(row["chunks"]) <= PAGE_CHUNKS:
            appended.append({**row, "first": page.first, "chunk_count": len(row["chunks"])})
        else:
            pages.extend(_pages(row))
    if appended:
        connection.execute(text(_APPEND), appended)
    _insert(connection, _NEW_PAGES, key, pages)


def _rows(key: Row, new: Sequence[tuple[int, Counter[str], Counter[str]]]) -> dict[str, Row]:
    """All that is new of each term."""
    rows: dict[str, Row] = {}
    for id_, in_heading, in_body in new:
        length = in_heading.total() + in_body.total()
        for term in in_heading | in_body:
            row = rows.get(term)
            if row is None:
                row = rows[term] = {**key, "term": term, "chunks": [], "in_heading": [], "in_body": [], "lengths": []}
            row["chunks"].append(id_)
            row["in_heading"].append(in_heading[term])
            row["in_body"].append(in_body[term])
            row["lengths"].append(length)
    return rows


def _pages(row: Row) -> Iterator[Row]:
    """A term's row cut to pages."""
    for start in range(0, len(row["chunks"]), PAGE_CHUNKS):
        page = {name: row[name][start : start + PAGE_CHUNKS] for name in HELD}
        held = {name: f"{{{','.join(map(str, numbers))}}}" for name, numbers in page.items()}
        yield {"term": row["term"], "first": page["chunks"][0], "chunk_count": len(page["chunks"]), **held}


def _insert(connection: Connection, statement: str, key: Row, rows: Sequence[Row]) -> None:
    """Insert rows, none of which is there yet, many with one statement. (COPY heeds no policy, and is refused.)"""
    for start in range(0, len(rows), ROWS_AT_A_TIME):
        some = rows[start : start + ROWS_AT_A_TIME]
        connection.execute(text(statement), {**key, **{name: [row[name] for row in some] for name in some[0]}})
