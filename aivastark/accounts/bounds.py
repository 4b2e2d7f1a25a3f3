"""How much a plan holds: asked in the transaction that would add to it, so that no two find the same last place."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, bindparam, select

from aivastark.accounts.models import Organization
from aivastark.accounts.plans import Bound, Plan, resolve
from aivastark.database import Base, ReadSession, WriteSession
from aivastark.errors import NotFound, PlanLimitReached

_SAID: dict[Bound, str] = {
    "projects": "projects",
    "sources_per_project": "sources in a project",
    "chunks_per_project": "passages in a project",
    "members": "members",
    "messages_per_month": "questions a month",
}
RESET = object()  # as an override: what the plan says

# Built once: composing statements anew for every question takes longer than running them.
_ORGANIZATIONS = Base.metadata.tables[Organization.__tablename__].c
_PLAN = select(_ORGANIZATIONS.plan, _ORGANIZATIONS.plan_overrides).where(_ORGANIZATIONS.id == bindparam("id"))


def plan_in(session: ReadSession, organization_id: str) -> Plan:
    """The organisation's plan, with what was agreed on otherwise. Raises `NotFound`."""
    session.flush()  # it may have been made a moment ago
    row = session.connection().execute(_PLAN, {"id": organization_id}).first()
    if row is None:
        raise NotFound
    return resolve(row.plan, row.plan_overrides)


def set_plan(
    session: WriteSession, organization_id: str, *, plan: str | None, overrides: Mapping[str, Any]
) -> Organization:
    """Move an organisation to a plan (None: it stays) and set overrides; `RESET` drops one. Raises `NotFound`."""
    row = session.get(Organization, organization_id)
    if row is None:
        raise NotFound
    row.plan = plan or row.plan
    merged = {**row.plan_overrides, **overrides}
    row.plan_overrides = {name: value for name, value in merged.items() if value is not RESET}
    return row


def require_room(
    session: WriteSession, organization_id: str, bound: Bound, used: Select[int], *, adding: int = 1
) -> None:
    """Raises `PlanLimitReached` unless the plan has room for `adding` more than what `used` counts.

    Call it in the transaction that adds, before adding: writers see each other's places as if they came one after
    the other, on every database. An unbounded plan counts nothing.
    """
    plan = plan_in(session, organization_id)
    if plan.bound(bound) is None:
        return
    refuse_above(plan, bound, (session.scalar(used) or 0) + adding)


def refuse_above(plan: Plan, bound: Bound, wanted: int) -> None:
    """Raises `PlanLimitReached` when `wanted` is more than the plan holds."""
    allowed = plan.bound(bound)
    if allowed is not None and wanted > allowed:
        raise PlanLimitReached(f"The {plan.name} plan holds {allowed:,} {_SAID[bound]}.")
