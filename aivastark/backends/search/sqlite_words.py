"""The keyword half: BM25 over our analyser's terms, by FTS5."""

import json
import math
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_QUERY_TERMS = 32
"""Terms of a question that are searched for, the rarest first; more come only from pasted text."""
MAX_POSTINGS = 25_000
"""Chunks that FTS5 may score for one search, about 1 µs each. Beyond, the commonest terms are left out."""
HEADING_WEIGHT, BODY_WEIGHT = 3.0, 1.0
"""BM25 column weights: a word of the heading counts as if it stood three times in the text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The analysed terms of a question and how telling each is in this project."""

    weights: Mapping[str, float]
    """Inverse document frequency in nats, never negative; the greatest for terms no chunk holds."""
    searched: Mapping[str, float]
    """Those of `weights` that the search uses: all, but for limits."""


def weigh(connection: sqlite3.Connection, terms: Iterable[str], total: int) -> Terms:
    """Look up in how many of the `total` chunks each term is."""
    counts = {}
    for term in dict.fromkeys(terms):
        row = connection.execute("SELECT doc FROM term_count WHERE term = ?", (term,)).fetchone()
        counts[term] = row[0] if row else 0
    weights = {term: math.log1p((total - count + 0.5) / (count + 0.5)) for term, count in counts.items()}
    searched: dict[str, float] = {}
    postings = 0
    for term in sorted(counts, key=lambda term: counts[term])[:MAX_QUERY_TERMS]:
        postings += counts[term]
        if postings > MAX_POSTINGS and searched:
            break
        searched[term] = weights[term]
    return Terms(weights=weights, searched=searched)


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
