"""Forgetting what was said: conversations older than a project keeps them."""

from datetime import timedelta

from sqlalchemy import delete, select

from aivastark.conversations.models import Conversation
from aivastark.database import WriteSession
from aivastark.events import Event
from aivastark.kit.clock import utc_now
from aivastark.projects.models import Project

AT_A_TIME = 500  # conversations of a project in one run, so that the writer is not held for long
EVERY_S = 600.0
TELLING = ("low_confidence.detected", "conversation.escalated", "lead.captured")  # events that repeat what was said


def forget_old_conversations(session: WriteSession) -> None:
    """Erase, in every project with a retention, what nobody has spoken in for that long; messages and quotes follow."""
    now = utc_now()
    for project in session.scalars(select(Project).where(Project.retention_days.is_not(None))).all():
        before = now - timedelta(days=project.retention_days or 0)
        old = (
            select(Conversation.id)
            .where(Conversation.project_id == project.id, Conversation.updated_at < before)
            .order_by(Conversation.updated_at)
            .limit(AT_A_TIME)
        )
        session.execute(
            delete(Conversation)
            .where(Conversation.project_id == project.id, Conversation.id.in_(old))
            .execution_options(synchronize_session=False)
        )
        session.execute(
            delete(Event)
            .where(Event.project_id == project.id, Event.type.in_(TELLING), Event.created_at < before)
            .execution_options(synchronize_session=False)
        )
