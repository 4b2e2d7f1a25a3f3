"""The keyword half: BM25 over our analyser's terms, of what FTS5's index says of where they are.

FTS5's own `bm25()` looks up the length of each chunk and walks its places one by one, thousands of them a question; the
same sum over arrays takes less than half of the time, unless a term stands many times in a chunk. What is found comes
back as one row of JSON: Python's driver lets the interpreter's lock go and takes it back for every row, and with
several questions at once that waiting took longer than the search.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from aivastark.backends.search.fusion import BM25_B, BM25_K1
from aivastark.backends.search.matrix import View, best_rows
from aivastark.backends.search.words import BODY_WEIGHT, HEADING_WEIGHT, Terms, idf

MAX_PLACES_A_CHUNK = 4
"""Of a question's terms, in the mean. Beyond, FTS5's own ranking is quicker, and needs no memory for the places."""

# An even number is a place in the body of chunk n / 2, an odd one in the heading of chunk (n - 1) / 2.
_PLACES = """
SELECT json_group_array((
  SELECT group_concat(doc * 2 + (col = 'heading')) FROM temp.term_at WHERE term = wanted.value
)) FROM json_each(?) AS wanted
"""
# Seventeen digits are the whole number: the same floats come out as went in.
_BY_FTS5 = """
SELECT '[' || group_concat(rowid || ',' || printf('%!.17g', -rank)) || ']' FROM (
  SELECT rowid, rank FROM terms WHERE terms MATCH ? AND rank MATCH ? {only} ORDER BY rank LIMIT ?
)
"""
_OF_THOSE = "AND rowid IN (SELECT value FROM json_each(?))"


class Count(NamedTuple):
    """Where a term is."""

    chunks: int
    places: int
    """It may stand in a chunk more than once."""


def prepare(connection: sqlite3.Connection) -> None:
    """What a reader needs once; nothing of it is in the file."""
    connection.execute("CREATE VIRTUAL TABLE temp.term_at USING fts5vocab (main, terms, 'instance')")


def counts_of(connection: sqlite3.Connection, terms: Iterable[str]) -> dict[str, Count]:
    """How often each term is there."""
    wanted = list(dict.fromkeys(terms))
    (found,) = connection.execute(
        """
        SELECT json_group_object(term, json_array(doc, cnt)) FROM term_count
        WHERE term IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(wanted),),
    ).fetchone()
    counts = orjson.loads(found)
    return {term: Count(*counts.get(term, (0, 0))) for term in wanted}


def best_by_words(
    connection: sqlite3.Connection,
    view: View,
    terms: Terms,
    counts: Mapping[str, Count],
    allowed: NDArray[np.bool_] | None,
    limit: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows of the view and BM25 scores of at most `limit` chunks that hold any of the terms, best first.

    `allowed` are those that may be found, None all. The view is of the state that the connection's transaction sees.
    """
    chunks = sum(counts[term].chunks for term in terms.searched)
    places = sum(counts[term].places for term in terms.searched)
    # A few letters are several words to Unicode (U+FDFA): one term with spaces in it, which FTS5 has as a phrase.
    if places > MAX_PLACES_A_CHUNK * chunks or any(" " in term for term in terms.searched):
        return _by_fts5(connection, view, terms, allowed, limit)
    there = {term: counts[term].chunks for term in terms.searched if counts[term].chunks}
    (found,) = connection.execute(_PLACES, (json.dumps(list(there)),)).fetchone()
    everywhere = [np.fromstring(one, np.int64, sep=",") for one in orjson.loads(found)]
    scores = _scores(view, everywhere, [idf(chunks, len(view.ids)) for chunks in there.values()])
    rows = best_rows(scores, scores > 0 if allowed is None else (scores > 0) & allowed, limit)
    return rows, scores[rows]


def _by_fts5(
    connection: sqlite3.Connection, view: View, terms: Terms, allowed: NDArray[np.bool_] | None, limit: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    match = " OR ".join(f'"{term}"' for term in terms.searched)
    arguments: list[str | int] = [match, f"bm25({HEADING_WEIGHT}, {BODY_WEIGHT})", limit]
    if allowed is not None:
        arguments.insert(2, json.dumps(view.ids[allowed].tolist()))
    only = "" if allowed is None else _OF_THOSE
    (found,) = connection.execute(_BY_FTS5.format(only=only), arguments).fetchone()
    pairs = np.array(orjson.loads(found or "[]"), np.float64).reshape(-1, 2)
    return np.searchsorted(view.ids, pairs[:, 0].astype(np.int64)), pairs[:, 1]


def _scores(view: View, places: Sequence[NDArray[np.int64]], idfs: Sequence[float]) -> NDArray[np.float64]:
    """BM25 of each chunk, 0 where it has none of the terms, shape `(n,)`; `places` and `idfs` are of one term each."""
    count = len(view.ids)
    if not places:
        return np.zeros(count)
    everywhere = np.concatenate(places)
    term = np.repeat(np.arange(len(places)), [len(one) for one in places])
    held, which = np.unique(term * count + np.searchsorted(view.ids, everywhere // 2), return_inverse=True)
    often = np.bincount(which, np.where(everywhere % 2, HEADING_WEIGHT, BODY_WEIGHT))
    term, rows = np.divmod(held, count)
    by_length = BM25_K1 * (1 - BM25_B + BM25_B * view.lengths[rows] / view.mean_length)
    each = np.array(idfs)[term] * often * (BM25_K1 + 1) / (often + by_length)
    return np.bincount(rows, each, minlength=count).astype(np.float64, copy=False)
