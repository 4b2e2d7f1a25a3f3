"""What was used, counted by day: one row for each organisation, day, project and kind.

Counted in the transaction of the thing itself, so a count is never ahead of it or behind; what a call to a language
model took is counted when the call ends, whatever becomes of the answer.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, get_args

from sqlalchemy import BigInteger, Select, String, bindparam, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from aivastark.database import Base, ReadSession, WriteSession
from aivastark.kit.clock import utc_now

Kind = Literal["questions", "answers_refused", "input_tokens", "output_tokens", "cost"]  # in trillionths of a dollar
KINDS: tuple[Kind, ...] = get_args(Kind)

COUNTED_MAX = 2**60  # and no further: what a lying provider says it took must not end in an error

_ADD = text(
    """
    INSERT INTO usage_counters (organization_id, day, project_id, kind, amount)
    VALUES (:organization_id, :day, :project_id, :kind, :amount)
    ON CONFLICT (organization_id, day, project_id, kind) DO UPDATE SET amount = CASE
      WHEN usage_counters.amount < :counted_max - excluded.amount THEN usage_counters.amount + excluded.amount
      ELSE :counted_max END
    """
)


class UsageCounter(Base):
    """How much of one kind a project used on one UTC day (`2026-11-25`)."""

    __tablename__ = "usage_counters"

    organization_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


# Built once: composing it anew for every question takes longer than running it.
_QUESTIONS: Select[int] = select(func.coalesce(func.sum(UsageCounter.amount), 0)).where(
    UsageCounter.organization_id == bindparam("organization_id"),
    UsageCounter.day >= bindparam("since"),
    UsageCounter.kind == "questions",
)


def meter(
    session: WriteSession,
    organization_id: str,
    project_id: str,
    amounts: Mapping[Kind, int],
    *,
    now: datetime | None = None,
) -> None:
    """Add to today's counts; what is zero costs nothing."""
    day = (now or utc_now()).date().isoformat()
    which = {"organization_id": organization_id, "day": day, "project_id": project_id, "counted_max": COUNTED_MAX}
    rows = [{**which, "kind": kind, "amount": amount} for kind, amount in sorted(amounts.items()) if amount]
    if rows:
        session.connection().execute(_ADD, rows)  # past the session, which has nothing to add to it but time


def questions_this_month(organization_id: str, now: datetime) -> Select[int]:
    """A statement: how many questions the organisation's projects were asked since the UTC month began."""
    return _QUESTIONS.params(organization_id=organization_id, since=now.date().replace(day=1).isoformat())


def amounts_by_day(
    session: ReadSession, organization_id: str, *, first: date, last: date, project_id: str | None = None
) -> dict[str, dict[Kind, int]]:
    """Day → kind → amount, both ends included; a day without any use is not there."""
    query = select(UsageCounter.day, UsageCounter.kind, func.sum(UsageCounter.amount).label("amount")).where(
        UsageCounter.organization_id == organization_id,
        UsageCounter.day.between(first.isoformat(), last.isoformat()),
    )
    if project_id is not None:
        query = query.where(UsageCounter.project_id == project_id)
    found: dict[str, dict[Kind, int]] = {}
    known = {str(kind): kind for kind in KINDS}
    for row in session.execute(query.group_by(UsageCounter.day, UsageCounter.kind).order_by(UsageCounter.day)):
        if row.kind in known:
            found.setdefault(row.day, dict.fromkeys(KINDS, 0))[known[row.kind]] = int(row.amount)
    return found
