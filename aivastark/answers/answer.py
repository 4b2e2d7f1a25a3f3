"""The path of a question: recall → rewrite → retrieve → compose → cite → judge → record.

While a person has the conversation the bot is silent: the question is recorded, and nothing else is done.
Nothing holds a database session while a model or the search engine works: one short read before, one
short write after.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

from aivastark.answers.citations import Citation, cite_verified
from aivastark.answers.confidence import ANSWERED_FROM, answered, confidence, level, reasons
from aivastark.answers.extractive import Examined, draft, examine
from aivastark.answers.leaning import points_back
from aivastark.answers.model_answer import Task, write_answer
from aivastark.answers.open_questions import note_open_question
from aivastark.answers.outcome import EXTRACTIVE, Outcome, is_forbidden, outcome_of, refused
from aivastark.answers.passages import Passage
from aivastark.answers.pinned import Pinned, find_pinned, note_hit
from aivastark.answers.policy import policy_of
from aivastark.answers.prompt import prompt_for
from aivastark.answers.refusal import refusal_in
from aivastark.answers.retrieve import Retrieved, Scope, retrieve
from aivastark.answers.rewrite import Turn, rewrite
from aivastark.answers.suggest import suggestions
from aivastark.answers.topics import speaks_of
from aivastark.backends.base import Backends
from aivastark.conversations.intent import asks_for_person
from aivastark.conversations.live import announce
from aivastark.conversations.recall import Past, PastTurn, recall
from aivastark.conversations.record import (
    Also,
    Asked,
    Ids,
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
from aivastark.projects.schemas import answers_of

MODEL = EXTRACTIVE
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


class Watcher(Protocol):
    """Somebody who reads an answer while a language model writes it."""

    @property
    def stop(self) -> asyncio.Event:
        """Set when they do not want to read on: what is proven by then is the answer."""
        ...

    async def released(self, ids: Ids, piece: str) -> None:
        """A further piece of the answer, proven. All of an answer comes like this, or none of it."""
        ...


async def answer(
    backends: Backends, project: Project, question: Question, *, watcher: Watcher | None = None
) -> dict[str, Any]:
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
        if watcher is not None:
            asked = replace(asked, ids=_announced(asked, past))
        reply, also = await _reply(backends, project, question, past, asked, asked_in, started=started, watcher=watcher)
        given = await record(backends.db, project.id, asked, reply, organization_id=project.organization_id, also=also)
    announce(backends.broadcast, project.id, given["conversation_id"])
    if given["confidence_level"] == "low":
        backends.work_waiting.set()  # there is an event to deliver: of the doubt, or of the visitor's wish for a person
    return given


async def _reply(
    backends: Backends,
    project: Project,
    question: Question,
    past: Past,
    asked: Asked,
    asked_in: str | None,
    *,
    started: float,
    watcher: Watcher | None,
) -> tuple[Reply, Also | None]:
    """The bot's answer, or its refusal, and what is noted beside it. `started` is when the question came in."""
    if project.pinned_questions and question.scope == Scope():
        pinned = await find_pinned(backends, project.id, question.message)
        if pinned is not None:
            return _pinned_reply(pinned, language=asked_in, started=started), partial(note_hit, pinned)
    attempt = await _best_attempt(backends, project, question, past, asked_in)
    language = asked_in or attempt.retrieved.result.query_language
    outcome = await _outcome(backends, project, question, attempt, past, asked=asked, watcher=watcher)
    verdict = _verdict(project, question, attempt, outcome, language=language)
    finished = time.perf_counter()

    reply = Reply(
        content=verdict["answer"],
        answered=verdict["answered"],
        confidence=verdict["confidence"],
        citations=verdict.pop("citations"),
        language=language,
        body={
            **verdict,
            "handoff_offered": _offers_person(question, outcome, past),
            "language": language,
            "model": outcome.model,
            "usage": {"input_tokens": outcome.input_tokens, "output_tokens": outcome.output_tokens},
            **({"pieces": [len(piece) for piece in outcome.pieces]} if outcome.pieces else {}),
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


def _announced(asked: Asked, past: Past) -> Ids:
    return Ids(
        message_id=new_id("msg"),
        conversation_id=past.conversation_id or new_id("conv"),
        session_id=asked.session_id,
        at=utc_now(),
    )


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
    """What one reading of the question led to: the passages, and what they say in their own words."""

    text: str
    retrieved: Retrieved
    examined: Examined
    outcome: Outcome
    found_at: float

    @property
    def probability(self) -> float:
        return self.outcome.probability


async def _best_attempt(
    backends: Backends, project: Project, question: Question, past: Past, asked_in: str | None
) -> _Attempt:
    """The question read as it stands in its conversation or, where that leads nowhere, by itself."""
    turns = [Turn(question=turn.question, topics=turn.topics) for turn in past.turns]
    rewritten = rewrite(question.message, turns, asked_in)
    attempt = await _attempt(backends, project, question, rewritten.text)
    if rewritten.used_history and (level(attempt.probability) == "low" or not points_back(question.message, asked_in)):
        # What looked like a follow-up may be a new subject: "And how do I return an item?"
        alone = await _attempt(backends, project, question, question.message)
        attempt = max(attempt, alone, key=lambda one: one.probability)
    return attempt


async def _attempt(backends: Backends, project: Project, question: Question, text: str) -> _Attempt:
    """Retrieve, compose, cite and judge for the question read as `text`."""
    retrieved = await retrieve(backends, project.id, text, scope=question.scope, language=question.language)
    found_at = time.perf_counter()
    examined = examine(
        text,
        retrieved.passages,
        term_weights=retrieved.result.term_weights,
        language=retrieved.result.query_language,
        model_languages=backends.embedder.languages,
    )
    drafted = draft(examined)
    cited = cite_verified(drafted.statements, _stored(retrieved.passages))
    probability = confidence(drafted.signals) if cited.citations else 0.0
    return _Attempt(
        text=text,
        retrieved=retrieved,
        examined=examined,
        outcome=Outcome(
            cited=cited,
            signals=drafted.signals,
            probability=probability,
            is_answer=bool(cited.citations) and answered(probability, threshold=_threshold(project)),
        ),
        found_at=found_at,
    )


async def _outcome(
    backends: Backends,
    project: Project,
    question: Question,
    attempt: _Attempt,
    past: Past,
    *,
    asked: Asked,
    watcher: Watcher | None,
) -> Outcome:
    """The answer by the project's policy: as a language model writes it, where there is one, or as it was drafted."""
    model = backends.llm
    policy, language = policy_of(project, max_tokens=backends.llm_max_tokens), attempt.retrieved.result.query_language
    topics = policy.forbidden_topics
    if speaks_of(topics, question.message, language) or (
        model is None and is_forbidden(attempt.outcome, topics, language)
    ):
        return refused("forbidden_topic", attempt.outcome)
    if model is None or not attempt.examined.rated:
        return attempt.outcome
    earlier = [turn.question for turn in past.turns]
    task = Task(
        prompt=prompt_for(question.message, attempt.examined.passages, policy=policy, earlier=earlier),
        examined=attempt.examined,
        stored=_stored(attempt.retrieved.passages),
        policy=policy,
        threshold=_threshold(project),
        question=attempt.text,
        language=language,
        release=None if watcher is None or asked.ids is None else partial(watcher.released, asked.ids),
        stop=None if watcher is None else watcher.stop,
    )
    return outcome_of(await write_answer(model, task), task, attempt.outcome, model=model.name)


def _threshold(project: Project) -> float:
    return ANSWERED_FROM if project.answer_threshold is None else project.answer_threshold


def _verdict(
    project: Project, question: Question, attempt: _Attempt, outcome: Outcome, *, language: str | None
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
        "confidence_reasons": [*outcome.notes, *why],
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
