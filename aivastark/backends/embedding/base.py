"""The embedding port: text in, unit vectors out."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns text into unit vectors whose inner product is closeness of meaning.

    Safe to call from several tasks at once; a query never waits for a whole ingest to finish.
    """

    @property
    def model_id(self) -> str:
        """Stored with the index; a change means re-embedding: vectors of two models do not compare."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        ...

    @property
    def languages(self) -> frozenset[str] | None:
        """ISO 639-1 codes of the languages the model understands; `None` means any."""
        ...

    async def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, shape `(len(texts), dimensions)`, unit rows, in the order given."""
        ...

    async def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of one question, shape `(dimensions,)`, unit length."""
        ...

    async def close(self) -> None:
        """Let threads and memory go; the embedder cannot be used afterwards."""
        ...
