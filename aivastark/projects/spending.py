"""What calls to language models take of a project's budget: one row a project and UTC day, one statement a step.

Before a call, all that it may take is reserved; afterwards that is settled to what it took. Many processes decide like
this by the same row, so together they overrun a budget by no more than calls took beyond their own estimates. What a
process that was killed had reserved stays reserved until the day ends: its provider charges for what it did, nobody can
say how much, and a budget is a promise about money. Answers meanwhile come in the documents' own words.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import BigInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from aivastark.accounts.metering import COUNTED_MAX
from aivastark.accounts.plans import Plan
from aivastark.backends.llm.base import Took
from aivastark.database import Base, ReadSession, WriteSession
from aivastark.kit.money import Budget, from_dollars
from aivastark.projects.models import Project
from aivastark.projects.schemas import budget_of

UNBOUNDED = 2**62

_RESERVE = text(
    # No row comes back when it does not fit: nothing is changed then.
    """
    INSERT INTO model_spending (project_id, day, tokens, cost, tokens_reserved, cost_reserved, calls_refused)
    VALUES (:project_id, :day, 0, 0, :tokens, :cost, 0)
    ON CONFLICT (project_id, day) DO UPDATE SET
      tokens_reserved = model_spending.tokens_reserved + excluded.tokens_reserved,
      cost_reserved = model_spending.cost_reserved + excluded.cost_reserved
    WHERE model_spending.tokens + model_spending.tokens_reserved + excluded.tokens_reserved <= :tokens_allowed
      AND model_spending.cost + model_spending.cost_reserved + excluded.cost_reserved <= :cost_allowed
    RETURNING day
    """
)
_REFUSE = text(
    """
    INSERT INTO model_spending (project_id, day, tokens, cost, tokens_reserved, cost_reserved, calls_refused)
    VALUES (:project_id, :day, 0, 0, 0, 0, 1)
    ON CONFLICT (project_id, day) DO UPDATE SET calls_refused = model_spending.calls_refused + 1
    RETURNING calls_refused
    """
)
_SETTLE = text(
    """
    INSERT INTO model_spending (project_id, day, tokens, cost, tokens_reserved, cost_reserved, calls_refused)
    VALUES (:project_id, :day, :tokens, :cost, 0, 0, 0)
    ON CONFLICT (project_id, day) DO UPDATE SET
      tokens = CASE WHEN model_spending.tokens < :counted_max - excluded.tokens
        THEN model_spending.tokens + excluded.tokens ELSE :counted_max END,
      cost = CASE WHEN model_spending.cost < :counted_max - excluded.cost
        THEN model_spending.cost + excluded.cost ELSE :counted_max END,
      tokens_reserved = model_spending.tokens_reserved - :tokens_reserved,
      cost_reserved = model_spending.cost_reserved - :cost_reserved
    RETURNING tokens, cost
    """
)


class ModelSpending(Base):
    """What a project's calls took on one UTC day (`2026-11-25`), and what is kept for those under way.

    Costs are in trillionths of a dollar.
    """

    __tablename__ = "model_spending"

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    tokens: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[int] = mapped_column(BigInteger)
    tokens_reserved: Mapped[int] = mapped_column(BigInteger)
    cost_reserved: Mapped[int] = mapped_column(BigInteger)
    calls_refused: Mapped[int] = mapped_column(BigInteger)
    """How often the budget had no room for a call."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reservation:
    """What is kept for one call, on the day it belongs to whenever it ends; nothing, where nothing bounds it."""

    at: datetime
    tokens: int = 0
    cost: int = 0

    @property
    def day(self) -> str:
        """The UTC day it counts for."""
        return self.at.astimezone(UTC).date().isoformat()


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """There is no room for a call; `number` counts those of the day."""

    number: int


def effective_budget(project: Project, plan: Plan, default: Budget) -> Budget:
    """What holds: the project's own bound, else the install's default; for tokens never more than the plan says."""
    own = budget_of(project)
    tokens = default.tokens if own.tokens_per_day is None else own.tokens_per_day
    bounds = [bound for bound in (tokens, plan.tokens_per_project_day) if bound is not None]
    return Budget(
        tokens=min(bounds, default=None),
        cost=default.cost if own.cost_per_day is None else from_dollars(own.cost_per_day),
    )


def reserve(session: WriteSession, project_id: str, wanted: Reservation, budget: Budget) -> Reservation | Refusal:
    """`wanted`, if what is spent and reserved of the day's budget leaves room for all of it."""
    tokens_allowed = UNBOUNDED if budget.tokens is None else budget.tokens
    cost_allowed = UNBOUNDED if budget.cost is None else budget.cost
    which = {"project_id": project_id, "day": wanted.day}
    if wanted.tokens <= tokens_allowed and wanted.cost <= cost_allowed:
        amounts = {"tokens": wanted.tokens, "cost": wanted.cost}
        allowed = {"tokens_allowed": tokens_allowed, "cost_allowed": cost_allowed}
        if session.connection().execute(_RESERVE, {**which, **amounts, **allowed}).first() is not None:
            return wanted
    return Refusal(number=session.connection().execute(_REFUSE, which).scalar_one())


def settle(session: WriteSession, project_id: str, reserved: Reservation, took: Took) -> Budget:
    """Give the reservation back and count what was used instead; returns what is spent of that day by now."""
    row = (
        session.connection()
        .execute(
            _SETTLE,
            {
                "project_id": project_id,
                "day": reserved.day,
                "tokens": took.input_tokens + took.output_tokens,
                "cost": min(took.cost, COUNTED_MAX),
                "tokens_reserved": reserved.tokens,
                "cost_reserved": reserved.cost,
                "counted_max": COUNTED_MAX,
            },
        )
        .one()
    )
    return Budget(tokens=row.tokens, cost=row.cost)


def spent_on(session: ReadSession, project_id: str, day: date) -> ModelSpending:
    """The project's row of a UTC day, or what it would be if anything had been spent."""
    return session.get(ModelSpending, (project_id, day.isoformat())) or ModelSpending(
        project_id=project_id,
        day=day.isoformat(),
        tokens=0,
        cost=0,
        tokens_reserved=0,
        cost_reserved=0,
        calls_refused=0,
    )


def end_of(day: date) -> datetime:
    """When a day's budget ends and the next one's begins."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)
