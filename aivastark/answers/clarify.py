"""A question that several things answer is asked back: which of them is meant.

Decided by code, from what was found. A question is ambiguous when two to four headings say all of its words, each
with something more of its own ("Reset your password in the app", "… in the admin console"), and nothing is called
exactly what was asked. What is offered was tried: each choice, when it is sent, is answered from under its own heading.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from aivastark.answers.attempt import Attempt, try_reading
from aivastark.answers.citations import without_markers
from aivastark.answers.passages import Passage
from aivastark.answers.question import Question
from aivastark.answers.reply import usage_of
from aivastark.answers.rewrite import content_terms
from aivastark.answers.topics import speaks_of
from aivastark.backends.base import Backends
from aivastark.conversations.recall import CLARIFYING, Past
from aivastark.conversations.record import Reply
from aivastark.conversations.wire import fixed_words
from aivastark.conversations.words import in_language
from aivastark.projects.models import Project
from aivastark.projects.schemas import answers_of
from aivastark.projects.within_budget import WithinBudget

MIN_CHOICES = 2
MAX_CHOICES = 4
CHOICE_MAX_CHARS = 120
NEAR_TOP_SCORE = 0.7
"""Of the best passage's score: what was found farther below is about something else."""

WHICH = {
    "en": "Which of these do you mean?",
    "de": "Was davon meinen Sie?",
    "es": "¿A cuál de estos temas se refiere?",
    "fr": "De quoi s'agit-il exactement ?",
    "it": "Quale di questi argomenti intende?",
    "pt": "A qual destes temas se refere?",
    "nl": "Welke van deze bedoelt u?",
    "pl": "O który z tych tematów chodzi?",
    "sv": "Vilket av dessa menar du?",
    "tr": "Bunlardan hangisini kastediyorsunuz?",
    "ru": "Что из этого вы имеете в виду?",
    "uk": "Що з цього ви маєте на увазі?",
    "ja": "次のどれについてお尋ねですか。",
    "zh": "您指的是以下哪一项？",
    "th": "คุณหมายถึงข้อใดต่อไปนี้คะ",
    "ko": "다음 중 어느 것을 말씀하시나요?",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where passages stand: the document's title and the headings down to them."""

    path: tuple[str, ...]
    """Without repeats."""
    more: frozenset[str]
    """What it says beyond the question."""


async def choices_for(
    backends: Backends, project: Project, question: Question, past: Past, attempt: Attempt
) -> tuple[str, ...]:
    """The headings to choose from, best first; none where the question is to be answered.

    It is not asked back twice in a row, nor where what was said before is known by hearsay alone.
    """
    settings = answers_of(project)
    if not settings.clarify or question.history is not None or attempt.read_by is not None:
        return ()
    if past.turns and past.turns[-1].choices:
        return ()
    language = attempt.retrieved.result.query_language
    topics = settings.forbidden_topics
    if speaks_of(topics, question.message, language):
        return ()
    choices: list[str] = []
    for name, place in _named(places(attempt.text, attempt.examined.passages, language)).items():
        tried = await try_reading(backends, project, question, f"{question.message.strip()} {name}")
        cited = tried.outcome.cited.citations
        if tried.outcome.is_answer and _path(cited[0].passage) == place.path and not speaks_of(topics, name, language):
            choices.append(name)
    return tuple(choices) if len(choices) >= MIN_CHOICES else ()


def clarifying_reply(
    choices: Sequence[str], *, language: str | None, started: float, model: WithinBudget | None
) -> Reply:
    """The question back, in our own words, with the headings as they stand; no answer and no refusal in the books."""
    lines = "".join(f"\n- {without_markers(choice)}" for choice in choices)
    words = in_language(WHICH, language) + lines
    took_ms = round((time.perf_counter() - started) * 1000, 2)
    body = fixed_words(words, language=language, model="none", reasons=(CLARIFYING,), took_ms=took_ms)
    return Reply(
        content=words,
        answered=None,
        confidence=None,
        citations=[],
        language=language,
        body={**body, "suggestions": list(choices), "usage": usage_of(model)},
    )


def places(question: str, passages: Sequence[Passage], language: str | None) -> list[Place]:
    """Where the passages stand whose heading says all of the question and something more; none unless all do so."""
    asked = content_terms(question, language)
    if not asked:
        return []
    top = max((passage.score for passage in passages), default=0.0)
    found: dict[tuple[str, ...], Place] = {}
    for passage in passages:
        path = _path(passage)
        if not path or passage.score < NEAR_TOP_SCORE * top or not asked <= content_terms(path[-1], language):
            continue
        more = content_terms(" ".join(path), language) - asked
        if not more:
            return []  # this is what was asked for, by name
        if not any(place.more == more for place in found.values()):
            found.setdefault(path, Place(path=path, more=more))
    return list(found.values()) if MIN_CHOICES <= len(found) <= MAX_CHOICES else []


def _named(found: Sequence[Place]) -> dict[str, Place]:
    """The places by what they are called: the heading, with the titles above where several have the same."""
    headings = [place.path[-1].casefold() for place in found]
    named = {
        place.path[-1] if headings.count(place.path[-1].casefold()) == 1 else " › ".join(place.path): place
        for place in found
    }
    return {name: place for name, place in named.items() if len(name) <= CHOICE_MAX_CHARS}


def _path(passage: Passage) -> tuple[str, ...]:
    parts = (" ".join(part.split()) for part in (passage.title, *passage.heading_path))
    return tuple(dict.fromkeys(part for part in parts if part))
