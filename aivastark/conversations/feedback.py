"""What visitors think of messages, and what follows from it for the conversation."""

from typing import Literal

from sqlalchemy import select

from aivastark.conversations.grade import plan_refit
from aivastark.conversations.models import Conversation, Message
from aivastark.conversations.say import hold_conversation
from aivastark.database import WriteSession
from aivastark.errors import Conflict, NotFound
from aivastark.kit.clock import to_wire, utc_now

RATED = ("assistant", "agent")


def rate(
    session: WriteSession,
    project_id: str,
    conversation_id: str,
    message_id: str,
    *,
    rating: Literal["up", "down"],
    comment: str | None,
) -> Message:
    """Keep the rating, in place of an earlier one; saying the same twice changes nothing. Raises `NotFound`."""
    conversation = hold_conversation(session, project_id, conversation_id)
    message = session.get(Message, (project_id, message_id))
    if message is None or message.conversation_id != conversation_id:
        raise NotFound
    if message.role not in RATED:
        raise Conflict("Only what the bot or a person answered can be rated.")
    known = message.feedback or {}
    if (known.get("rating"), known.get("comment")) == (rating, comment):
        return message
    now = utc_now()
    message.feedback = {"rating": rating, "comment": comment, "at": to_wire(now)}
    conversation.updated_at = now
    session.flush()
    _follow(session, conversation, rating)
    plan_refit(session, project_id)
    return message


def _follow(session: WriteSession, conversation: Conversation, rating: str) -> None:
    """Satisfaction is the share of ups in percent; the latest word says whether the matter is confirmed as resolved."""
    ratings = [
        feedback["rating"]
        for feedback in session.scalars(
            select(Message.feedback).where(
                Message.project_id == conversation.project_id,
                Message.conversation_id == conversation.id,
                Message.feedback.is_not(None),
            )
        )
        if feedback is not None
    ]
    conversation.csat = round(100 * ratings.count("up") / len(ratings))
    if rating == "up":
        conversation.resolution = "confirmed"
    elif conversation.resolution in ("confirmed", "assumed"):
        conversation.resolution = None
