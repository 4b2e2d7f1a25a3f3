"""A visitor's question: whose conversation it belongs to → whether it may be asked → the answer → a form, if due."""

from dataclasses import dataclass
from typing import Any

from aivastark.answers.answer import MODEL, Question, answer
from aivastark.backends.base import Backends
from aivastark.conversations.models import Conversation
from aivastark.conversations.record import Visit
from aivastark.database import WriteSession
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.ids import new_id
from aivastark.projects.business_hours import hours_of
from aivastark.projects.models import Project
from aivastark.widgets.configuration import Configuration, Limits
from aivastark.widgets.counts import LimitName, LimitReached, Toll, take
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
    backends: Backends, project: Project, configuration: Configuration, caller: Caller, question: VisitorQuestion
) -> dict[str, Any]:
    """The answer as it goes over the wire, with `limit_reached`; a configured sentence where a limit is used up.

    Raises `NotFound` for a conversation that is not the visitor's own.
    """
    limits, handoff = configuration.limits, configuration.handoff
    try:
        session_id = await backends.db.write(lambda session: _admit(session, project.id, limits, caller, question))
    except LimitReached as reached:
        return _limited(reached.limit, limits, question)
    given = await answer(
        backends,
        project,
        Question(
            message=question.message,
            session_id=session_id,
            channel=CHANNEL,
            language=question.language,
            visit=Visit(widget_id=caller.widget_id, visitor_id=caller.owner, visitor=caller.card, page=question.page),
            hours=hours_of(handoff.business_hours),
            may_pass_on=handoff.enabled,
            may_offer=handoff.offer_on_low_confidence,
        ),
    )
    form = None
    if configuration.lead_capture.enabled:
        conversation_id: str = given["conversation_id"]
        form = await backends.db.write(
            lambda session: due_form(
                session,
                project.id,
                configuration.lead_capture,
                widget_id=caller.widget_id,
                conversation_id=conversation_id,
                message=question.message,
            )
        )
    return {"handoff_offered": False, **given, "lead_form": form, "limit_reached": None}


def _admit(session: WriteSession, project_id: str, limits: Limits, caller: Caller, question: VisitorQuestion) -> str:
    """The session of the conversation it goes into, after it was counted. Raises `LimitReached`, `NotFound`."""
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
    take(session, project_id, caller.widget_id, tolls, now=utc_now())
    return session_id


def _limited(limit: LimitName, limits: Limits, question: VisitorQuestion) -> dict[str, Any]:
    """The configured sentence in the shape of an answer. It is not kept, so it has no id."""
    return {
        "id": None,
        "conversation_id": question.conversation_id,
        "session_id": None,
        "answer": getattr(limits.sentences, limit),
        "answered": False,
        "citations": [],
        "confidence": 0.0,
        "confidence_level": "low",
        "confidence_reasons": [],
        "suggestions": [],
        "handoff_offered": False,
        "lead_form": None,
        "language": question.language,
        "model": MODEL,
        "usage": {"input_tokens": 0, "output_tokens": 0},
        "latency_ms": {"retrieve": 0.0, "generate": 0.0, "total": 0.0},
        "created_at": to_wire(utc_now()),
        "limit_reached": limit,
    }
