"""What was said before: for understanding a follow-up, and for knowing who has the conversation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from aivastark.conversations.models import Conversation, Message
from aivastark.conversations.record import Asked
from aivastark.conversations.say import HELD_BY_PEOPLE
from aivastark.database import Database

TURNS_REMEMBERED = 4
ROWS_READ = 4 * TURNS_REMEMBERED  # small talk among them is no turn
ANSWER_MAX_CHARS = 600
CLARIFYING = "clarifying_question"
"""Why an answer is none: the bot asks which of several things is meant."""

# Built once: composing a statement anew for every question takes longer than SQLite needs to run it.
_LATEST = (
    select(
        Message.role,
        Message.content,
        Message.answer,
        Message.answered,
        Message.attachments,
        Message.conversation_id,
        Conversation.status,
        Conversation.language,
    )
    .join(
        Conversation,
        (Conversation.project_id == Message.project_id) & (Conversation.id == Message.conversation_id),
    )
    .where(
        Conversation.project_id == bindparam("project_id"),
        Conversation.channel == bindparam("channel"),
        Conversation.session_id == bindparam("session_id"),
        Message.role.in_(("user", "assistant")),
    )
    .order_by(Message.position.desc())
    .limit(ROWS_READ)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PastTurn:
    """An earlier exchange: the question and what its answer was taken from."""

    question: str
    topics: tuple[str, ...] = ()
    answer: str = ""
    """Its beginning, as it was shown; empty where only the question is known."""
    choices: tuple[str, ...] = ()
    """What the bot offered to choose from, where it asked back instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """What is known of a session before its next question."""

    turns: tuple[PastTurn, ...] = ()
    """The last few exchanges, oldest first."""
    is_held: bool = False
    """A person has the conversation, or is waited for."""
    refused_in_a_row: int = 0
    """How many of the last answers, counted from the newest, were refusals."""
    conversation_id: str | None = None
    """None for a new session."""
    language: str | None = None
    """What the conversation is in, as far as that is known."""


async def recall(db: Database, project_id: str, asked: Asked) -> Past:
    """What was said before in this session; nothing for a new one."""
    which = {"project_id": project_id, "channel": asked.channel, "session_id": asked.session_id}
    rows = await db.read(lambda session: session.execute(_LATEST, which).all())
    turns: list[PastTurn] = []
    topics: tuple[str, ...] = ()
    said = ""
    choices: tuple[str, ...] = ()
    is_small_talk = False
    for row in rows:  # newest first: the answer comes before its question
        if row.attachments is not None:
            continue  # the name of a file asks nothing
        if row.role == "assistant":
            topics = tuple((row.answer or {}).get("topics", ()))
            said = row.content[:ANSWER_MAX_CHARS]
            choices = _choices(row.answer or {})
            is_small_talk = row.answered is None and not choices
        else:
            if not is_small_talk:
                turns.append(PastTurn(question=row.content, topics=topics, answer=said, choices=choices))
            topics, said, choices, is_small_talk = (), "", (), False
    answered = [row.answered for row in rows if row.role == "assistant" and row.answered is not None]
    return Past(
        turns=tuple(turns[:TURNS_REMEMBERED][::-1]),
        is_held=bool(rows) and rows[0].status in HELD_BY_PEOPLE,
        refused_in_a_row=next((number for number, one in enumerate(answered) if one), len(answered)),
        conversation_id=rows[0].conversation_id if rows else None,
        language=rows[0].language if rows else None,
    )


def _choices(answer: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(answer["suggestions"]) if CLARIFYING in answer.get("confidence_reasons", ()) else ()
