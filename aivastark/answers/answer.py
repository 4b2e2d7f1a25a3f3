"""The path of a question: recall → mask → rewrite → retrieve → compose → cite → judge → record.

While a person has the conversation the bot is silent: the question is recorded, and nothing else is done.
Nothing holds a database session while a model or the search engine works: one short read before, one
short write after.
"""

import time
from dataclasses import replace
from functools import partial
from typing import Any

from aivastark.answers.attempt import best_attempt
from aivastark.answers.clarify import choices_for, clarifying_reply
from aivastark.answers.compose import compose
from aivastark.answers.open_questions import note_open_question
from aivastark.answers.pinned import find_pinned, note_hit
from aivastark.answers.privacy import without_personal
from aivastark.answers.question import Question, Watcher
from aivastark.answers.reply import pinned_reply, reply_of
from aivastark.answers.retrieve import Scope
from aivastark.answers.small_talk import small_talk_in, small_talk_reply
from aivastark.backends.base import Backends
from aivastark.conversations.intent import asks_for_person
from aivastark.conversations.live import announce
from aivastark.conversations.recall import CLARIFYING, Past, recall
from aivastark.conversations.record import (
    PERSON_ASKED_FOR,
    PERSON_HAS_IT,
    Also,
    Asked,
    Ids,
    Reply,
    record,
    record_for_person,
    record_request,
)
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.kit.languages import detect
from aivastark.projects.models import Project
from aivastark.projects.within_budget import within_budget
from aivastark.telemetry.metrics import ANSWER_SECONDS, ANSWERS, CONFIDENCE
from aivastark.telemetry.steps import step


async def answer(
    backends: Backends, project: Project, question: Question, *, watcher: Watcher | None = None
) -> dict[str, Any]:
    """The whole answer as it goes over the wire, stored before it is returned.

    While a person has the conversation, and when the visitor asks for one, it is a sentence that says so.
    """
    started = time.perf_counter()
    asked = Asked(
        session_id=question.session_id or new_id("sess"),
        is_new=not question.session_id,
        channel=question.channel,
        message=question.message,
        metadata=question.metadata,
        visit=question.visit,
    )
    past = Past(turns=tuple(question.history or ()))
    if question.history is None and question.session_id:
        with step("recall"):
            past = await recall(backends.db, project.id, asked)
    question, asked, past = await without_personal(backends, project, question, asked, past)
    asked_in = question.language or detect(question.message)
    given = await record_for_person(backends.db, project.id, asked, language=asked_in) if past.is_held else None
    if given is None and question.may_pass_on and _wants_person(project, question):
        given = await record_request(backends.db, project.id, asked, language=asked_in, hours=question.hours)
    if given is None:
        if watcher is not None:
            asked = replace(asked, ids=_announced(asked, past))
        reply, also = await reply_to(
            backends, project, question, past, asked, asked_in, started=started, watcher=watcher
        )
        with step("record"):
            given = await record(
                backends.db, project.id, asked, reply, organization_id=project.organization_id, also=also
            )
    _count(given, question.channel, started)
    announce(backends.broadcast, project.id, given["conversation_id"])
    if given["confidence_level"] == "low":
        backends.work_waiting.set()  # there is an event to deliver: of the doubt, or of the visitor's wish for a person
    return given


async def reply_to(
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
    """The bot's answer, or its refusal, and what is noted beside it. `started` is when the question came in.

    It records nothing; what a model took is counted.
    """
    if project.pinned_questions and question.scope == Scope():
        pinned = await find_pinned(backends, project.id, question.message)
        if pinned is not None:
            return pinned_reply(pinned, language=asked_in, started=started), partial(note_hit, pinned)
    talk = small_talk_in(project, question.message)
    if talk is not None:
        return small_talk_reply(talk, wanted=question.language, likely=(asked_in, past.language)), None
    model = within_budget(backends, project)
    backends = replace(backends, llm=model)  # for whatever a model is asked on the way
    stop = None if watcher is None else watcher.stop
    attempt = await best_attempt(backends, project, question, past, asked_in, stop=stop)
    language = asked_in or attempt.retrieved.result.query_language
    choices = await choices_for(backends, project, question, past, attempt)
    if choices:
        return clarifying_reply(choices, language=language, started=started, model=model), None
    outcome = await compose(backends, project, question, attempt, past, ids=asked.ids, watcher=watcher)
    reply = reply_of(project, question, attempt, outcome, past, language=language, started=started, model=model)
    low = reply.body["confidence_level"] == "low"
    also = (
        partial(note_open_question, attempt.retrieved.asked.vector, attempt.retrieved.asked.model_id) if low else None
    )
    return reply, also


def _wants_person(project: Project, question: Question) -> bool:
    """Whether it asks for a person; to ask whether this is one is small talk."""
    return asks_for_person(question.message) and small_talk_in(project, question.message) is None


def _count(given: dict[str, Any], channel: str, started: float) -> None:
    """What came of the question, for those who run the install."""
    reasons = given["confidence_reasons"]
    if PERSON_ASKED_FOR in reasons or PERSON_HAS_IT in reasons:
        ANSWERS.labels("escalated" if PERSON_ASKED_FOR in reasons else "held", channel).inc()
        return
    said = "asked_back" if CLARIFYING in reasons else "answered" if given["answered"] else "refused"
    ANSWERS.labels(said, channel).inc()
    ANSWER_SECONDS.observe(time.perf_counter() - started)
    if said != "asked_back":
        CONFIDENCE.observe(given["confidence"] or 0.0)


def _announced(asked: Asked, past: Past) -> Ids:
    return Ids(
        message_id=new_id("msg"),
        conversation_id=past.conversation_id or new_id("conv"),
        session_id=asked.session_id,
        at=utc_now(),
    )
