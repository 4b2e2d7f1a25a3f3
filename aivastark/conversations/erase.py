"""Erasing conversations: their messages, their citations, their files, and what events repeat of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from aivastark.conversations.attachments import forget_files_of
from aivastark.conversations.models import Conversation
from aivastark.database import WriteSession
from aivastark.events import Event
from aivastark.webhooks.models import Delivery

IDS_KEPT = ("id", "conversation_id", "message_id", "widget_id")
"""Our own ids say nothing of a person; whoever got the event may need them to erase what he made of it."""


def erase_conversations(session: WriteSession, project_id: str, conversation_ids: Sequence[str]) -> None:
    """Nothing of what was said is left in the records. What is not there is passed over."""
    first = session.scalar(
        select(func.min(Conversation.created_at)).where(
            Conversation.project_id == project_id, Conversation.id.in_(conversation_ids)
        )
    )
    if first is None:
        return
    redact_events(session, project_id, "conversation_id", conversation_ids, since=first)
    forget_files_of(session, project_id, conversation_ids)
    session.execute(
        delete(Conversation)
        .where(Conversation.project_id == project_id, Conversation.id.in_(conversation_ids))
        .execution_options(synchronize_session=False)
    )


def redact_events(session: WriteSession, project_id: str, name: str, values: Sequence[str], *, since: datetime) -> None:
    """Leave of each event about one of `values` only what it is about, and of its deliveries nothing: they hold its
    words.

    Nothing older than `since` can be about them.
    """
    about = select(Event).where(
        Event.project_id == project_id,
        Event.created_at >= since,
        Event.body[name].as_string().in_(values),
    )
    session.execute(
        delete(Delivery).where(
            Delivery.project_id == project_id, Delivery.event_id.in_(about.with_only_columns(Event.id))
        )
    )
    for event in session.scalars(about):
        event.body = _left(event.body)


def _left(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in IDS_KEPT if name in body} | {"erased": True}
