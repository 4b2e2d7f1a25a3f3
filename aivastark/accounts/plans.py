"""Plans as data: what an organisation may do, how often, and how much of it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

Bound = Literal["projects", "sources_per_project", "chunks_per_project", "members", "messages_per_month"]
BOUNDS: tuple[Bound, ...] = get_args(Bound)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a plan allows; `None` means unbounded."""

    name: str = "custom"
    per_minute: int
    per_day: int | None
    api_access: bool
    projects: int | None = None
    sources_per_project: int | None = None
    chunks_per_project: int | None = None
    members: int | None = None
    messages_per_month: int | None = None
    tokens_per_project_day: int | None = None
    """What language models may read and write for a project on a UTC day."""

    def bound(self, bound: Bound) -> int | None:
        """How many of this kind; None = any number."""
        allowed: int | None = getattr(self, bound)
        return allowed


PLANS: Mapping[str, Plan] = {
    plan.name: plan
    for plan in (
        Plan(
            name="starter",
            per_minute=60,
            per_day=10_000,
            api_access=False,
            projects=1,
            sources_per_project=50,
            chunks_per_project=5_000,
            members=3,
            messages_per_month=1_000,
        ),
        Plan(
            name="growth",
            per_minute=60,
            per_day=10_000,
            api_access=True,
            projects=10,
            sources_per_project=1_000,
            chunks_per_project=100_000,
            members=20,
            messages_per_month=50_000,
        ),
        Plan(name="enterprise", per_minute=600, per_day=None, api_access=True),
    )
}
OVERRIDES: tuple[str, ...] = tuple(field.name for field in fields(Plan) if field.name != "name")


def resolve(name: str, overrides: Mapping[str, Any]) -> Plan:
    """A plan as one organisation has it: by name, with what was agreed on otherwise. Unknown overrides are passed
    over: a newer version may have written them.
    """
    return replace(PLANS[name], **{key: value for key, value in overrides.items() if key in OVERRIDES})
