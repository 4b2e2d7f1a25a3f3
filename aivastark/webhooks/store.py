"""Webhooks and their deliveries in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.orm import undefer

from aivastark import jobs
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict, InvalidRequest, NotFound
from aivastark.events import Event
from aivastark.kit.clock import utc_now
from aivastark.webhooks.models import Attempt, Delivery, Webhook

# The job of one webhook: whatever is due for it. Those whose last attempt failed have a lane apart from the others.
DELIVER = "deliver"
DELIVER_TO_FAILING = "deliver_to_failing"
WEBHOOKS_MAX = 20  # of one project
REDELIVER_MAX = 10_000  # deliveries at one call
KEPT_FOR = timedelta(days=30)
FORGOTTEN_AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What a list of deliveries is narrowed by; None = not at all."""

    status: str | None = None
    event_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def subject_of(webhook_id: str) -> str:
    """What the job of a webhook is about, and what those who watch it listen to."""
    return f"webhook:{webhook_id}"


def job_name(webhook: Webhook) -> str:
    """Under which name its job is done next."""
    return DELIVER if webhook.failing_since is None else DELIVER_TO_FAILING


def wake(session: WriteSession, webhook: Webhook) -> None:
    """Something is due for this webhook: its job runs now."""
    arguments = {"webhook_id": webhook.id}
    jobs.enqueue(session, webhook.project_id, job_name(webhook), subject_of(webhook.id), arguments=arguments)


# --- webhooks


def add_webhook(session: WriteSession, project_id: str, webhook: Webhook) -> Webhook:
    """Raises `Conflict` when the project has as many as it may."""
    count = session.scalar(select(func.count()).select_from(Webhook).where(Webhook.project_id == project_id)) or 0
    if count >= WEBHOOKS_MAX:
        raise Conflict(f"A project has at most {WEBHOOKS_MAX} webhooks. Delete one, or let one hear of more events.")
    session.add(webhook)
    return webhook


def list_webhooks(session: ReadSession, project_id: str, *, limit: int, after: str | None = None) -> list[Webhook]:
    """Newest first, at most `limit` + 1 rows: the extra one says that there is more."""
    query = select(Webhook).where(Webhook.project_id == project_id)
    if after is not None:
        query = query.where(Webhook.id < after)
    return list(session.scalars(query.order_by(Webhook.id.desc()).limit(limit + 1)))


def find_webhook(session: ReadSession, project_id: str, webhook_id: str) -> Webhook:
    """Raises `NotFound`."""
    webhook = session.get(Webhook, (project_id, webhook_id))
    if webhook is None:
        raise NotFound
    return webhook


def patch_webhook(session: WriteSession, project_id: str, webhook_id: str, changes: dict[str, Any]) -> Webhook:
    """Switched on again, it gets what waited, and its clock of failures starts anew."""
    webhook = find_webhook(session, project_id, webhook_id)
    switch = changes.get("enabled", webhook.enabled)
    for name in changes.keys() - {"enabled"}:
        setattr(webhook, name, changes[name])
    webhook.updated_at = utc_now()
    if switch and not webhook.enabled:
        webhook.enabled, webhook.disabled_reason, webhook.disabled_at, webhook.failing_since = True, None, None, None
        wake(session, webhook)
    elif not switch and webhook.enabled:
        disable(webhook, "manual")
    return webhook


def disable(webhook: Webhook, reason: str) -> None:
    """Nothing is sent to it until it is switched on again; what waits, waits."""
    webhook.enabled, webhook.disabled_reason, webhook.disabled_at = False, reason, utc_now()


def delete_webhook(session: WriteSession, project_id: str, webhook_id: str) -> None:
    """With its deliveries. Raises `NotFound`."""
    find_webhook(session, project_id, webhook_id)
    jobs.cancel(session, project_id, subject_of(webhook_id))
    session.execute(delete(Webhook).where(Webhook.project_id == project_id, Webhook.id == webhook_id))


# --- deliveries


def due_deliveries(session: ReadSession, project_id: str, webhook_id: str, *, limit: int) -> list[Delivery]:
    """What is to be sent now, the longest due first, each with its body."""
    query = (
        select(Delivery)
        .options(undefer(Delivery.body))
        .where(
            Delivery.project_id == project_id, Delivery.webhook_id == webhook_id, Delivery.next_attempt_at <= utc_now()
        )
        .order_by(Delivery.next_attempt_at)
    )
    return list(session.scalars(query.limit(limit)))


def next_attempt_at(session: ReadSession, project_id: str, webhook_id: str) -> datetime | None:
    """When something is due for this webhook; None when nothing waits."""
    moment: datetime | None = session.scalar(
        select(func.min(Delivery.next_attempt_at)).where(
            Delivery.project_id == project_id, Delivery.webhook_id == webhook_id
        )
    )
    return moment


