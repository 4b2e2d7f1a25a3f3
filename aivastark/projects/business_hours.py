"""When people are there: a week of opening hours in one place's time, and days on which nobody is."""

from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from aivastark.kit.moments import SentDay
from aivastark.projects.hours import HOLIDAYS_MAX, SPANS_A_DAY_MAX, Hours, hours_from

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Time = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


def checked_timezone(value: str) -> str:
    """The value itself. Raises `ValueError` for a name that is not in the time zone database."""
    try:
        ZoneInfo(value)
    except (LookupError, ValueError, OSError) as error:  # no such file, a path, a folder
        raise ValueError("is not a time zone; write it as in Europe/Berlin") from error
    return value


def checked_spans(spans: list[list[str]]) -> list[list[str]]:
    """The spans themselves. Raises `ValueError` when one ends before it begins, or two overlap."""
    # Times are zero-padded, so they sort as times do.
    if any(closes <= opens for opens, closes in spans):
        raise ValueError("a span ends after it begins; write a night as two spans, up to 24:00 and from 00:00")
    if any(later[0] < earlier[1] for earlier, later in pairwise(sorted(spans))):
        raise ValueError("two spans overlap")
    return spans


Span = Annotated[list[Time], Field(min_length=2, max_length=2)]
Spans = Annotated[list[Span], Field(max_length=SPANS_A_DAY_MAX), AfterValidator(checked_spans)]


class BusinessHours(BaseModel):
    """A day without spans is closed."""

    model_config = ConfigDict(extra="forbid")

    timezone: Annotated[str, Field(max_length=64), AfterValidator(checked_timezone)]
    weekly: dict[Day, Spans]
    holidays: Annotated[list[SentDay], Field(max_length=HOLIDAYS_MAX)] = Field(default_factory=list)


def hours_of(business_hours: BusinessHours | None) -> Hours | None:
    """The hours as hand-off reckons with them; None = always."""
    return None if business_hours is None else hours_from(business_hours.model_dump(mode="json"))
