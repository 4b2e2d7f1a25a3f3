"""What came of a question as it is told: the words, the proof, how sure and why, and how long it took."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from aivastark.answers.attempt import Attempt
from aivastark.answers.citations import Citation
from aivastark.answers.confidence import level, reasons
from aivastark.answers.outcome import Outcome
from aivastark.answers.pinned import Pinned
from aivastark.answers.question import Question
from aivastark.answers.refusal import refusal_in
from aivastark.answers.retrieve import Retrieved
from aivastark.answers.suggest import suggestions
from aivastark.answers.topics import speaks_of
from aivastark.backends.llm.base import Took
from aivastark.conversations.recall import Past
from aivastark.conversations.record import Reply
from aivastark.conversations.wire import fixed_words
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.ids import new_id
from aivastark.kit.money import in_dollars
from aivastark.projects.models import Project
from aivastark.projects.schemas import answers_of
from aivastark.projects.within_budget import WithinBudget

STALE_AFTER = timedelta(days=365)


def pinned_reply(pinned: Pinned, *, language: str | None, started: float) -> Reply:
    """An answer in the words a person fixed: it cites nothing, and is as sure as that person."""
    return Reply(
        content=pinned.answer,
        answered=True,
        confidence=pinned.similarity,
        citations=[],
        language=language,
        body={
            **fixed_words(
                pinned.answer,
                language=language,
                model="pinned",
                reasons=("pinned_answer",),
                sureness=pinned.similarity,
                took_ms=_ms(time.perf_counter() - started),
            ),
            "pinned_answer_id": pinned.id,
        },
    )


def reply_of(
    project: Project,
    question: Question,
    attempt: Attempt,
    outcome: Outcome,
    past: Past,
    *,
    language: str | None,
    started: float,
    model: WithinBudget | None,
) -> Reply:
    """What is recorded and told of `outcome`, which answers in `language`; `started` is when the question came in.

    `model` was asked for it, if any was.
    """
    verdict = _verdict(project, question, attempt, outcome, language=language)
    finished = time.perf_counter()
    return Reply(
        content=verdict["answer"],
        answered=verdict["answered"],
        confidence=verdict["confidence"],
        citations=verdict.pop("citations"),
        language=language,
        body={
            **verdict,
            "raw_confidence": round(outcome.raw, 4),
            "handoff_offered": _offers_person(question, outcome, past),
            "language": language,
            "model": outcome.model,
            "usage": usage_of(model),
            **_reading(attempt),
            **({"pieces": [len(piece) for piece in outcome.pieces]} if outcome.pieces else {}),
            "latency_ms": {
                "retrieve": _ms(attempt.found_at - started),
                "generate": _ms(finished - attempt.found_at),
                "total": _ms(finished - started),
            },
        },
    )


def _reading(attempt: Attempt) -> dict[str, Any]:
    """What the question was taken for, where that is not what was asked, and who read it so."""
    return {} if attempt.read_by is None else {"read_as": {"text": attempt.text, "by": attempt.read_by}}


def usage_of(model: WithinBudget | None) -> dict[str, Any]:
    """What the model's calls for an answer took, whatever became of what it wrote; the cost in dollars."""
    took = Took() if model is None else model.took
    return {"input_tokens": took.input_tokens, "output_tokens": took.output_tokens, "cost": in_dollars(took.cost)}


def _verdict(
    project: Project, question: Question, attempt: Attempt, outcome: Outcome, *, language: str | None
) -> dict[str, Any]:
    """The outcome as it is told: the cited answer, or the project's refusal; how sure, why, and what else to ask."""
    citations = outcome.cited.citations
    stale = _is_stale(citations, attempt.retrieved)
    shown = citations if outcome.is_answer else ()
    used = [citation.passage.chunk_id for citation in shown]
    why = reasons(outcome.signals, outcome.probability, stale=stale)
    return {
        "answer": outcome.cited.answer if outcome.is_answer else project.refusal_text or refusal_in(language),
        "answered": outcome.is_answer,
        "citations": [_wire(citation, attempt.retrieved) for citation in shown],
        "confidence": round(outcome.probability, 4),
        "confidence_level": level(outcome.probability),
        "confidence_reasons": [*outcome.notes, *why, *(["embedding_anew"] if attempt.retrieved.reembedding else [])],
        "suggestions": [
            one
            for one in suggestions(question.message, attempt.retrieved.passages, used, language=language)
            if not speaks_of(answers_of(project).forbidden_topics, one, language)
        ],
    }


def _offers_person(question: Question, outcome: Outcome, past: Past) -> bool:
    """A doubtful answer offers a person at once, a refusal when it is not the first in a row, if so asked."""
    if not (question.may_pass_on and question.may_offer):
        return False
    if outcome.is_answer:
        return level(outcome.probability) == "low"
    return past.refused_in_a_row + 1 >= question.offer_after_refusals


def _is_stale(citations: Sequence[Citation], retrieved: Retrieved) -> bool:
    """Whether all the evidence was fetched so long ago that it may no longer hold."""
    limit = utc_now() - STALE_AFTER
    origins = [retrieved.origins[citation.passage.document_id] for citation in citations]
    return bool(origins) and all(origin.fetched_at < limit for origin in origins)


def _wire(citation: Citation, retrieved: Retrieved) -> dict[str, Any]:
    passage = citation.passage
    origin = retrieved.origins[passage.document_id]
    return {
        "id": new_id("cit"),
        "index": citation.index,
        "source_id": passage.source_id,
        "document_id": passage.document_id,
        "chunk_id": passage.chunk_id,
        "title": origin.title,
        "url": origin.url,
        "source_type": origin.source_type,
        "tags": list(origin.tags),
        "quote": citation.quote,
        "locator": {
            "page": passage.page,
            "heading_path": list(passage.heading_path),
            "char_start": citation.char_start,
            "char_end": citation.char_end,
        },
        "answer_span": {"start": citation.answer_start, "end": citation.answer_end},
        "score": round(passage.score, 4),
        "source_version": origin.source_version,
        "fetched_at": to_wire(origin.fetched_at),
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
