"""Who has a conversation, the bot or a person: passing it on, taking it, giving it back, closing it.

Each function works on a conversation that it holds for writing, so that of two who pass it on at the same moment one
finds it passed on, and an answer that was being composed meanwhile finds a person there (see `record`).
"""

from datetime import datetime
from typing import Any, Literal

from aivastark import events
from aivastark.conversations.models import Conversation, Message
from aivastark.conversations.pack import MESSAGES_READ, make_pack
from aivastark.conversations.say import HELD_BY_PEOPLE, hold_conversation, say
from aivastark.conversations.store import last_messages
from aivastark.conversations.words import PASSED_ON, PASSED_ON_OUTSIDE_HOURS, in_language
from aivastark.database import WriteSession
from aivastark.kit.clock import to_wire, utc_now
from aivastark.projects.hours import Hours, is_open, next_opening

Reason = Literal["requested_by_visitor", "low_confidence", "repeated_failure", "sensitive_topic", "agent", "other"]
Resolution = Literal["confirmed", "assumed", "abandoned"]
Status = Literal["open", "waiting_human", "human", "closed"]
VISITOR = "visitor"
"""Stands for the actor where the visitor asked."""


def escalate(
    session: WriteSession,
    project_id: str,
    conversation_id: str,
    *,
    reason: Reason,
    by: str,
    note: str | None = None,
    hours: Hours | None = None,
) -> tuple[Conversation, Message | None]:
    """Pass the conversation on to people, tell the visitor by the message returned, and publish it with a pack.

    A conversation that people have already is given back as it is, with None: no second message and no second event
    until it was handed back or closed. Raises `NotFound`.
    """
    conversation = hold_conversation(session, project_id, conversation_id)
    if conversation.status in HELD_BY_PEOPLE:
        return conversation, None
    now = utc_now()
    within_hours = is_open(hours, now)
    opens_at = next_opening(hours, now)
    pack = make_pack(conversation, last_messages(session, project_id, conversation_id, limit=MESSAGES_READ))
    sentences = PASSED_ON if within_hours else PASSED_ON_OUTSIDE_HOURS
    told = say(session, conversation, role="system", content=in_language(sentences, conversation.language), now=now)
    conversation.status, conversation.closed_at, conversation.resolution = "waiting_human", None, None
    conversation.escalated_at = now
    conversation.escalation = {
        "reason": reason,
        "note": note,
        "at": to_wire(now),
        "by": by,
        "within_business_hours": within_hours,
        "opens_at": None if within_hours or opens_at is None else to_wire(opens_at),
        "ended_at": None,
        "ended_by": None,
        "pack": pack,
    }
    events.publish(session, project_id, "conversation.escalated", _escalated(conversation, told))
    return conversation, told


def reply(
    session: WriteSession, project_id: str, conversation_id: str, *, content: str, author: str, by: str
) -> tuple[Conversation, Message]:
    """A person's message to the visitor: whoever writes has the conversation, also one that was closed."""
    conversation = hold_conversation(session, project_id, conversation_id)
    now = utc_now()
    _take(conversation, now)
    if conversation.assignee is None and by.startswith("usr_"):  # a key speaks for somebody we do not know
        conversation.assignee = by
    return conversation, say(session, conversation, role="agent", content=content, now=now, author=author)


def hand_back(session: WriteSession, project_id: str, conversation_id: str, *, by: str) -> Conversation:
    """The bot answers again. One that no person has is given back as it is. Raises `NotFound`."""
    conversation = hold_conversation(session, project_id, conversation_id)
    if conversation.status in HELD_BY_PEOPLE:
        _release(conversation, "open", by=by)
        conversation.assignee = None
    return conversation


def close(
    session: WriteSession, project_id: str, conversation_id: str, *, by: str, resolution: Resolution | None = None
) -> Conversation:
    """Nothing more is expected here; the visitor's next message opens it again. Closing twice is no error."""
    conversation = hold_conversation(session, project_id, conversation_id)
    if conversation.status != "closed":
        _release(conversation, "closed", by=by)
        conversation.closed_at = conversation.updated_at
    if resolution is not None and resolution != conversation.resolution:
        conversation.resolution, conversation.updated_at = resolution, utc_now()
    return conversation


def change(
    session: WriteSession, project_id: str, conversation_id: str, changes: dict[str, Any], *, by: str
) -> Conversation:
    """What a merge patch changes: `status` as the actions do, `assignee` and `tags` as they are given."""
    conversation = hold_conversation(session, project_id, conversation_id)
    match changes.get("status", conversation.status):
        case conversation.status:
            pass
        case "waiting_human":
            if conversation.escalation is None or conversation.escalation["ended_at"] is not None:
                conversation.status = "open"  # taken without being passed on: that is made up for
                escalate(session, project_id, conversation_id, reason="agent", by=by)
            conversation.status = "waiting_human"
        case "human":
            _take(conversation, utc_now())
        case "closed":
            close(session, project_id, conversation_id, by=by)
        case "open":
            _release(conversation, "open", by=by)
            conversation.closed_at, conversation.resolution = None, None
    for name in ("assignee", "tags"):
        if name in changes:
            setattr(conversation, name, changes[name])
    conversation.updated_at = utc_now()
    return conversation


def _take(conversation: Conversation, now: datetime) -> None:
    conversation.status, conversation.closed_at, conversation.resolution = "human", None, None
    conversation.updated_at = now


def _release(conversation: Conversation, status: Status, *, by: str) -> None:
    """No person has it any more; an escalation that was under way is over."""
    now = utc_now()
    conversation.status, conversation.updated_at = status, now
    if conversation.escalation is not None and conversation.escalation["ended_at"] is None:
        conversation.escalation = {**conversation.escalation, "ended_at": to_wire(now), "ended_by": by}


def _escalated(conversation: Conversation, told: Message) -> dict[str, Any]:
    escalation = conversation.escalation or {}
    return {
        "conversation_id": conversation.id,
        "session_id": conversation.session_id,
        "channel": conversation.channel,
        "widget_id": conversation.widget_id,
        "message_id": told.id,
        "language": conversation.language,
        "subject": conversation.subject,
        "visitor": conversation.visitor,
        **{name: escalation[name] for name in ("reason", "note", "by", "within_business_hours", "opens_at", "pack")},
        "escalated_at": escalation["at"],
    }
