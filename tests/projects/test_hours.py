"""Business hours: zones, spans, holidays, the next opening, and what is said to a plan that is none."""

from datetime import UTC, datetime

import pytest

from aivastark.projects.hours import hours_from, is_open, next_opening

BERLIN = hours_from(
    {
        "timezone": "Europe/Berlin",
        "weekly": {
            "mon": [["09:00", "12:00"], ["13:00", "17:30"]],
            "fri": [["22:00", "24:00"]],
            "sat": [["00:00", "02:00"]],
        },
        "holidays": ["2026-11-30"],
    }
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        ("2026-11-23T07:59", False),  # 08:59 in Berlin
        ("2026-11-23T08:00", True),
        ("2026-11-23T11:00", False),  # the end of a span is not part of it
        ("2026-11-23T12:30", True),
        ("2026-11-24T10:00", False),  # a day that is not named
        ("2026-11-27T21:30", True),  # a night in two spans
        ("2026-11-28T00:30", True),
        ("2026-11-30T10:00", False),  # a Monday, and a holiday
        ("2026-07-06T07:00", True),  # summer time: 09:00 in Berlin
    ],
)
def test_people_are_there_within_the_hours_of_their_zone(moment: str, there: bool) -> None:
    assert is_open(BERLIN, at(moment)) is there


def test_without_hours_somebody_is_always_there() -> None:
    assert is_open(None, at("2026-01-01T03:00"))
    assert next_opening(None, at("2026-01-01T03:00")) == at("2026-01-01T03:00")


def test_the_next_opening_skips_holidays() -> None:
    assert next_opening(BERLIN, at("2026-11-23T11:30")) == at("2026-11-23T12:00")
    assert next_opening(BERLIN, at("2026-11-28T10:00")) == at("2026-12-04T21:00")
    assert next_opening(BERLIN, at("2026-11-23T08:30")) == at("2026-11-23T08:30")


def test_hours_that_never_begin_have_no_next_opening() -> None:
    assert next_opening(hours_from({"timezone": "UTC", "weekly": {}}), at("2026-11-23T08:30")) is None


@pytest.mark.parametrize(
    "plan",
    [
        {"timezone": "Mars/Olympus"},
        {"timezone": "../../etc/passwd"},
        {"timezone": 1},
        {"weekly": []},
        {"weekly": {"monday": []}},
        {"weekly": {"mon": [["17:00", "09:00"]]}},
        {"weekly": {"mon": [["9", "ten"]]}},
        {"weekly": {"mon": [["09:00"]]}},
        {"weekly": {"mon": [["09:00+01:00", "10:00"]]}},
        {"weekly": {"mon": [["00:00", "01:00"]] * 9}},
        {"holidays": ["Christmas"]},
        {"holidays": [1]},
        {"opening": {}},
    ],
)
def test_a_plan_that_is_none_is_refused_with_a_sentence(plan: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        hours_from(plan)
