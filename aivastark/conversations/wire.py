"""An answer's body as it goes over the wire, when it is given and whenever it is asked for again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from aivastark.conversations.models import Message
from aivastark.kit.clock import to_wire

NOT_ON_THE_WIRE = frozenset({"topics", "pieces", "raw_confidence"})
"""Of what is kept with an answer: what a follow-up needs, and how the answer was parted when it was streamed,
and how sure the shipped calibration was, before the project's own map."""


def wire(
    ids: Mapping[str, str | None], body: dict[str, Any], citations: list[dict[str, Any]], created_at: datetime
) -> dict[str, Any]:
    """In the order of the contract: people read these bodies."""
    first = {"answer": body["answer"], "answered": body["answered"], "citations": citations}
    return {**ids, **first, **body, "created_at": to_wire(created_at)}


def answer_body(message: Message, session_id: str, citations: list[dict[str, Any]]) -> dict[str, Any]:
    """A stored answer as it went over the wire when it was given."""
    body = {name: value for name, value in (message.answer or {}).items() if name not in NOT_ON_THE_WIRE}
    ids = {"id": message.id, "conversation_id": message.conversation_id, "session_id": session_id}
    return wire(ids, body, citations, message.created_at)


def words_instead(words: str, *, language: str | None, reason: str) -> dict[str, Any]:
    """The body of a reply that is no answer, because a person has the conversation or gets it."""
    return fixed_words(words, language=language, model="none", reasons=(reason,))


def fixed_words(
    words: str,
    *,
    language: str | None,
    model: str,
    reasons: Sequence[str],
    sureness: float | None = None,
    took_ms: float = 0.0,
) -> dict[str, Any]:
    """The body of a reply that was not composed for its question: no model was asked, nothing is suggested.

    `sureness`: how sure it is that these words fit; None where they are no answer at all.
    """
    return {
        "answer": words,
        "answered": sureness is not None,
        "confidence": sureness or 0.0,
        "confidence_level": "low" if sureness is None else "high",
        "confidence_reasons": list(reasons),
        "suggestions": [],
        "handoff_offered": False,
        "language": language,
        "model": model,
        "usage": {"input_tokens": 0, "output_tokens": 0, "cost": "0"},
        "latency_ms": {"retrieve": took_ms, "generate": 0.0, "total": took_ms},
    }
