"""What a project keeps no longer goes as if somebody had erased it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from aivastark.answers.models import OpenQuestion
from aivastark.backends.base import Backends
from aivastark.conversations.models import Conversation
from aivastark.database import ReadSession
from aivastark.events import Event
from aivastark.kit.clock import utc_now
from aivastark.leads.retention import forget_old_conversations
from aivastark.webhooks.models import Delivery
from tests.conftest import Settle
from tests.make import Client, assert_error, read

SECRET = "My card number is 4111 1111"
EVENTS = ["conversation.escalated", "low_confidence.detected", "lead.captured"]


async def told_everything(api: Client, session_id: str) -> tuple[str, str]:
    """A conversation that was passed on and left a lead: their ids."""
    conversation = (await api.ask(SECRET, session_id=session_id))["conversation_id"]
    await api.post(f"conversations/{conversation}/escalate", {"reason": "other", "note": SECRET})
    lead = {"email": f"{session_id}@example.com", "conversation_id": conversation}
    return conversation, read(await api.post("leads", lead))["id"]


async def test_what_is_forgotten_in_time_goes_from_leads_events_and_deliveries_too(
    api: Client, stranger: Client, backends: Backends, settle: Settle
) -> None:
    for client in (api, stranger):
        await client.post("webhooks", {"url": "http://127.0.0.1:9/hook", "events": EVENTS})
    old, lead = await told_everything(api, "old")
    new, _ = await told_everything(api, "new")
    theirs, _ = await told_everything(stranger, "theirs")
    await settle()
    await api.patch("", {"retention_days": 30})
    age = update(Conversation).where(Conversation.id.in_([old, theirs]))
    long_ago = utc_now() - timedelta(days=31)
    await backends.db.write(lambda session: session.execute(age.values(updated_at=long_ago)))

    await backends.db.write(forget_old_conversations)

    assert_error(await api.get(f"conversations/{old}"), 404, "not_found")
    assert [row["id"] for row in read(await api.get("conversations"))["data"]] == [new]
    kept = read(await api.get(f"leads/{lead}"))
    assert (kept["email"], kept["conversation_id"]) == ("old@example.com", None)
    left = await backends.db.read(lambda session: rest_of(session, api.tenant.project_id))
    assert {event["erased"] for event in left["events"] if event["conversation_id"] == old} == {True}
    assert len([event for event in left["events"] if event["conversation_id"] == old]) == 3
    assert len([event for event in left["events"] if event["conversation_id"] == new and "erased" not in event]) == 3
    assert {new in body for body in left["deliveries"]} == {True}
    assert (len(left["deliveries"]), left["open_questions"]) == (3, [new])
    others = await backends.db.read(lambda session: rest_of(session, stranger.tenant.project_id))
    assert (len(others["deliveries"]), others["open_questions"]) == (3, [theirs])


def rest_of(session: ReadSession, project_id: str) -> dict[str, Any]:
    """What a project still has of what was said."""
    columns = {"events": Event.body, "deliveries": Delivery.body, "open_questions": OpenQuestion.conversation_id}
    return {
        name: list(session.scalars(select(column).where(column.class_.project_id == project_id)))
        for name, column in columns.items()
    }
