"""Forgetting what was said: conversations older than a project keeps them, erased as if somebody had asked for it."""

from datetime import timedelta

from sqlalchemy import select

from aivastark.conversations.models import Conversation
from aivastark.database import WriteSession
from aivastark.kit.clock import utc_now
from aivastark.leads.store import erase_conversations_and_links
from aivastark.projects.models import Project

AT_A_TIME = 500  # conversations of a project in one run, so that the writer is not held for long
EVERY_S = 600.0


def forget_old_conversations(session: WriteSession) -> None:
    """Erase, in every project with a retention, what nobody has spoken in for that long.

    Leads stay, and answers kept for an `Idempotency-Key` need no thought: they are gone after a day, sooner than this.
    """
    now = utc_now()
    for project in session.scalars(select(Project).where(Project.retention_days.is_not(None))).all():
        old = session.scalars(
            select(Conversation.id)
            .where(
                Conversation.project_id == project.id,
                Conversation.updated_at < now - timedelta(days=project.retention_days or 0),
            )
            .order_by(Conversation.updated_at)
            .limit(AT_A_TIME)
        ).all()
        erase_conversations_and_links(session, project.id, old)
