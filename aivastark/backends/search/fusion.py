"""One ranking from two: how much words and how much meaning decide.

Each half is put on a scale that means the same for every question, instead of being stretched to its own best
hit. Words: BM25 as a share of what a chunk holding every term of the question would get; terms that no chunk
holds count, so a paraphrase, whose words are mostly missing, scores low there and meaning decides. Meaning:
the cosine itself, of the chunk or of its heading alone, whichever is closer (titles of FAQs are questions).
The convex combination of the two is Bruch, Gai & Ingber 2023, "An Analysis of Fusion Functions for Hybrid
Retrieval"; the theoretical bounds as scale are theirs too. `evals/retrieval_ablation.py` made the choice.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

MIN_CANDIDATES = 200
"""Chunks each half names at least; fusion ranks their union."""
MEANING_WEIGHT = 0.45
"""Of the cosine, where the model understands the language. From 0.4 to 0.5 hardly anything changes."""
FOREIGN_MEANING_WEIGHT = 0.2
"""Where it does not, but can read the letters: names and cognates still bring the right passages closer."""
BM25_K1, BM25_B = 1.2, 0.75
"""Term saturation and length normalisation, those of FTS5's bm25 (Robertson & Zaragoza 2009, 3.1)."""
_LAST_LATIN = "\u024f"


def meaning_weight(question: str, *, understood: bool) -> float:
    """How much the cosine counts for this question, 0 to 1.

    `understood` is whether the model knows the language. If not, it counts as far as the question is written
    in Latin letters, which the models we ship were made for: to them other scripts are noise.
    """
    if understood:
        return MEANING_WEIGHT
    letters = [character for character in question if character.isalpha()]
    latin = sum(character <= _LAST_LATIN for character in letters)
    return FOREIGN_MEANING_WEIGHT * latin / max(1, len(letters))


def fuse(
    keyword: NDArray[np.float64],
    cosine: NDArray[np.float64],
    *,
    term_weights: Mapping[str, float],
    meaning_weight: float,
) -> NDArray[np.float64]:
    """Scores from 0 to 1 for chunks given by BM25 and cosine, all of shape `(n,)`.

    `term_weights` are the inverse document frequencies of the terms searched for.
    """
    perfect = sum(term_weights.values()) * (BM25_K1 + 1)
    words = np.clip(keyword / perfect, 0.0, 1.0) if perfect > 0 else np.zeros_like(keyword)
    fused: NDArray[np.float64] = (1 - meaning_weight) * words + meaning_weight * np.clip(cosine, 0.0, 1.0)
    return fused
