"""Business hours: when a person is there to take a conversation. Pure: a plan and a moment in, yes or no out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPANS_A_DAY_MAX = 8
HOLIDAYS_MAX = 400
LOOK_AHEAD_DAYS = 400
MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """A week of opening spans in one time zone, less the holidays."""

    zone: ZoneInfo
    weekly: tuple[tuple[tuple[int, int], ...], ...]
    """Seven days from Monday, each with spans of minutes since midnight; the end is not part of a span."""
    holidays: frozenset[date] = field(default_factory=frozenset)


def hours_from(plan: Mapping[str, Any]) -> Hours:
    """Hours as they are configured; raises `ValueError` with a sentence for people.

    `{"timezone": "Europe/Berlin", "weekly": {"mon": [["09:00", "17:30"]], …}, "holidays": ["2026-12-25"]}`.
    A day that is not named is closed; a night is two spans, up to `24:00` and from `00:00`.
    """
    if unknown := sorted(set(plan) - {"timezone", "weekly", "holidays"}):
        raise ValueError(f"business hours know no {unknown[0]}")
    weekly, holidays = plan.get("weekly", {}), plan.get("holidays", [])
    if not isinstance(weekly, Mapping) or not isinstance(holidays, list):
        raise ValueError("weekly is an object of days, holidays a list of dates")
    if unknown := sorted(set(map(str, weekly)) - set(DAYS)):
        raise ValueError(f"{unknown[0]} is no day: use {', '.join(DAYS)}")
    if len(holidays) > HOLIDAYS_MAX:
        raise ValueError(f"holidays may hold {HOLIDAYS_MAX} dates at most")
    return Hours(
        zone=_zone(plan.get("timezone", "UTC")),
        weekly=tuple(_spans(day, weekly.get(day, [])) for day in DAYS),
        holidays=frozenset(_date(one) for one in holidays),
    )


def is_open(hours: Hours | None, at: datetime) -> bool:
    """Whether `at` lies within the hours; without hours somebody is always there."""
    if hours is None:
        return True
    local = at.astimezone(hours.zone)
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in _spans_on(hours, local.date()))


def next_opening(hours: Hours | None, at: datetime) -> datetime | None:
    """When the hours begin next, UTC; `at` itself while they last, None when they never do."""
    if is_open(hours, at):
        return at
    assert hours is not None  # without hours it is always open
    today = at.astimezone(hours.zone).date()
    for ahead in range(LOOK_AHEAD_DAYS):
        day = today + timedelta(days=ahead)
        for start, _ in _spans_on(hours, day):
            opens = datetime.combine(day, time(start // 60, start % 60), tzinfo=hours.zone).astimezone(UTC)
            if opens > at:
                return opens
    return None


def _spans_on(hours: Hours, day: date) -> tuple[tuple[int, int], ...]:
    return () if day in hours.holidays else hours.weekly[day.weekday()]


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, TypeError, OSError) as error:  # no such file, a path, not a text, a folder
        raise ValueError("timezone is a name such as Europe/Berlin") from error


def _spans(day: str, spans: Any) -> tuple[tuple[int, int], ...]:
    if not isinstance(spans, list) or len(spans) > SPANS_A_DAY_MAX:
        raise ValueError(f"{day} is a list of at most {SPANS_A_DAY_MAX} spans")
    found = []
    for span in spans:
        if not isinstance(span, list | tuple) or len(span) != 2:
            raise ValueError(f'{day}: a span is a pair such as ["09:00", "17:30"]')
        start, end = _minute(day, span[0]), _minute(day, span[1])
        if end <= start:
            raise ValueError(f"{day}: a span ends after it begins; a night is two spans")
        found.append((start, end))
    return tuple(sorted(found))


def _minute(day: str, clock: Any) -> int:
    if clock == "24:00":
        return MINUTES_A_DAY
    try:
        read = time.fromisoformat(clock)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{day}: times are written as 09:00") from error
    if read.tzinfo is not None:
        raise ValueError(f"{day}: times are written as 09:00")
    return read.hour * 60 + read.minute


def _date(written: Any) -> date:
    try:
        return date.fromisoformat(written)
    except (ValueError, TypeError) as error:
        raise ValueError("holidays are dates such as 2026-12-25") from error
