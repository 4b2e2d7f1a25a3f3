"""Feature hashing of search terms: no model, no files, the same vector on every machine.

Texts are close when they share words. It is what the tests run on, and a fallback for machines too small
for a model; it knows no synonyms. Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask
Learning".
"""

import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aivastark.kit.analysis import analyse


class Hashing:
    """`Embedder` that needs nothing."""

    languages: frozenset[str] | None = None

    def __init__(self, *, dimensions: int = 256) -> None:
        self.dimensions = dimensions
        self.model_id = f"hashing-{dimensions}"

    async def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape `(len(texts), dimensions)`."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._embed(text)
        return vectors

    async def embed_query(self, text: str) -> NDArray[np.float32]:
        """Shape `(dimensions,)`."""
        return self._embed(text)

    async def close(self) -> None:
        """Nothing to let go."""

    def _embed(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(self.dimensions, dtype=np.float32)
        # English stems stand for all languages: what matters is that both sides are treated alike.
        for term, count in Counter(analyse(text, "en")).items():
            hashed = zlib.crc32(term.encode())
            sign = 1.0 if hashed & 0x8000_0000 else -1.0
            vector[hashed % self.dimensions] += sign * (1 + np.log(count))
        length = float(np.linalg.norm(vector))
        if length == 0.0:  # no word at all: any unit vector will do
            vector[0] = length = 1.0
        unit: NDArray[np.float32] = vector / np.float32(length)
        return unit
