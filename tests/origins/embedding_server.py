"""A provider of embeddings on loopback, in OpenAI's wire format; its vectors are those of an embedder of ours.

Requests and answers are as in "Create embeddings" (https://platform.openai.com/docs/api-reference/embeddings/create).
"""

import base64
from typing import Any

import numpy as np
import orjson

from aivastark.backends.embedding.base import Embedder
from aivastark.backends.embedding.hashing import Hashing
from tests.origins.model_server import Act, Asked, Wire, sends

MOST_TEXTS = 64


def embeds(
    embedder: Embedder | None = None, *, scale: float = 1.0, as_base64: bool = False, turned: bool = False
) -> Act:
    """Vectors of all texts; `scale` is their length, `turned` sends the last one first."""
    model = embedder or Hashing()

    async def act(asked: Asked, wire: Wire) -> None:
        texts = asked.body["input"]
        assert len(texts) <= MOST_TEXTS
        assert all(texts), "an empty text is refused by real ones"
        vectors = await model.embed_documents(texts) * np.float32(scale)
        rows = [row(place, _written(vector, as_base64=as_base64)) for place, vector in enumerate(vectors)]
        await listing(*(reversed(rows) if turned else rows))(asked, wire)

    return act


def row(place: int, embedding: object) -> dict[str, Any]:
    """The object `embedding`."""
    return {"object": "embedding", "index": place, "embedding": embedding}


def listing(*rows: dict[str, Any]) -> Act:
    """An answer of exactly these rows."""
    body = {"object": "list", "data": rows, "model": "m-1", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
    return sends(orjson.dumps(body))


def _written(vector: np.ndarray[Any, np.dtype[np.float32]], *, as_base64: bool) -> object:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode() if as_base64 else vector.tolist()
