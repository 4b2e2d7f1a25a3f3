"""A reading of the question, and where it led: passages, and what they say in their own words."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aivastark.answers.citations import Stored, cite_verified
from aivastark.answers.confidence import ANSWERED_FROM, answered, confidence, level
from aivastark.answers.extractive import Examined, draft, examine
from aivastark.answers.leaning import points_back
from aivastark.answers.other_language import opening_for
from aivastark.answers.outcome import Outcome
from aivastark.answers.passages import Passage
from aivastark.answers.privacy import to_search_for
from aivastark.answers.question import Question
from aivastark.answers.remap import map_of
from aivastark.answers.rerank import find_passages
from aivastark.answers.retrieve import Retrieved
from aivastark.answers.rewrite import Turn, chosen_of, rewrite
from aivastark.answers.standalone import told_whole
from aivastark.backends.base import Backends
from aivastark.conversations.recall import Past
from aivastark.projects.models import Project
from aivastark.telemetry.steps import step

Reader = Literal["rules", "model"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """What one reading of the question led to: the passages, and what they say in their own words."""

    text: str
    read_by: Reader | None
    """Whose reading it is; None where the question is taken as it was asked."""
    retrieved: Retrieved
    examined: Examined
    outcome: Outcome
    found_at: float

    @property
    def probability(self) -> float:
        return self.outcome.probability


async def best_attempt(
    backends: Backends,
    project: Project,
    question: Question,
    past: Past,
    asked_in: str | None,
    *,
    stop: asyncio.Event | None = None,
) -> Attempt:
    """The question read as it stands in its conversation or, where that leads nowhere, by itself.

    What was chosen of what the bot asked back is read with the question it belongs to. Where rules alone do not know
    what it means, a language model's reading goes first, if it has a sound one.
    """
    chosen = chosen_of(question.message, past, asked_in)
    if chosen is not None:
        return await try_reading(backends, project, question, chosen, "rules")
    turns = [Turn(question=turn.question, topics=turn.topics) for turn in past.turns]
    rewritten = rewrite(question.message, turns, asked_in)
    attempts: list[Attempt] = []
    if rewritten.is_doubtful and backends.llm is not None:
        whole = await told_whole(backends.llm, question.message, past.turns, asked_in, stop=stop)
        if whole is not None:
            attempts.append(await try_reading(backends, project, question, whole, "model"))
            if level(attempts[0].probability) != "low":
                return attempts[0]
    by: Reader | None = "rules" if rewritten.used_history else None
    attempts.append(await try_reading(backends, project, question, rewritten.text, by))
    probability = attempts[-1].probability
    if rewritten.used_history and (level(probability) == "low" or not points_back(question.message, asked_in)):
        # What looked like a follow-up may be a new subject: "And how do I return an item?"
        attempts.append(await try_reading(backends, project, question, question.message))
    return max(attempts, key=lambda one: one.probability)


async def try_reading(
    backends: Backends, project: Project, question: Question, text: str, by: Reader | None = None
) -> Attempt:
    """Retrieve, compose, cite and judge for the question read as `text`."""
    text = to_search_for(project, text)
    retrieved = await find_passages(backends, project.id, text, scope=question.scope, language=question.language)
    found_at = time.perf_counter()
    with step("compose"):
        examined = examine(
            text,
            retrieved.passages,
            term_weights=retrieved.result.term_weights,
            language=retrieved.result.query_language,
            model_languages=retrieved.asked.languages,
        )
        drafted = draft(examined)
    opening = opening_for(question.message, wanted=question.language)
    with step("cite"):
        cited = cite_verified(drafted.statements, stored_text(retrieved.passages), opening)
    raw = confidence(drafted.signals) if cited.citations else 0.0
    probability = map_of(project.confidence_map)(raw)
    return Attempt(
        text=text,
        read_by=by,
        retrieved=retrieved,
        examined=examined,
        outcome=Outcome(
            cited=cited,
            signals=drafted.signals,
            probability=probability,
            raw=raw,
            is_answer=bool(cited.citations) and answered(probability, threshold=threshold_of(project)),
        ),
        found_at=found_at,
    )


def threshold_of(project: Project) -> float:
    """From which probability this project shows an answer."""
    return ANSWERED_FROM if project.answer_threshold is None else project.answer_threshold


def stored_text(passages: Sequence[Passage]) -> Stored:
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
