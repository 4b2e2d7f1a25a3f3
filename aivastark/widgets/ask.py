"""A visitor's question: whose conversation it belongs to → whether it may be asked → the answer → a form, if due."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from aivastark.answers.answer import answer
from aivastark.answers.outcome import EXTRACTIVE
from aivastark.answers.question import Question, Watcher
from aivastark.backends.base import Backends
from aivastark.conversations.models import Conversation, Message
from aivastark.conversations.record import Visit
from aivastark.conversations.wire import fixed_words, wire
from aivastark.database import WriteSession
from aivastark.errors import PlanLimitReached
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.projects.business_hours import hours_of
from aivastark.projects.models import Project
from aivastark.widgets.configuration import Configuration, LeadCapture, Limits
from aivastark.widgets.counts import LimitReached, ReachedName, Toll, give_back, take
from aivastark.widgets.lead_form import due_form
from aivastark.widgets.visitors import Caller, current_conversation, own_conversation

CHANNEL = "widget"


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitorQuestion:
    """What a visitor asks, and where it belongs; without `conversation_id`, to the conversation under way."""

    message: str
    conversation_id: str | None = None
    new_conversation: bool = False
    language: str | None = None
    page: dict[str, Any] | None = None


async def ask(
    backends: Backends,
    project: Project,
    configuration: Configuration,
    caller: Caller,
    question: VisitorQuestion,
    *,
    watcher: Watcher | None = None,
) -> dict[str, Any]:
    """The answer as it goes over the wire, with `limit_reached`; a configured sentence where a limit is used up.

    That the plan is used up is known once the answer is recorded: who talks to a person goes on all the same.
    Raises `NotFound` for a conversation that is not the visitor's own.
    """
    limits = configuration.limits
    now = utc_now()
    try:
        admitted = await backends.db.write(lambda session: _admit(session, project.id, limits, caller, question, now))
    except LimitReached as reached:
        return _limited(reached.limit, limits, question)
    try:
        asked = _asked(configuration, caller, question, admitted.session_id)
        given = await answer(backends, project, asked, watcher=watcher)
    except PlanLimitReached:
        await backends.db.write(
            lambda session: give_back(session, project.id, caller.widget_id, admitted.tolls, taken=now)
        )
        return _limited("plan", limits, question)
    form = None
    if configuration.lead_capture.enabled:
        capture = configuration.lead_capture
        work = partial(_form_for, project_id=project.id, capture=capture, caller=caller, question=question, given=given)
        form = await backends.db.write(work)
    return for_visitor({**given, "lead_form": form})


def for_visitor(given: dict[str, Any]) -> dict[str, Any]:
    """A recorded answer as a visitor gets it, now or when they come back to it."""
    return {"handoff_offered": False, "lead_form": None, **given, "limit_reached": None}


def _form_for(
    session: WriteSession,
    project_id: str,
    capture: LeadCapture,
    caller: Caller,
    question: VisitorQuestion,
    given: dict[str, Any],
) -> dict[str, Any] | None:
    """The form that is due with this answer; kept with it, because no later answer brings it again."""
    form = due_form(
        session,
        project_id,
        capture,
        widget_id=caller.widget_id,
        conversation_id=given["conversation_id"],
        message=question.message,
    )
    if form is not None:
        row = session.get_one(Message, (project_id, given["id"]))
        row.answer = {**(row.answer or {}), "lead_form": form}
    return form


@dataclass(frozen=True, kw_only=True, slots=True)
class _Admitted:
    """The session of the conversation a question goes into, and what it was counted against."""

    session_id: str
    tolls: tuple[Toll, ...]


def _admit(
    session: WriteSession, project_id: str, limits: Limits, caller: Caller, question: VisitorQuestion, now: datetime
) -> _Admitted:
    """Where it goes, after it was counted. Raises `LimitReached`, `NotFound`."""
    known: Conversation | None = None
    if question.conversation_id is not None:
        known = own_conversation(session, project_id, caller, question.conversation_id)
    elif not question.new_conversation:
        known = current_conversation(session, project_id, caller)
    session_id = new_id("sess") if known is None else known.session_id
    tolls = [
        Toll(
            limit="messages_per_conversation",
            subject=f"conversation:{session_id}",
            allowed=limits.messages_per_conversation,
            daily=False,
        ),
        Toll(limit="messages_per_day", subject="messages", allowed=limits.messages_per_day, daily=True),
    ]
    if known is None:
        begun = Toll(
            limit="conversations_per_visitor_day",
            subject=f"visitor:{caller.owner}",
            allowed=limits.conversations_per_visitor_day,
            daily=True,
        )
        tolls.insert(0, begun)
    take(session, project_id, caller.widget_id, tolls, now=now)
    return _Admitted(session_id=session_id, tolls=tuple(tolls))


def _asked(configuration: Configuration, caller: Caller, question: VisitorQuestion, session_id: str) -> Question:
    handoff = configuration.handoff
    return Question(
        message=question.message,
        session_id=session_id,
        channel=CHANNEL,
        language=question.language,
        visit=Visit(widget_id=caller.widget_id, visitor_id=caller.owner, visitor=caller.card, page=question.page),
        hours=hours_of(handoff.business_hours),
        may_pass_on=handoff.enabled,
        may_offer=handoff.offer_on_low_confidence,
    )


def _limited(limit: ReachedName, limits: Limits, question: VisitorQuestion) -> dict[str, Any]:
    """The configured sentence in the shape of an answer. It is not kept, so it has no id."""
    words = getattr(limits.sentences, limit)
    body = fixed_words(words, language=question.language, model=EXTRACTIVE, reasons=())
    ids = {"id": None, "conversation_id": question.conversation_id, "session_id": None}
    return {**wire(ids, body, [], utc_now()), "lead_form": None, "limit_reached": limit}
