"""One more message at the end of a conversation that is held for writing."""

from datetime import datetime

from aivastark.conversations.models import Conversation, Message
from aivastark.database import WriteSession
from aivastark.errors import NotFound
from aivastark.kit.clock import to_wire
from aivastark.kit.ids import new_id

PREVIEW_MAX_CHARS = 160
HELD_BY_PEOPLE = ("waiting_human", "human")
"""The states in which the bot stays silent."""


def hold_conversation(session: WriteSession, project_id: str, conversation_id: str) -> Conversation:
    """The conversation, which nobody else changes until this transaction ends. Raises `NotFound`."""
    conversation = session.get(Conversation, (project_id, conversation_id), with_for_update=True)
    if conversation is None:
        raise NotFound
    return conversation


def say(
    session: WriteSession,
    conversation: Conversation,
    *,
    role: str,
    content: str,
    now: datetime,
    author: str | None = None,
) -> Message:
    """Add the message and note it on the conversation, which must be held."""
    message = Message(
        project_id=conversation.project_id,
        id=new_id("msg"),
        conversation_id=conversation.id,
        position=conversation.message_count,
        role=role,
        content=content,
        answered=None,
        confidence=None,
        answer=None,
        author=author,
        feedback=None,
        created_at=now,
    )
    session.add(message)
    conversation.message_count += 1
    conversation.updated_at = now
    conversation.last_message = last_message(message.id, role, content, now)
    return message


def last_message(message_id: str, role: str, content: str, now: datetime) -> dict[str, str]:
    """What lists show of a conversation's end."""
    return {"id": message_id, "role": role, "preview": content[:PREVIEW_MAX_CHARS], "created_at": to_wire(now)}
