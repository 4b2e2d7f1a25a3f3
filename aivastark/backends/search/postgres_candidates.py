"""Reading a project's search tables: what each half of a search finds, in one statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from aivastark.backends.search.fusion import BM25_B, BM25_K1
from aivastark.backends.search.postgres_near import condition
from aivastark.backends.search.postgres_vectors import as_ids, as_text
from aivastark.backends.search.words import BODY_WEIGHT, HEADING_WEIGHT, idf

_CORPUS = """
SELECT chunk_count, term_count, languages, serving, near FROM search_projects WHERE project_id = :project_id
"""
_CHUNKS_OF_SOURCES = """
SELECT coalesce(sum(chunk_count), 0) FROM search_sources
WHERE project_id = :project_id AND source_id = ANY(:source_ids)
"""
_CHUNKS_WITH_TERMS = """
SELECT term, sum(chunk_count) FROM search_postings
WHERE project_id = :project_id AND term = ANY(:terms) GROUP BY term
"""
# Both halves name candidates; both judge all of them. BM25 is computed as FTS5 would.
_CANDIDATES = """
WITH posting AS (
  SELECT held.id, weighed.idf, held.length,
    CAST(:heading_weight AS float8) * held.in_heading + CAST(:body_weight AS float8) * held.in_body AS frequency
  FROM unnest(CAST(:terms AS text[]), CAST(:idfs AS float8[])) AS weighed (term, idf)
  JOIN search_postings AS stored ON project_id = :project_id AND stored.term = weighed.term {only}
  CROSS JOIN unnest(chunks, in_heading, in_body, lengths) AS held (id, in_heading, in_body, length)
), scored AS (
  SELECT id, sum(
    idf * frequency * (:k1 + 1) / (frequency + :k1 * (1 - :b + :b * length / CAST(:mean_length AS float8)))
  ) AS score
  FROM posting GROUP BY id
), words AS MATERIALIZED (
  SELECT id, score, row_number() OVER (ORDER BY score DESC, id) AS rank
  FROM scored ORDER BY score DESC, id LIMIT :limit
){meaning}
{named}
WHERE chunk.project_id = :project_id
ORDER BY id
"""
_BY_SCAN = """, heading AS MATERIALIZED (
  SELECT id, -(vector <#> CAST(:vector AS vector)) AS cosine
  FROM search_headings WHERE project_id = :project_id {only}
), cosines AS MATERIALIZED (
  SELECT chunk.id, coalesce(greatest(-(chunk.vector <#> CAST(:vector AS vector)), heading.cosine), 0) AS cosine
  FROM search_chunks AS chunk LEFT JOIN heading ON heading.id = chunk.heading_id
  WHERE project_id = :project_id {only}
)"""
# The best by the greater of two cosines are among the best by either. As many headings as chunks are enough: were
# there a better heading, each of theirs would have a chunk before its own.
_BY_NEARNESS = """, near_chunk AS MATERIALIZED (
  SELECT id FROM search_chunks WHERE {mine}
  ORDER BY CAST(vector AS vector({dimensions})) <#> CAST(:vector AS vector({dimensions})) LIMIT :limit
), near_heading AS MATERIALIZED (
  SELECT id FROM search_headings WHERE {mine}
  ORDER BY CAST(vector AS vector({dimensions})) <#> CAST(:vector AS vector({dimensions})) LIMIT :limit
), near AS (
  SELECT id FROM near_chunk
  UNION SELECT id FROM words
  UNION SELECT id FROM search_chunks
  WHERE project_id = :project_id AND heading_id = ANY(ARRAY(SELECT id FROM near_heading))
), cosines AS MATERIALIZED (
  SELECT chunk.id, coalesce(
    greatest(-(chunk.vector <#> CAST(:vector AS vector)), -(heading.vector <#> CAST(:vector AS vector))), 0
  ) AS cosine
  FROM near JOIN search_chunks AS chunk USING (id)
  LEFT JOIN search_headings AS heading ON heading.project_id = :project_id AND heading.id = chunk.heading_id
  WHERE chunk.project_id = :project_id
)"""
_RANKED = """, meaning AS MATERIALIZED (
  SELECT id, row_number() OVER (ORDER BY cosine DESC, id) AS rank
  FROM cosines ORDER BY cosine DESC, id LIMIT :limit
)"""
# How many the index keeps in view on its way: the more, the surer it finds the nearest.
_LOOK_WIDELY = """
SELECT set_config('hnsw.ef_search', :width, true), set_config('hnsw.iterative_scan', 'strict_order', true)
"""
_WIDTH = 2  # times the candidates
_WIDTH_MAX = 1_000  # pgvector's own
_NAMED_BY_BOTH = """SELECT chunk_id, document_id, source_id, words.score, cosines.cosine, words.rank, meaning.rank
FROM meaning FULL JOIN words USING (id) JOIN cosines USING (id) JOIN search_chunks AS chunk USING (id)"""
_NAMED_BY_WORDS = """SELECT chunk_id, document_id, source_id, words.score, NULL, words.rank, NULL
FROM words JOIN search_chunks AS chunk USING (id)"""
_ONLY_SOURCES = "AND source_id = ANY(:source_ids)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Corpus:
    """What a project's tables hold."""

    chunk_count: int
    mean_length: float
    """Terms per chunk."""
    languages: Mapping[str, int]
    serving: str
    """Which model's vectors are searched."""
    near: int
    """Of how many dimensions those are of which there is an index; 0: of none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A chunk that a half of the search named; ranks are `None` where it did not."""

    chunk_id: str
    document_id: str
    source_id: str
    keyword: float | None
    cosine: float | None
    keyword_rank: int | None
    vector_rank: int | None


def corpus(connection: Connection, project_id: str) -> Corpus | None:
    """`None` for a project that nothing was published in."""
    row = connection.execute(text(_CORPUS), {"project_id": project_id}).first()
    if row is None:
        return None
    mean_length = row.term_count / row.chunk_count if row.chunk_count else 0.0
    return Corpus(
        chunk_count=row.chunk_count,
        mean_length=mean_length,
        languages=row.languages,
        serving=row.serving,
        near=row.near,
    )


def chunks_of(connection: Connection, project_id: str, source_ids: frozenset[str]) -> int:
    """How many chunks these sources have together."""
    given = {"project_id": project_id, "source_ids": as_ids(source_ids)}
    return int(connection.scalar(text(_CHUNKS_OF_SOURCES), given) or 0)


def chunks_with(connection: Connection, project_id: str, terms: Iterable[str]) -> dict[str, int]:
    """In how many chunks of the project each term is."""
    counts = dict.fromkeys(terms, 0)
    found = connection.execute(text(_CHUNKS_WITH_TERMS), {"project_id": project_id, "terms": list(counts)})
    return counts | {term: int(count) for term, count in found}


def candidates(
    connection: Connection,
    project_id: str,
    *,
    vector: NDArray[np.float32] | None,
    counts: Mapping[str, int],
    corpus: Corpus,
    source_ids: frozenset[str] | None,
    limit: int,
) -> Sequence[Candidate]:
    """The best `limit` chunks by words and the best by meaning, in the order they were published.

    `counts` are the terms to search for and in how many chunks each is.
    """
    given: dict[str, Any] = {
        "project_id": project_id,
        "terms": list(counts),
        "idfs": [idf(count, corpus.chunk_count) for count in counts.values()],
        "mean_length": corpus.mean_length,
        "heading_weight": HEADING_WEIGHT,
        "body_weight": BODY_WEIGHT,
        "k1": BM25_K1,
        "b": BM25_B,
        "limit": limit,
    }
    if source_ids is not None:
        given["source_ids"] = as_ids(source_ids)
    only = "" if source_ids is None else _ONLY_SOURCES
    if vector is None:
        return _asked(connection, _CANDIDATES.format(only=only, meaning="", named=_NAMED_BY_WORDS), given)
    given["vector"] = as_text(vector)
    if source_ids is None and corpus.near == vector.size:
        connection.execute(text(_LOOK_WIDELY), {"width": str(min(_WIDTH * limit, _WIDTH_MAX))})
        nearest = _BY_NEARNESS.format(mine=condition(project_id, vector.size), dimensions=vector.size) + _RANKED
        found = _asked(connection, _CANDIDATES.format(only=only, meaning=nearest, named=_NAMED_BY_BOTH), given)
        # A graph full of rows that are gone, and not vacuumed yet, may have no way to all that are there.
        if sum(one.vector_rank is not None for one in found) >= min(limit, corpus.chunk_count):
            return found
    scanned = _BY_SCAN.format(only=only) + _RANKED
    return _asked(connection, _CANDIDATES.format(only=only, meaning=scanned, named=_NAMED_BY_BOTH), given)


def _asked(connection: Connection, statement: str, given: Mapping[str, Any]) -> Sequence[Candidate]:
    return [
        Candidate(
            chunk_id=row[0],
            document_id=row[1],
            source_id=row[2],
            keyword=row[3],
            cosine=row[4],
            keyword_rank=row[5],
            vector_rank=row[6],
        )
        for row in connection.execute(text(statement), given)
    ]
