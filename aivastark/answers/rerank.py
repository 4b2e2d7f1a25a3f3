"""Putting what was found in a better order by a model that reads question and passage together, where one is set."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from aivastark.answers.passages import Passage
from aivastark.answers.retrieve import CANDIDATES, Retrieved, Scope, retrieve
from aivastark.backends.base import Backends
from aivastark.backends.llm.base import ModelFailed
from aivastark.telemetry.metrics import MODEL_CALLS
from aivastark.telemetry.steps import step

RERANKED = 40  # passages that are put in order; the best of them are used

log = structlog.get_logger()


async def find_passages(
    backends: Backends,
    project_id: str,
    text: str,
    *,
    scope: Scope,
    language: str | None,
    limit: int = CANDIDATES,
) -> Retrieved:
    """Retrieve, then rerank. Where the model fails or takes too long, the order is that of the search."""
    found = limit if backends.reranker is None else max(limit, RERANKED)
    retrieved = await retrieve(backends, project_id, text, scope=scope, language=language, limit=found)
    passages = await _ordered(backends, text, retrieved.passages)
    return replace(retrieved, passages=passages[:limit])


async def _ordered(backends: Backends, question: str, passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
    if backends.reranker is None or len(passages) < 2:
        return passages
    try:
        with step("rerank"):
            order = await backends.reranker.order(question, [_as_read(passage) for passage in passages[:RERANKED]])
        MODEL_CALLS.labels("reranking", "done").inc()
    except ModelFailed as failure:
        MODEL_CALLS.labels("reranking", failure.code).inc()
        log.warning("passages_not_reranked", code=failure.code, reason=failure.message)
        return passages
    return _in_order(passages, order)


def _in_order(passages: Sequence[Passage], order: Sequence[int]) -> tuple[Passage, ...]:
    """Those named, best first, then the others as they were.

    How much place counts stays what it was, whoever is at it: the first passage gets what the best score gave, and so
    on. The scores themselves, and what confidence is judged by, stay each passage's own.
    """
    named = set(order)
    weights = sorted((passage.score for passage in passages), reverse=True)
    places = [*order, *(place for place in range(len(passages)) if place not in named)]
    return tuple(
        replace(passages[place], prior=weight, rerank_rank=rank if place in named else None)
        for rank, (place, weight) in enumerate(zip(places, weights, strict=True), start=1)
    )


def _as_read(passage: Passage) -> str:
    """A passage under its title and headings."""
    return f"{passage.above}\n{passage.text}" if passage.above else passage.text
