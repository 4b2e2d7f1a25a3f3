"""One ranking from two: how much words and how much meaning decide, per question."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidates:
    """The union of both halves' best chunks, aligned arrays of shape `(n,)`."""

    keyword: NDArray[np.float64]
    """BM25; 0 where the keyword half did not name the chunk."""
    vector: NDArray[np.float64]
    """Cosine of question and chunk."""


def fuse(candidates: Candidates, *, meaning_trusted: bool) -> NDArray[np.float64]:
    """Scores from 0 to 1, shape `(n,)`: a convex combination of both halves, each scaled to 0..1.

    Bruch, Gai & Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval".
    """
    weight = 0.5 if meaning_trusted else 0.25
    fused: NDArray[np.float64] = (1 - weight) * _scaled(candidates.keyword, 0.0) + weight * _scaled(
        candidates.vector, float(candidates.vector.min(initial=1.0))
    )
    return fused


def _scaled(scores: NDArray[np.float64], lowest: float) -> NDArray[np.float64]:
    highest = float(scores.max(initial=lowest))
    if highest <= lowest:
        return np.zeros_like(scores)
    scaled: NDArray[np.float64] = (scores - lowest) / (highest - lowest)
    return scaled
