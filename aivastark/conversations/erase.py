"""Erasing a conversation: its messages, its citations, and what events repeat of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from aivastark.conversations.models import Conversation
from aivastark.conversations.say import hold_conversation
from aivastark.database import WriteSession
from aivastark.events import Event

IDS_KEPT = ("id", "conversation_id", "message_id", "widget_id")
"""Our own ids say nothing of a person; whoever got the event may need them to erase what he made of it."""


def erase_conversation(session: WriteSession, project_id: str, conversation_id: str) -> None:
    """Nothing of what was said is left in the records. Raises `NotFound`."""
    conversation = hold_conversation(session, project_id, conversation_id)
    redact_events(session, project_id, "conversation_id", conversation_id, since=conversation.created_at)
    session.execute(
        delete(Conversation).where(Conversation.project_id == project_id, Conversation.id == conversation_id)
    )


def redact_events(session: WriteSession, project_id: str, name: str, value: str, *, since: datetime) -> None:
    """Leave of each event about `value` only what it is about. Nothing older than `since` can be."""
    about = session.scalars(
        select(Event).where(
            Event.project_id == project_id,
            Event.created_at >= since,
            Event.body[name].as_string() == value,
        )
    )
    for event in about:
        event.body = _left(event.body)


def _left(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in IDS_KEPT if name in body} | {"erased": True}
