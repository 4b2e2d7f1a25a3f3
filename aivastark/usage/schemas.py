"""Plan and usage on the wire."""

from pydantic import BaseModel, ConfigDict, Field

from aivastark.accounts.models import Organization
from aivastark.accounts.plans import OVERRIDES, Plan, resolve
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
    "I don't know"; tokens are those of a language model, 0 without one.
    """

    questions: int
    answers_refused: int
    input_tokens: int
    output_tokens: int


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
                    "totals": {"questions": 2, "answers_refused": 1, "input_tokens": 0, "output_tokens": 0},
                    "held": {"projects": 1, "sources": 3, "chunks": 3, "storage_bytes": 1181},
                    "this_month": {"questions": 2, "limit": None},
                    "days": [
                        {
                            "day": "2026-11-25",
                            "questions": 2,
                            "answers_refused": 1,
                            "input_tokens": 0,
                            "output_tokens": 0,
                        }
                    ],
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


def usage_out(report: Report, days: Period, plan: Plan, organization_id: str, project_id: str | None) -> UsageOut:
    """A report for the wire."""
    held = report.held
    return UsageOut.model_validate(
        {
            "organization_id": organization_id,
            "project_id": project_id,
            "from": days.first.isoformat(),
            "to": days.last.isoformat(),
            "totals": report.totals,
            "held": HeldOut(
                projects=held.projects, sources=held.sources, chunks=held.chunks, storage_bytes=held.text_bytes
            ),
            "this_month": {"questions": report.questions_this_month, "limit": plan.messages_per_month},
            "days": [{"day": day, **amounts} for day, amounts in report.days.items()],
        }
    )
