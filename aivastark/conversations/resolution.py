"""How conversations that nobody closed ended: a schedule looks at those in which nothing was said for a day."""

from datetime import timedelta

from sqlalchemy import or_, select

from aivastark.conversations.models import Conversation, Message
from aivastark.database import WriteSession
from aivastark.kit.clock import utc_now

IDLE_AFTER = timedelta(hours=24)
SETTLED_A_RUN_MAX = 500


def settle_idle(session: WriteSession) -> None:
    """Of every project: answered and idle is taken for resolved (`assumed`), refused and idle for `abandoned`.

    `updated_at` stays: nothing happened in them. An answer that was rated down resolved nothing.
    """
    idle = session.scalars(
        select(Conversation)
        .where(
            Conversation.resolution.is_(None),  # these two are what the index of such conversations is made by
            Conversation.closed_at.is_(None),
            Conversation.status == "open",
            Conversation.updated_at < utc_now() - IDLE_AFTER,
        )
        .limit(SETTLED_A_RUN_MAX)
    )
    for conversation in idle:
        conversation.resolution = "assumed" if _was_answered(session, conversation) else "abandoned"


def _was_answered(session: WriteSession, conversation: Conversation) -> bool:
    last = session.scalar(
        select(Message)
        .where(
            Message.project_id == conversation.project_id,
            Message.conversation_id == conversation.id,
            or_(Message.role == "agent", Message.answered.is_not(None)),  # small talk settles nothing
        )
        .order_by(Message.position.desc())
        .limit(1)
    )
    if last is None or (last.feedback or {}).get("rating") == "down":
        return False
    return last.role == "agent" or bool(last.answered)
