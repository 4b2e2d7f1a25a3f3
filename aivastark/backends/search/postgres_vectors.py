"""Vectors on their way into PostgreSQL and back, every float32 as it was."""

from collections.abc import Collection
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

SENT_HEADER_BYTES = 4
"""Before the numbers in what pgvector sends: how many there are, and two bytes it keeps for later."""


def as_text(vector: NDArray[np.float32]) -> str:
    """A vector as pgvector reads it; nine digits tell every float32 from its neighbours."""
    return "[" + ",".join([f"{number:.9g}" for number in vector.tolist()]) + "]"


def digest(vector: NDArray[np.float32]) -> bytes:
    """SHA-256 of the numbers as pgvector sends them, so that SQL can tell it too."""
    return sha256(vector.astype(">f4").tobytes()).digest()


def as_ids(ids: Collection[str]) -> list[str]:
    """Ids as a parameter."""
    # PostgreSQL's text cannot hold the character, so nothing has such an id.
    return sorted(id_ for id_ in ids if "\0" not in id_)


def received(sent: bytes) -> NDArray[np.float32]:
    """A vector out of what `vector_send` gives."""
    return np.frombuffer(sent, ">f4", offset=SENT_HEADER_BYTES).astype(np.float32)
