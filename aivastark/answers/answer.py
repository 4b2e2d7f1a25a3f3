"""The path of a question: recall → rewrite → retrieve → compose → cite → judge → record.

While a person has the conversation the bot is silent: the question is recorded, and nothing else is done.
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
from aivastark.conversations.intent import asks_for_person
from aivastark.conversations.live import announce
from aivastark.conversations.recall import Past, PastTurn, recall
from aivastark.conversations.record import (
    Also,
    Asked,
    Reply,
    Visit,
    record,
    record_for_person,
    record_request,
)
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.ids import new_id
from aivastark.kit.languages import detect
from aivastark.projects.hours import Hours
from aivastark.projects.models import Project

MODEL = "extractive"
STALE_AFTER = timedelta(days=365)
OFFER_AFTER_REFUSALS = 1
"""How many refusals in a row make the bot offer a person."""


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
    hours: Hours | None = None
    """When people are there for a visitor who asks for one; None = always."""
    offer_after_refusals: int = OFFER_AFTER_REFUSALS
    may_pass_on: bool = True
    """Whether there are people to pass a visitor on to."""
    may_offer: bool = True
    """Whether the bot offers them by itself, when it is in doubt."""
    visit: Visit | None = None
    """Where a widget's visitor asks from; None for every other channel."""


async def answer(backends: Backends, project: Project, question: Question) -> dict[str, Any]:
    """The whole answer as it goes over the wire, stored before it is returned.

    While a person has the conversation, and when the visitor asks for one, it is a sentence that says so.
    """
    started = time.perf_counter()
    asked = Asked(
        session_id=question.session_id or new_id("sess"),
        channel=question.channel,
        message=question.message,
        metadata=question.metadata,
        visit=question.visit,
    )
    past = Past(turns=tuple(question.history or ()))
    if question.history is None and question.session_id:
        past = await recall(backends.db, project.id, asked)
    asked_in = question.language or detect(question.message)
    given = await record_for_person(backends.db, project.id, asked, language=asked_in) if past.is_held else None
    if given is None and question.may_pass_on and asks_for_person(question.message):
        given = await record_request(backends.db, project.id, asked, language=asked_in, hours=question.hours)
    if given is None:
        reply, also = await _reply(backends, project, question, past, asked_in=asked_in, started=started)
        given = await record(backends.db, project.id, asked, reply, organization_id=project.organization_id, also=also)
    announce(backends.broadcast, project.id, given["conversation_id"])
    if given["confidence_level"] == "low":
        backends.work_waiting.set()  # there is an event to deliver: of the doubt, or of the visitor's wish for a person
    return given


async def _reply(
    backends: Backends, project: Project, question: Question, past: Past, *, asked_in: str | None, started: float
) -> tuple[Reply, Also | None]:
    """The bot's answer, or its refusal, and what is noted beside it. `started` is when the question came in."""
    if project.pinned_questions and question.scope == Scope():
        pinned = await find_pinned(backends, project.id, question.message)
        if pinned is not None:
            return _pinned_reply(pinned, language=asked_in, started=started), partial(note_hit, pinned)
    turns = [Turn(question=turn.question, topics=turn.topics) for turn in past.turns]
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
            "handoff_offered": _offers_person(question, attempt, past),
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
    return reply, also


def _pinned_reply(pinned: Pinned, *, language: str | None, started: float) -> Reply:
    """An answer in the words a person fixed: it cites nothing, and is as sure as that person."""
    took = _ms(time.perf_counter() - started)
    return Reply(
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
            "handoff_offered": False,
            "language": language,
            "model": "pinned",
            "usage": {"input_tokens": 0, "output_tokens": 0},
            "latency_ms": {"retrieve": took, "generate": 0.0, "total": took},
            "pinned_answer_id": pinned.id,
        },
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


def _offers_person(question: Question, attempt: _Attempt, past: Past) -> bool:
    """A doubtful answer offers a person at once, a refusal when it is not the first in a row, if so asked."""
    if not (question.may_pass_on and question.may_offer):
        return False
    if attempt.is_answer:
        return level(attempt.probability) == "low"
    return past.refused_in_a_row + 1 >= question.offer_after_refusals


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
