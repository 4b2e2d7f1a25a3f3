"""Models at endpoints that this install was set to, so that one can be asked again while its knowledge still serves."""

import numpy as np
import structlog
from numpy.typing import NDArray

from aivastark.backends.embedding.base import Embedder, EmbeddingFailed
from aivastark.database import Database, ReadSession, WriteSession
from aivastark.kit.clock import utc_now
from aivastark.sources.embedding_models import EmbeddingModel

SAMPLE = "warm up"
SAME_FROM = 0.99
"""Cosine of two vectors of the sample. Another machine or precision moves it by thousandths, another model far."""

log = structlog.get_logger()


async def note_model(
    db: Database, model_id: str, *, model: str, query_prefix: str, passage_prefix: str, sample: NDArray[np.float32]
) -> None:
    """Remember a model at an endpoint by what it makes of the sample. One that changed under its name is reported."""
    known = await find_model(db, model_id)
    if known is not None:
        if not _alike(known.sample, sample):
            log.error("embedding_model_changed", model=model, advice="Its vectors are not those it made before.")
        return

    def note(session: WriteSession) -> None:
        if session.get(EmbeddingModel, model_id) is None:
            session.add(
                EmbeddingModel(
                    model_id=model_id,
                    model=model,
                    query_prefix=query_prefix,
                    passage_prefix=passage_prefix,
                    sample=sample.astype(np.float32).tobytes(),
                    created_at=utc_now(),
                )
            )

    await db.write(note)


async def find_model(db: Database, model_id: str) -> EmbeddingModel | None:
    """What is known of a model at an endpoint; None of one that never answered here."""

    def find(session: ReadSession) -> EmbeddingModel | None:
        return session.get(EmbeddingModel, model_id)

    return await db.read(find)


async def is_the_same(embedder: Embedder, known: EmbeddingModel) -> bool:
    """Whether the model that answers is the one that is known: many servers answer for any name with what they have."""
    try:
        return _alike(known.sample, await embedder.embed_query(SAMPLE))
    except EmbeddingFailed as failure:
        log.info("other_model_unavailable", model=known.model, code=failure.code, reason=failure.message)
        return False


def _alike(sample: bytes, vector: NDArray[np.float32]) -> bool:
    before = np.frombuffer(sample, np.float32)
    return before.shape == vector.shape and float(before @ vector) >= SAME_FROM
