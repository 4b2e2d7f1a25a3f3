"""The keyword half: BM25 over our analyser's terms, by FTS5."""

import json
import sqlite3
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from aivastark.backends.search.words import BODY_WEIGHT, HEADING_WEIGHT, Terms


def chunks_with(connection: sqlite3.Connection, terms: Iterable[str]) -> dict[str, int]:
    """In how many chunks each term is."""
    counts = {}
    for term in dict.fromkeys(terms):
        row = connection.execute("SELECT doc FROM term_count WHERE term = ?", (term,)).fetchone()
        counts[term] = row[0] if row else 0
    return counts


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
    found = connection.execute(
        f"SELECT rowid, -rank FROM terms WHERE terms MATCH ? AND rank MATCH ? {only} ORDER BY rank LIMIT ?",
        arguments,
    ).fetchall()
    ids = np.fromiter((row[0] for row in found), np.int64, len(found))
    return ids, np.fromiter((row[1] for row in found), np.float64, len(found))
