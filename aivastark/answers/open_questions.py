"""Questions the knowledge could not answer well are noted with their vectors: `analytics/gaps` gathers them."""

import numpy as np
from numpy.typing import NDArray

from aivastark.answers.models import OpenQuestion
from aivastark.conversations.record import Written
from aivastark.database import WriteSession

QUESTION_MAX_CHARS = 1_000


def note_open_question(
    vector: NDArray[np.float32] | None, model_id: str, session: WriteSession, written: Written
) -> None:
    """Keep the question, in the transaction that records its answer."""
    session.add(
        OpenQuestion(
            project_id=written.project_id,
            message_id=written.message_id,
            conversation_id=written.conversation_id,
            question=written.question[:QUESTION_MAX_CHARS],
            language=written.reply.language,
            answered=written.reply.answered,
            confidence=written.reply.confidence,
            status="open",
            model_id=model_id,
            vector=b"" if vector is None else vector.astype(np.float32).tobytes(),
            created_at=written.at,
        )
    )
