"""Something happened: a row in the transaction of the change, so that no crash can lose it."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from aivastark import jobs
from aivastark.database import Base, Moment, WriteSession
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id

FAN_OUT = "fan_out"  # the job that finds who wants to hear of an event

EventType = Literal[
    "conversation.escalated", "lead.captured", "knowledge.updated", "low_confidence.detected"
]  # fmt: skip


class Event(Base):
    """A fact that others may want to hear of."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_project_id_created_at", "project_id", "created_at", "id"),)

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    type: Mapped[str] = mapped_column(String(40))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)


def publish(session: WriteSession, project_id: str, type_: EventType, body: dict[str, Any]) -> str:
    """Record the fact together with the change it speaks of, and ask for its delivery; returns the event's id."""
    event = Event(project_id=project_id, id=new_id("evt"), type=type_, body=body, created_at=utc_now())
    session.add(event)
    jobs.enqueue_new(session, project_id, FAN_OUT, f"event:{event.id}", arguments={"event_id": event.id})
    return event.id
