"""An event → one delivery for each webhook that wants to hear of it, in one transaction."""

from typing import Any

import orjson
from sqlalchemy import select

from aivastark import jobs
from aivastark.database import Database, WriteSession
from aivastark.events import Event, EventType
from aivastark.jobs import Job
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.ids import new_id
from aivastark.webhooks.models import Delivery, Webhook
from aivastark.webhooks.store import wake

API_VERSION = "v1"
EVENTS_AT_ONCE = 100  # in one transaction


async def fan_out(db: Database, job: Job) -> None:
    """Plan the deliveries of the event the job names, and of others that wait: a burst costs few transactions.

    A crash before the commit plans none of them, one after it has planned all.
    """
    await db.write(lambda session: _plan(session, job))


def event_body(event: Event) -> dict[str, Any]:
    """An event as it goes out, in the order of the contract."""
    return {
        "id": event.id,
        "type": event.type,
        "api_version": API_VERSION,
        "created_at": to_wire(event.created_at),
        "project_id": event.project_id,
        "data": event.body,
    }


def new_delivery(webhook: Webhook, event: Event, *, is_test: bool = False) -> Delivery:
    """A delivery that is due now. Its body is written here once: what is signed later is these bytes."""
    now = utc_now()
    body = event_body(event) | ({"test": True} if is_test else {})
    return Delivery(
        project_id=webhook.project_id,
        id=new_id("dlv"),
        webhook_id=webhook.id,
        event_id=event.id,
        event_type=event.type,
        body=orjson.dumps(body).decode(),
        status="pending",
        is_test=is_test,
        attempts=0,
        failures=0,
        next_attempt_at=now,
        response_status=None,
        error=None,
        created_at=now,
        updated_at=now,
    )


def example_event(project_id: str, type_: EventType) -> Event:
    """An event that did not happen, for trying a receiver out."""
    return Event(project_id=project_id, id=new_id("evt"), type=type_, body=EXAMPLES[type_], created_at=utc_now())


def _plan(session: WriteSession, job: Job) -> None:
    jobs.hold(session, job)
    project_id = job.project_id
    asked = [job.arguments, *jobs.take_along(session, job, limit=EVENTS_AT_ONCE - 1)]
    listening = select(Webhook).where(Webhook.project_id == project_id, Webhook.enabled.is_(True))
    if webhooks := session.scalars(listening).all():
        ids = [arguments["event_id"] for arguments in asked]
        happened = session.scalars(select(Event).where(Event.project_id == project_id, Event.id.in_(ids))).all()
        for webhook in webhooks:
            wanted = [event for event in happened if event.type in webhook.events]
            session.add_all(new_delivery(webhook, event) for event in wanted)
            if wanted:
                wake(session, webhook)
    jobs.finish(session, job)


_EXAMPLE_ID = "01HW0000000000000000000000"

EXAMPLES: dict[EventType, dict[str, Any]] = {
    "conversation.escalated": {
        "conversation_id": f"conv_{_EXAMPLE_ID}",
        "session_id": "sess_example",
        "reason": "The visitor asked for a person.",
    },
    "lead.captured": {
        "lead_id": f"lead_{_EXAMPLE_ID}",
        "conversation_id": f"conv_{_EXAMPLE_ID}",
        "name": "Ada Example",
        "email": "ada@example.com",
        "phone": None,
    },
    "knowledge.updated": {
        "source_id": f"src_{_EXAMPLE_ID}",
        "source_version": 2,
        "title": "Returns and refunds",
        "documents": {"added": 0, "changed": 1, "removed": 0},
    },
    "low_confidence.detected": {
        "conversation_id": f"conv_{_EXAMPLE_ID}",
        "message_id": f"msg_{_EXAMPLE_ID}",
        "session_id": "sess_example",
        "question": "Do you sell gift cards?",
        "answered": False,
        "confidence": 0.0377,
        "confidence_reasons": ["weak_match", "partial_coverage"],
    },
}
