"""A provider of reranking on loopback, in the form of Cohere's "Rerank" (https://docs.cohere.com/reference/rerank)."""

from collections.abc import Callable
from typing import Any

import orjson

from tests.origins.model_server import Act, Asked, Wire, sends


def reranks(score: Callable[[str, str], float], *, most: int | None = None) -> Act:
    """Every document by `score(question, document)`, best first; `most` leaves the rest out."""

    async def act(asked: Asked, wire: Wire) -> None:
        documents = asked.body["documents"]
        assert asked.path.partition("?")[0].endswith("/rerank")
        assert asked.body["top_n"] == len(documents)
        scores = {place: score(asked.body["query"], text) for place, text in enumerate(documents)}
        best = sorted(scores, key=lambda place: -scores[place])[:most]
        await ranking(*({"index": place, "relevance_score": scores[place]} for place in best))(asked, wire)

    return act


def ranking(*results: Any) -> Act:
    """An answer of exactly these results."""
    return sends(orjson.dumps({"id": "r-1", "results": list(results), "meta": {}}))
