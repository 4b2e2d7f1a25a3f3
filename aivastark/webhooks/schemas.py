"""What webhooks, deliveries and events look like on the wire, coming in and going out."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from aivastark.events import Event, EventType
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.moments import SentMoment
from aivastark.kit.numbers import JUST_A_NUMBER
from aivastark.webhooks.fan_out import event_body
from aivastark.webhooks.models import Attempt, Delivery, Webhook
from aivastark.webhooks.secrets import OVERLAP_DEFAULT_S, OVERLAP_MAX_S

URL_MAX_CHARS = 2_048
DESCRIPTION_MAX_CHARS = 500
SECRET_MIN_CHARS = 8
SECRET_MAX_CHARS = 256
EVENTS_MAX = 20

DeliveryStatus = Literal["pending", "delivered", "failed"]
DisabledReason = Literal["manual", "gone", "failing"]


def _printable(secret: str) -> str:
    if not secret.isprintable():
        raise ValueError("a secret has printable characters only")
    return secret


def _in_utc(moment: datetime) -> datetime:
    """A time without a zone is taken as UTC."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time lies between the years 1 and 9999") from error


def _once(events: list[EventType]) -> list[EventType]:
    return list(dict.fromkeys(events))


Instant = Annotated[SentMoment, AfterValidator(_in_utc)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=URL_MAX_CHARS)]
Description = Annotated[str, StringConstraints(max_length=DESCRIPTION_MAX_CHARS)]
Events = Annotated[list[EventType], Field(min_length=1, max_length=EVENTS_MAX), AfterValidator(_once)]
Secret = Annotated[
    str, StringConstraints(min_length=SECRET_MIN_CHARS, max_length=SECRET_MAX_CHARS), AfterValidator(_printable)
]


class NewWebhook(BaseModel):
    """Body of `POST …/webhooks`. Without a `secret` one is issued."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "url": "https://your-app.example.com/aivastark/hook",
                    "events": ["conversation.escalated", "lead.captured"],
                }
            ]
        },
    )

    url: Url
    events: Events
    secret: Secret | None = None
    description: Description | None = None
    enabled: StrictBool = True


class WebhookPatch(BaseModel):
    """Body of `PATCH …/webhooks/{id}`: absent stays, `null` clears. A secret is changed by rotating it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": True}]})

    # Their defaults are never looked at: they only say that a field may be absent, and null is refused.
    url: Url = Field(default_factory=str)
    events: Events = Field(default_factory=list)
    description: Description | None = None
    enabled: StrictBool = Field(default_factory=bool)


class RotateSecret(BaseModel):
    """Body of `POST …/rotate-secret`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"overlap_seconds": 3600}]})

    secret: Secret | None = None
    overlap_seconds: Annotated[int, Field(ge=0, le=OVERLAP_MAX_S), JUST_A_NUMBER] = OVERLAP_DEFAULT_S


class TestEvent(BaseModel):
    """Body of `POST …/test`: which event to show an example of; by default the first one subscribed to."""

    __test__ = False  # for pytest, which takes every Test… for its own
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"type": "lead.captured"}]})

    type: EventType | None = None


class RedeliverRange(BaseModel):
    """Body of `POST …/redeliver`: deliveries made from `from` on and before `to`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"from": "2026-11-22T10:00:00Z", "to": "2026-11-22T12:00:00Z", "status": "failed"}]
        },
    )

    since: Annotated[Instant, Field(alias="from")]
    until: Annotated[Instant, Field(alias="to")]
    status: DeliveryStatus | None = None


class WebhookOut(BaseModel):
    """A webhook without its secret, which is shown once."""

    id: str
    project_id: str
    url: str
    description: str | None
    events: list[EventType]
    enabled: bool
    status: Literal["enabled", "disabled"]
    disabled_reason: DisabledReason | None
    disabled_at: str | None
    failing_since: str | None
    previous_secret_expires_at: str | None
    created_at: str
    updated_at: str


