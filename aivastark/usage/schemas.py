"""Plan and usage on the wire."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from aivastark.accounts.metering import Kind
from aivastark.accounts.models import Organization
from aivastark.accounts.plans import OVERRIDES, Plan, resolve
from aivastark.kit.clock import to_wire
from aivastark.kit.money import Budget, in_dollars
from aivastark.projects.spending import ModelSpending, end_of
from aivastark.usage.report import Period, Report


class PlanLimits(BaseModel):
    """Bounds; null = none."""

    per_minute: int
    per_day: int | None
    projects: int | None
    sources_per_project: int | None
    chunks_per_project: int | None
    members: int | None
    messages_per_month: int | None
    tokens_per_project_day: int | None


class PlanOut(BaseModel):
    """An organisation's plan, with what was agreed on otherwise."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "organization_id": "org_01M82H49YHXWDRZ4KG9VKE1M8F",
                    "plan": "growth",
                    "api_access": True,
                    "limits": {
                        "per_minute": 120,
                        "per_day": 10000,
                        "projects": 10,
                        "sources_per_project": 1000,
                        "chunks_per_project": 100000,
                        "members": 20,
                        "messages_per_month": 50000,
                        "tokens_per_project_day": None,
                    },
                    "overridden": ["per_minute"],
                }
            ]
        }
    )

    organization_id: str
    plan: str
    api_access: bool
    limits: PlanLimits
    overridden: list[str]


class Amounts(BaseModel):
    """What was used. `questions` counts every recorded exchange; `answers_refused` those among them that ended in
    "I don't know"; tokens are those of language models, 0 without one, and `cost` what those cost in US dollars, by
    the prices that are set.
    """

    questions: int
    answers_refused: int
    input_tokens: int
    output_tokens: int
    cost: str


class DayOut(Amounts):
    """One UTC day."""

    day: str


class HeldOut(BaseModel):
    """What is there now; `storage_bytes` is the text of all published documents, as UTF-8."""

    projects: int
    sources: int
    chunks: int
    storage_bytes: int


class MonthOut(BaseModel):
    """The organisation's questions this UTC month, and how many its plan holds (null = any number)."""

    questions: int
    limit: int | None


class TokenBudget(BaseModel):
    """Tokens of today; `reserved` is kept for calls under way. `limit`: null = any number."""

    limit: int | None
    spent: int
    reserved: int


class CostBudget(BaseModel):
    """The same in US dollars."""

    limit: str | None
    spent: str
    reserved: str


class BudgetOut(BaseModel):
    """What language models may take for a project today (UTC), what they took, and when it begins anew.

    `calls_refused`: how often there was no room for a call, and the documents' own words had to do.
    """

    day: str
    resets_at: str
    tokens: TokenBudget
    cost: CostBudget
    calls_refused: int


class UsageOut(BaseModel):
    """Usage of an organisation, or of one project; days without any use are left out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "organization_id": "org_01M82H49YHXWDRZ4KG9VKE1M8F",
                    "project_id": None,
                    "from": "2026-11-01",
                    "to": "2026-11-25",
                    "totals": {
                        "questions": 2,
                        "answers_refused": 1,
                        "input_tokens": 0,
                        "output_tokens": 0,
                        "cost": "0",
                    },
                    "held": {"projects": 1, "sources": 3, "chunks": 3, "storage_bytes": 1181},
                    "this_month": {"questions": 2, "limit": None},
                    "days": [
                        {
                            "day": "2026-11-25",
                            "questions": 2,
                            "answers_refused": 1,
                            "input_tokens": 0,
                            "output_tokens": 0,
                            "cost": "0",
                        }
                    ],
                    "budget": None,
                }
            ]
        }
    )

    organization_id: str
    project_id: str | None
    from_: str = Field(alias="from")
    to: str
    totals: Amounts
    held: HeldOut
    this_month: MonthOut
    days: list[DayOut]
    budget: BudgetOut | None = Field(description="Where usage of one project is asked for.")


def plan_out(organization: Organization) -> PlanOut:
    """An organisation's plan for the wire."""
    plan = resolve(organization.plan, organization.plan_overrides)
    return PlanOut(
        organization_id=organization.id,
        plan=plan.name,
        api_access=plan.api_access,
        limits=PlanLimits.model_validate(plan, from_attributes=True),
        overridden=sorted(organization.plan_overrides.keys() & set(OVERRIDES)),
    )


def usage_out(
    report: Report, days: Period, plan: Plan, organization_id: str, project_id: str | None, budget: BudgetOut | None
) -> UsageOut:
    """A report for the wire."""
    held = report.held
    return UsageOut.model_validate(
        {
            "organization_id": organization_id,
            "project_id": project_id,
            "from": days.first.isoformat(),
            "to": days.last.isoformat(),
            "totals": _amounts(report.totals),
            "held": HeldOut(
                projects=held.projects, sources=held.sources, chunks=held.chunks, storage_bytes=held.text_bytes
            ),
            "this_month": {"questions": report.questions_this_month, "limit": plan.messages_per_month},
            "days": [{"day": day, **_amounts(amounts)} for day, amounts in report.days.items()],
            "budget": budget,
        }
    )


def budget_out(spent: ModelSpending, budget: Budget) -> BudgetOut:
    """A day's budget for the wire."""
    return BudgetOut(
        day=spent.day,
        resets_at=to_wire(end_of(date.fromisoformat(spent.day))),
        tokens=TokenBudget(limit=budget.tokens, spent=spent.tokens, reserved=spent.tokens_reserved),
        cost=CostBudget(
            limit=None if budget.cost is None else in_dollars(budget.cost),
            spent=in_dollars(spent.cost),
            reserved=in_dollars(spent.cost_reserved),
        ),
        calls_refused=spent.calls_refused,
    )


def _amounts(amounts: Mapping[Kind, int]) -> dict[str, Any]:
    return {**dict[str, Any](amounts.items()), "cost": in_dollars(amounts["cost"])}
