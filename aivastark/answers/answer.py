"""The path of a question: recall → rewrite → retrieve → compose → cite → judge → record.

Nothing holds a database session while a model or the search engine works: one short read before, one
short write after.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aivastark.answers.citations import Citation, Cited, cite_verified
from aivastark.answers.confidence import ANSWERED_FROM, answered, confidence, level, reasons
from aivastark.answers.extractive import Draft, compose
from aivastark.answers.passages import Passage
from aivastark.answers.refusal import refusal_in
from aivastark.answers.retrieve import Retrieved, Scope, retrieve
from aivastark.answers.rewrite import Turn, rewrite
from aivastark.answers.suggest import suggestions
from aivastark.backends.base import Backends
from aivastark.conversations.record import Asked, Reply, recall, record
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
    history = await recall(backends.db, project.id, asked) if question.session_id else []
    turns = [Turn(question=turn.question, topics=turn.topics) for turn in history]
    asked_in = question.language or detect(question.message)
    rewritten = rewrite(question.message, turns, asked_in)

    retrieved = await retrieve(backends, project.id, rewritten.text, scope=question.scope, language=question.language)
    found_at = time.perf_counter()
    analysed_in = retrieved.result.query_language
    draft = compose(
        rewritten.text,
        retrieved.passages,
        term_weights=retrieved.result.term_weights,
        language=analysed_in,
        model_languages=backends.embedder.languages,
    )
    cited = cite_verified(draft.statements, _stored(retrieved.passages))
    language = asked_in or analysed_in
    verdict = _judge(project, question, retrieved, draft, cited, language=language)
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
                "retrieve": _ms(found_at - started),
                "generate": _ms(finished - found_at),
                "total": _ms(finished - started),
            },
        },
    )
    return await record(backends.db, project.id, asked, reply)


def _judge(
    project: Project, question: Question, retrieved: Retrieved, draft: Draft, cited: Cited, *, language: str | None
) -> dict[str, Any]:
    """How sure we are, and whether that is enough; a refusal is decided here and nowhere else."""
    threshold = ANSWERED_FROM if project.answer_threshold is None else project.answer_threshold
    probability = confidence(draft.signals) if cited.citations else 0.0
    shown = bool(cited.citations) and answered(probability, threshold=threshold)
    stale = _is_stale(cited.citations, retrieved)
    used = [citation.passage.chunk_id for citation in cited.citations] if shown else []
    return {
        "answer": cited.answer if shown else project.refusal_text or refusal_in(language),
        "answered": shown,
        "citations": [_wire(citation, retrieved) for citation in cited.citations] if shown else [],
        "confidence": round(probability, 4),
        "confidence_level": level(probability),
        "confidence_reasons": list(reasons(draft.signals, probability, stale=stale)),
        "suggestions": list(suggestions(question.message, retrieved.passages, used, language=language)),
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