def list_deliveries(
    session: ReadSession,
    project_id: str,
    webhook_id: str,
    *,
    filters: Filters,
    limit: int,
    after: str | None = None,
) -> list[Delivery]:
    """Newest first, at most `limit` + 1 rows: the extra one says that there is more."""
    find_webhook(session, project_id, webhook_id)
    query = select(Delivery).where(Delivery.project_id == project_id, _matching(webhook_id, filters))
    if after is not None:
        query = query.where(Delivery.id < after)
    return list(session.scalars(query.order_by(Delivery.id.desc()).limit(limit + 1)))


def find_delivery(
    session: ReadSession, project_id: str, webhook_id: str, delivery_id: str
) -> tuple[Delivery, list[Attempt]]:
    """One delivery with its body and its attempts in order. Raises `NotFound`."""
    delivery = session.get(Delivery, (project_id, delivery_id), options=[undefer(Delivery.body)])
    if delivery is None or delivery.webhook_id != webhook_id:
        raise NotFound
    attempts = session.scalars(
        select(Attempt)
        .where(Attempt.project_id == project_id, Attempt.delivery_id == delivery_id)
        .order_by(Attempt.number)
    )
    return delivery, list(attempts)


def redeliver(session: WriteSession, project_id: str, webhook_id: str, delivery_id: str) -> Delivery:
    """Send it once more, now, with the whole schedule of retries before it. Raises `NotFound`, `Conflict`."""
    webhook = _find_enabled(session, project_id, webhook_id)
    delivery, _ = find_delivery(session, project_id, webhook_id, delivery_id)
    now = utc_now()
    delivery.status, delivery.failures, delivery.next_attempt_at, delivery.updated_at = "pending", 0, now, now
    wake(session, webhook)
    return delivery


def redeliver_range(session: WriteSession, project_id: str, webhook_id: str, filters: Filters) -> int:
    """Send all that match once more; says how many. Raises `NotFound`, `Conflict`, `InvalidRequest`."""
    webhook = _find_enabled(session, project_id, webhook_id)
    which = (_matching(webhook_id, filters), Delivery.is_test.is_(False))
    count = session.scalar(select(func.count()).select_from(Delivery).where(Delivery.project_id == project_id, *which))
    if not count:
        return 0
    if count > REDELIVER_MAX:
        raise InvalidRequest(
            f"{count} deliveries match; one call takes {REDELIVER_MAX}. Narrow the range.", param="from"
        )
    now = utc_now()
    session.execute(
        update(Delivery)
        .where(Delivery.project_id == project_id, *which)
        .values(status="pending", failures=0, next_attempt_at=now, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    wake(session, webhook)
    return count


def forget_old_deliveries(session: WriteSession) -> None:
    """Drop what nothing happened to for a month, with its attempts; some at a time, the rest at the next run."""
    old = (
        select(Delivery.project_id, Delivery.id)
        .where(Delivery.updated_at < utc_now() - KEPT_FOR)
        .order_by(Delivery.updated_at)
        .limit(FORGOTTEN_AT_ONCE)
    )
    keys = [tuple(key) for key in session.execute(old)]  # read first: Citus takes no pairs out of a query
    session.execute(
        delete(Delivery)
        .where(tuple_(Delivery.project_id, Delivery.id).in_(keys))
        .execution_options(synchronize_session=False)
    )


# --- events


def list_events(
    session: ReadSession,
    project_id: str,
    *,
    types: Collection[str],
    since: datetime | None,
    until: datetime | None,
    oldest_first: bool,
    limit: int,
    after: tuple[datetime, str] | None = None,
) -> list[Event]:
    """At most `limit` + 1 rows: the extra one says that there is more. No `types` means all."""
    query = select(Event).where(Event.project_id == project_id)
    if types:
        query = query.where(Event.type.in_(types))
    if since is not None:
        query = query.where(Event.created_at >= since)
    if until is not None:
        query = query.where(Event.created_at < until)
    if after is not None:
        at, id_ = after
        if oldest_first:
            beyond = or_(Event.created_at > at, and_(Event.created_at == at, Event.id > id_))
        else:
            beyond = or_(Event.created_at < at, and_(Event.created_at == at, Event.id < id_))
        query = query.where(beyond)
    order = (Event.created_at, Event.id) if oldest_first else (Event.created_at.desc(), Event.id.desc())
    return list(session.scalars(query.order_by(*order).limit(limit + 1)))


def _find_enabled(session: ReadSession, project_id: str, webhook_id: str) -> Webhook:
    webhook = find_webhook(session, project_id, webhook_id)
    if not webhook.enabled:
        raise Conflict("This webhook is disabled. Enable it first: PATCH it with enabled true.")
    return webhook


def _matching(webhook_id: str, filters: Filters) -> ColumnElement[bool]:
    wanted = [Delivery.webhook_id == webhook_id]
    if filters.status is not None:
        wanted.append(Delivery.status == filters.status)
    if filters.event_type is not None:
        wanted.append(Delivery.event_type == filters.event_type)
    if filters.since is not None:
        wanted.append(Delivery.created_at >= filters.since)
    if filters.until is not None:
        wanted.append(Delivery.created_at < filters.until)
    return and_(*wanted)
