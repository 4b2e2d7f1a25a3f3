"""Plans as data: what an organisation may do and how often."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Bounds of a plan; `None` means unbounded."""

    per_minute: int
    per_day: int | None
    api_access: bool


PLANS: Mapping[str, Plan] = {
    "starter": Plan(per_minute=60, per_day=10_000, api_access=False),
    "growth": Plan(per_minute=60, per_day=10_000, api_access=True),
    "enterprise": Plan(per_minute=600, per_day=None, api_access=True),
}
