"""Whether people take conversations over, and when, is the project's to say."""

import pytest

from tests.make import Client, assert_error, read

ALWAYS_CLOSED = {"enabled": True, "business_hours": {"timezone": "Europe/Berlin", "weekly": {}}}


async def test_who_asks_for_a_person_is_passed_on_unless_nobody_is_there_to_be_asked(api: Client) -> None:
    project = f"/v1/projects/{api.tenant.project_id}"
    passed_on = await api.ask("I want to talk to a human", session_id="s1")
    assert "person_requested" in passed_on["confidence_reasons"]

    changed = read(await api.patch(project, {"handoff": {"enabled": False}}))
    answered = await api.ask("I want to talk to a human", session_id="s2")

    assert changed["handoff"] == {"enabled": False, "business_hours": None}
    assert "person_requested" not in answered["confidence_reasons"]
    conversation = read(await api.get(f"conversations/{answered['conversation_id']}"))
    assert conversation["status"] == "open"


async def test_outside_the_projects_hours_the_visitor_is_told_so(api: Client) -> None:
    await api.patch(f"/v1/projects/{api.tenant.project_id}", {"handoff": ALWAYS_CLOSED})
    asked = await api.ask("Hello?")

    await api.post(f"conversations/{asked['conversation_id']}/escalate", {"reason": "agent"})

    conversation = read(await api.get(f"conversations/{asked['conversation_id']}"))
    assert conversation["status"] == "waiting_human"
    assert "business hours" in conversation["messages"][-1]["content"]


async def test_hours_that_make_no_sense_are_refused(api: Client) -> None:
    hours = {"timezone": "Mars/Olympus", "weekly": {}}

    refused = await api.patch(f"/v1/projects/{api.tenant.project_id}", {"handoff": {"business_hours": hours}})

    assert_error(refused, 422, "invalid_request", param="handoff.business_hours.timezone")


@pytest.mark.parametrize("holiday", [0, 1_798_156_800, "20261225", True, None])
async def test_a_holiday_is_a_day_written_out(api: Client, holiday: object) -> None:
    hours = {"timezone": "Europe/Berlin", "weekly": {}, "holidays": ["2026-12-25", holiday]}

    refused = await api.patch(f"/v1/projects/{api.tenant.project_id}", {"handoff": {"business_hours": hours}})

    assert_error(refused, 422, "invalid_request", param="handoff.business_hours.holidays.1")