class WebhookWithSecret(WebhookOut):
    """A webhook with its secret, this once. `standard_secret` is the form that verifiers of Standard Webhooks take."""

    secret: str
    standard_secret: str


class WebhookList(BaseModel):
    """One page of webhooks, newest first."""

    data: list[WebhookOut]
    next_cursor: str | None
    has_more: bool


class DeliveryError(BaseModel):
    """Why an attempt failed: a code for programs, a sentence for people."""

    code: str
    message: str | None


class AttemptOut(BaseModel):
    """One attempt: what came back, and how long it took. `response_body` is its beginning, at most 16 KB."""

    number: int
    started_at: str
    latency_ms: int
    response_status: int | None
    response_body: str | None
    error: DeliveryError | None


class DeliveryOut(BaseModel):
    """One event on its way to one webhook."""

    id: str
    project_id: str
    webhook_id: str
    event_id: str
    event_type: EventType
    test: bool
    status: DeliveryStatus
    attempt_count: int
    next_attempt_at: str | None
    response_status: int | None
    error: str | None
    created_at: str
    updated_at: str


class DeliveryWithAttempts(DeliveryOut):
    """A delivery with the very body that is sent, and every attempt in order."""

    body: str
    attempts: list[AttemptOut]


class DeliveryList(BaseModel):
    """One page of deliveries, newest first."""

    data: list[DeliveryOut]
    next_cursor: str | None
    has_more: bool


class Redelivered(BaseModel):
    """How many deliveries were queued once more."""

    queued: int


class EventOut(BaseModel):
    """An event exactly as webhooks receive it."""

    id: str
    type: EventType
    api_version: str
    created_at: str
    project_id: str
    data: dict[str, Any]


class EventList(BaseModel):
    """One page of events."""

    data: list[EventOut]
    next_cursor: str | None
    has_more: bool


def webhook_fields(row: Webhook) -> dict[str, Any]:
    """The row as it goes out."""
    until = row.previous_secret_until
    return {
        **{name: getattr(row, name) for name in ("id", "project_id", "url", "description", "events", "enabled")},
        "status": "enabled" if row.enabled else "disabled",
        "disabled_reason": row.disabled_reason,
        "disabled_at": _moment(row.disabled_at),
        "failing_since": _moment(row.failing_since),
        "previous_secret_expires_at": _moment(until if until is not None and until > utc_now() else None),
        "created_at": _moment(row.created_at),
        "updated_at": _moment(row.updated_at),
    }


def webhook_out(row: Webhook) -> WebhookOut:
    """A webhook without its secret."""
    return WebhookOut.model_validate(webhook_fields(row))


def delivery_fields(row: Delivery) -> dict[str, Any]:
    """The row as it goes out, without its body."""
    same = ("id", "project_id", "webhook_id", "event_id", "event_type", "status", "response_status", "error")
    return {
        **{name: getattr(row, name) for name in same},
        "test": row.is_test,
        "attempt_count": row.attempts,
        "next_attempt_at": _moment(row.next_attempt_at),
        "created_at": _moment(row.created_at),
        "updated_at": _moment(row.updated_at),
    }


def delivery_with_attempts(row: Delivery, attempts: list[Attempt]) -> DeliveryWithAttempts:
    """A delivery with everything there is to know of it."""
    tried = [_attempt_fields(attempt) for attempt in attempts]
    return DeliveryWithAttempts.model_validate({**delivery_fields(row), "body": row.body, "attempts": tried})


def event_out(row: Event) -> EventOut:
    """An event as webhooks receive it."""
    return EventOut.model_validate(event_body(row))


def _attempt_fields(row: Attempt) -> dict[str, Any]:
    return {
        "number": row.number,
        "started_at": to_wire(row.started_at),
        "latency_ms": row.latency_ms,
        "response_status": row.status,
        "response_body": row.response,
        "error": None if row.error is None else {"code": row.error, "message": row.message},
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else to_wire(moment)
