"""What the keyword half does alike in every engine: the question's language, its terms and their weights."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from aivastark.backends.search.base import SearchQuery
from aivastark.kit.languages import detect

MAX_QUERY_TERMS = 32
"""Terms of a question that are searched for, the rarest first; more come only from pasted text."""
MAX_POSTINGS = 25_000
"""Chunks that are scored for one search, 1 to 2 µs each at most. Beyond, the commonest terms are left out."""
HEADING_WEIGHT, BODY_WEIGHT = 3.0, 1.0
"""BM25 column weights: a word of the heading counts as if it stood three times in the text."""
LEAST_IDF = 1e-6
"""Of a term that most chunks hold: as in FTS5's bm25, it decides where nothing else does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The analysed terms of a question and how telling each is in this project."""

    weights: Mapping[str, float]
    """Inverse document frequency in nats, never negative; the greatest for terms no chunk holds."""
    searched: Mapping[str, float]
    """Those of `weights` that the search uses: all, but for limits."""


def weigh(counts: Mapping[str, int], total: int) -> Terms:
    """Weigh terms by in how many of the `total` chunks each is."""
    weights = {term: math.log1p((total - count + 0.5) / (count + 0.5)) for term, count in counts.items()}
    searched: dict[str, float] = {}
    postings = 0
    for term in sorted(counts, key=lambda term: counts[term])[:MAX_QUERY_TERMS]:
        postings += counts[term]
        if postings > MAX_POSTINGS and searched:
            break
        searched[term] = weights[term]
    return Terms(weights=weights, searched=searched)


def idf(count: int, total: int) -> float:
    """What a term that `count` of `total` chunks hold is worth to BM25, as in FTS5's."""
    return max(LEAST_IDF, math.log((total - count + 0.5) / (count + 0.5)))


def language_of(query: SearchQuery, languages: Mapping[str, int]) -> str | None:
    """The language to analyse a question in, given how many chunks the project has in each."""
    # Of two equally common ones the first by name, whatever was published first.
    commonest = min(languages, key=lambda language: (-languages[language], language), default=None)
    return query.language or detect(query.text, languages) or commonest
