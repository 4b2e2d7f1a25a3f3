"""The path of a question: recall → rewrite → retrieve → compose → cite → judge → record.

Nothing holds a database session while a model or the search engine works: one short read before, one
short write after.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from aivastark.answers.citations import Citation, Cited, cite_verified
from aivastark.answers.confidence import ANSWERED_FROM, answered, confidence, level, reasons
from aivastark.answers.extractive import Draft, compose
from aivastark.answers.leaning import points_back
from aivastark.answers.open_questions import note_open_question
from aivastark.answers.passages import Passage
from aivastark.answers.pinned import Pinned, find_pinned, note_hit
from aivastark.answers.refusal import refusal_in
from aivastark.answers.retrieve import Retrieved, Scope, retrieve
from aivastark.answers.rewrite import Turn, rewrite
from aivastark.answers.suggest import suggestions
from aivastark.backends.base import Backends
from aivastark.conversations.record import Asked, PastTurn, Reply, recall, record
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.ids import new_id
from aivastark.kit.languages import detect
from aivastark.projects.models import Project

MODEL = "extractive"
STALE_AFTER = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a caller asks, and which part of the knowledge may be used for it."""

    message: str
    session_id: str | None = None
    channel: str = "api"
    history: Sequence[PastTurn] | None = None  # what was said before, oldest first; None = as we recorded it
    scope: Scope = field(default_factory=Scope)
    language: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


async def answer(backends: Backends, project: Project, question: Question) -> dict[str, Any]:
    """The whole answer as it goes over the wire, stored before it is returned."""
    started = time.perf_counter()
    asked = Asked(
        session_id=question.session_id or new_id("sess"),
        channel=question.channel,
        message=question.message,
        metadata=question.metadata,
    )
    history = question.history
    if history is None:
        history = await recall(backends.db, project.id, asked) if question.session_id else ()
    turns = [Turn(question=turn.question, topics=turn.topics) for turn in history]
    asked_in = question.language or detect(question.message)
    if project.pinned_questions and question.scope == Scope():
        pinned = await find_pinned(backends, project.id, question.message)
        if pinned is not None:
            return await _give_pinned(backends, project, asked, pinned, language=asked_in, started=started)
    rewritten = rewrite(question.message, turns, asked_in)

    attempt = await _attempt(backends, project, question, rewritten.text)
    if rewritten.used_history and (level(attempt.probability) == "low" or not points_back(question.message, asked_in)):
        # What looked like a follow-up may be a new subject: "And how do I return an item?"
        alone = await _attempt(backends, project, question, question.message)
        attempt = max(attempt, alone, key=lambda one: one.probability)
    language = asked_in or attempt.retrieved.result.query_language
    verdict = _verdict(project, question, attempt, language=language)
    finished = time.perf_counter()

    reply = Reply(
        content=verdict["answer"],
        answered=verdict["answered"],
        confidence=verdict["confidence"],
        citations=verdict.pop("citations"),
        language=language,
        body={
            **verdict,
            "language": language,
            "model": MODEL,
            "usage": {"input_tokens": 0, "output_tokens": 0},
            "latency_ms": {
                "retrieve": _ms(attempt.found_at - started),
                "generate": _ms(finished - attempt.found_at),
                "total": _ms(finished - started),
            },
        },
    )
    low = reply.body["confidence_level"] == "low"
    also = partial(note_open_question, attempt.retrieved.vector, backends.embedder.model_id) if low else None
    return await record(backends.db, project.id, asked, reply, organization_id=project.organization_id, also=also)


async def _give_pinned(
    backends: Backends, project: Project, asked: Asked, pinned: Pinned, *, language: str | None, started: float
) -> dict[str, Any]:
    """An answer in the words a person fixed: it cites nothing, and is as sure as that person."""
    took = _ms(time.perf_counter() - started)
    reply = Reply(
        content=pinned.answer,
        answered=True,
        confidence=pinned.similarity,
        citations=[],
        language=language,
        body={
            "answer": pinned.answer,
            "answered": True,
            "confidence": pinned.similarity,
            "confidence_level": "high",
            "confidence_reasons": ["pinned_answer"],
            "suggestions": [],
            "language": language,
            "model": "pinned",
            "usage": {"input_tokens": 0, "output_tokens": 0},
            "latency_ms": {"retrieve": took, "generate": 0.0, "total": took},
            "pinned_answer_id": pinned.id,
        },
    )
    return await record(
        backends.db, project.id, asked, reply, organization_id=project.organization_id, also=partial(note_hit, pinned)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Attempt:
    """What one reading of the question led to. `is_answer` is decided here and nowhere else."""

    retrieved: Retrieved
    draft: Draft
    cited: Cited
    probability: float
    is_answer: bool
    found_at: float


async def _attempt(backends: Backends, project: Project, question: Question, text: str) -> _Attempt:
    """Retrieve, compose, cite and judge for the question read as `text`."""
    retrieved = await retrieve(backends, project.id, text, scope=question.scope, language=question.language)
    found_at = time.perf_counter()
    draft = compose(
        text,
        retrieved.passages,
        term_weights=retrieved.result.term_weights,
        language=retrieved.result.query_language,
        model_languages=backends.embedder.languages,
    )
    cited = cite_verified(draft.statements, _stored(retrieved.passages))
    threshold = ANSWERED_FROM if project.answer_threshold is None else project.answer_threshold
    probability = confidence(draft.signals) if cited.citations else 0.0
    return _Attempt(
        retrieved=retrieved,
        draft=draft,
        cited=cited,
        probability=probability,
        is_answer=bool(cited.citations) and answered(probability, threshold=threshold),
        found_at=found_at,
    )


def _verdict(project: Project, question: Question, attempt: _Attempt, *, language: str | None) -> dict[str, Any]:
    """The attempt as it is told: the cited answer, or the project's refusal; how sure, why, and what else to ask."""
    citations = attempt.cited.citations
    stale = _is_stale(citations, attempt.retrieved)
    shown = citations if attempt.is_answer else ()
    used = [citation.passage.chunk_id for citation in shown]
    return {
        "answer": attempt.cited.answer if attempt.is_answer else project.refusal_text or refusal_in(language),
        "answered": attempt.is_answer,
        "citations": [_wire(citation, attempt.retrieved) for citation in shown],
        "confidence": round(attempt.probability, 4),
        "confidence_level": level(attempt.probability),
        "confidence_reasons": list(reasons(attempt.draft.signals, attempt.probability, stale=stale)),
        "suggestions": list(suggestions(question.message, attempt.retrieved.passages, used, language=language)),
    }


def _stored(passages: Sequence[Passage]) -> Any:
    """What the stored version has at a place: each passage was cut from it by the database a moment ago."""
    by_document: dict[str, list[Passage]] = {}
    for passage in passages:
        by_document.setdefault(passage.document_id, []).append(passage)

    def at(document_id: str, start: int, end: int) -> str | None:
        for passage in by_document.get(document_id, ()):
            if passage.char_start <= start and end <= passage.char_start + len(passage.text):
                return passage.text[start - passage.char_start : end - passage.char_start]
        return None

    return at


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
