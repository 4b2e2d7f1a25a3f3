"""Who did what and when: one row for every administrative act, written in the transaction of the act."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from aivastark.accounts.keys import Principal
from aivastark.accounts.people_models import AuditEntry
from aivastark.database import ReadSession, WriteSession
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id

COMMAND_LINE = "command_line"  # the actor of what an operator does with the `aivastark` command


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What the log is narrowed by; None = not at all."""

    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def note(
    session: WriteSession, principal: Principal, action: str, target: str, details: dict[str, Any] | None = None
) -> None:
    """Record an act of this caller in its organisation.

    `action` is `thing.done` (`api_key.created`), `target` the id of the thing. `details` never hold a secret.
    """
    record(session, principal.organization_id, principal.actor_id, action, target, details)


def record(
    session: WriteSession,
    organization_id: str,
    actor_id: str,
    action: str,
    target: str,
    details: dict[str, Any] | None = None,
) -> None:
    """As `note`, for an act without a `Principal`: of the command line, or of someone who is just signing in."""
    session.add(
        AuditEntry(
            organization_id=organization_id,
            id=new_id("aud"),
            actor_id=actor_id,
            action=action,
            target=target,
            details=details or {},
            created_at=utc_now(),
        )
    )


def list_entries(
    session: ReadSession, organization_id: str, *, filters: Filters, limit: int, after: str | None = None
) -> list[AuditEntry]:
    """Newest first, at most `limit` + 1 rows: the extra one says that there is more."""
    query = select(AuditEntry).where(AuditEntry.organization_id == organization_id)
    if filters.actor is not None:
        query = query.where(AuditEntry.actor_id == filters.actor)
    if filters.action is not None:
        query = query.where(AuditEntry.action == filters.action)
    if filters.since is not None:
        query = query.where(AuditEntry.created_at >= filters.since)
    if filters.until is not None:
        query = query.where(AuditEntry.created_at < filters.until)
    if after is not None:
        query = query.where(AuditEntry.id < after)
    return list(session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit + 1)))
