"""What people of the team say of answers: right or wrong. Told apart from visitors' ratings, and worth more."""

from datetime import timedelta

from aivastark import jobs
from aivastark.conversations.models import Message
from aivastark.conversations.say import hold_conversation
from aivastark.database import WriteSession
from aivastark.errors import Conflict, NotFound
from aivastark.kit.clock import to_wire, utc_now

REFIT = "refit_confidence"
"""Name and subject of the job that fits a project's confidence to its graded answers."""
REFIT_AFTER = timedelta(days=1)


def grade(
    session: WriteSession, project_id: str, conversation_id: str, message_id: str, *, right: bool, by: str
) -> Message:
    """Keep the grade, in place of an earlier one. Raises `NotFound`, or `Conflict` for what is no answer of the bot."""
    hold_conversation(session, project_id, conversation_id)
    message = session.get(Message, (project_id, message_id))
    if message is None or message.conversation_id != conversation_id:
        raise NotFound
    if message.role != "assistant":
        raise Conflict("Only what the bot answered can be graded.")
    message.grade = {"right": right, "by": by, "at": to_wire(utc_now())}
    plan_refit(session, project_id)
    return message


def plan_refit(session: WriteSession, project_id: str) -> None:
    """Somebody judged an answer: confidence is fitted anew within a day, however many more do."""
    jobs.ensure(session, project_id, REFIT, REFIT, run_at=utc_now() + REFIT_AFTER)
