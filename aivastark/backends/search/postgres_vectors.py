"""Vectors on their way into PostgreSQL and back, every float32 as it was."""

from collections.abc import Collection
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from aivastark.backends.search.base import StoredVectors

SENT_HEADER_BYTES = 4
"""Before the numbers in what pgvector sends: how many there are, and two bytes it keeps for later."""

_VECTORS = """
SELECT chunk_id, vector_send(chunk.vector), vector_send(heading.vector)
FROM search_chunks AS chunk
LEFT JOIN search_headings AS heading ON heading.project_id = chunk.project_id AND heading.id = chunk.heading_id
WHERE chunk.project_id = :project_id AND chunk_id = ANY(:chunk_ids)
"""


def vectors(connection: Connection, project_id: str, chunk_ids: Collection[str]) -> dict[str, StoredVectors]:
    """See `SearchEngine.vectors`."""
    rows = connection.execute(text(_VECTORS), {"project_id": project_id, "chunk_ids": as_ids(chunk_ids)})
    return {
        chunk_id: StoredVectors(
            vector=_received(vector), heading_vector=None if heading is None else _received(heading)
        )
        for chunk_id, vector, heading in rows
    }


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


def _received(sent: bytes) -> NDArray[np.float32]:
    return np.frombuffer(sent, ">f4", offset=SENT_HEADER_BYTES).astype(np.float32)
