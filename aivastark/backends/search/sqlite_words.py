"""The keyword half: BM25 over our analyser's terms, by FTS5.

What is found comes back as one row of JSON. Python's driver lets the interpreter's lock go and takes it back for every
row, and with several questions at once that waiting took longer than the search.
"""

import json
import sqlite3
from collections.abc import Iterable

import numpy as np
import orjson
from numpy.typing import NDArray

from aivastark.backends.search.words import BODY_WEIGHT, HEADING_WEIGHT, Terms


def chunks_with(connection: sqlite3.Connection, terms: Iterable[str]) -> dict[str, int]:
    """In how many chunks each term is."""
    wanted = list(dict.fromkeys(terms))
    (found,) = connection.execute(
        "SELECT json_group_object(term, doc) FROM term_count WHERE term IN (SELECT value FROM json_each(?))",
        (json.dumps(wanted),),
    ).fetchone()
    counts = orjson.loads(found)
    return {term: counts.get(term, 0) for term in wanted}


def best_by_words(
    connection: sqlite3.Connection, terms: Terms, source_ids: frozenset[str] | None, limit: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Row ids and BM25 scores of at most `limit` chunks that hold any of the terms, best first."""
    if not terms.searched:
        return np.empty(0, np.int64), np.empty(0)
    match = " OR ".join(f'"{term}"' for term in terms.searched)
    scoring = f"bm25({HEADING_WEIGHT}, {BODY_WEIGHT})"
    arguments: list[str | int] = [match, scoring, limit]
    only = ""
    if source_ids is not None:
        only = "AND rowid IN (SELECT id FROM chunk WHERE source_id IN (SELECT value FROM json_each(?)))"
        arguments.insert(2, json.dumps(sorted(source_ids)))
    # Seventeen digits are the whole number: the same floats come out as went in.
    (found,) = connection.execute(
        f"""
        SELECT '[' || group_concat(rowid || ',' || printf('%!.17g', -rank)) || ']' FROM (
          SELECT rowid, rank FROM terms WHERE terms MATCH ? AND rank MATCH ? {only} ORDER BY rank LIMIT ?
        )
        """,
        arguments,
    ).fetchone()
    pairs = np.array(orjson.loads(found or "[]"), np.float64).reshape(-1, 2)
    return pairs[:, 0].astype(np.int64), pairs[:, 1]
