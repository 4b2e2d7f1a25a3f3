"""The embedding port: text in, unit vectors out."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class EmbeddingFailed(Exception):
    """No vectors came. `message` is a sentence for the operator: no secret, and nothing of what was sent.

    `code` is one of those of a language model's failures. `retryable`: the same may succeed now or later.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class Embedder(Protocol):
    """Turns text into unit vectors whose inner product is closeness of meaning.

    Safe to call from several tasks at once; a query never waits for a whole ingest to finish. One that asks
    elsewhere raises EmbeddingFailed.
    """

    @property
    def model_id(self) -> str:
        """Stored with the index; a change means re-embedding: vectors of two models do not compare."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of every vector; 0 as long as one that asks elsewhere had no answer."""
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
