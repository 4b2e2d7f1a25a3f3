"""Every page and state in light and dark, wide and narrow: nothing that axe-core knows; with SCREENSHOTS=FOLDER, a picture of each."""  # noqa: E501

import re
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from aivastark.accounts import logins
from tests.conftest import Settle
from tests.make import Client
from tests.people import Person
from tests.web.dashboard.desk import Desk, desk
from tests.web.dashboard.inbox_looks import through_inbox
from tests.web.dashboard.knowledge_looks import through_knowledge, through_playground
from tests.web.dashboard.leads_looks import through_leads
from tests.web.dashboard.settings_looks import through_settings
from tests.web.stage import tab

LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {},
    "phone-dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True},
}

DOORS = {
    "forgot-password": "Choose a new password",
    "reset-password?token=x": "Choose a new password",
    "sign-up": "Make an account",
    "confirm-sign-up?token=x": "Confirm your address",
    "confirm-email?token=x": "Confirm your new address",
    "accept-invitation?token=x": "You are invited",
}


@pytest.mark.parametrize("look", LOOKS)
async def test_no_page_keeps_anybody_out(
    browser: Browser, served: str, api: Client, owner: Person, settle: Settle, look: str
) -> None:
    async with tab(browser, f"{served}/sign-in", **LOOKS[look]) as visit:
        at = desk(visit, served, api.tenant.project_id)
        await at.heading("Sign in").wait_for()
        found = await at.look(f"{look}-sign-in")
        for path, title in DOORS.items():
            await at.go(f"/{path}", title=title)
            found += await at.look(f"{look}-{path.partition('?')[0]}")
        await at.visit.context.add_cookies([{"name": logins.COOKIE, "value": owner.cookie, "url": served}])
        found += await _through_empty(at, look)
        hours = await api.add(
            text="The shop opens at nine. It closes at five on Fridays.", title="Hours", tags=["shop"]
        )
        await settle()
        await api.add(text="\N{ZERO WIDTH SPACE}", title="Nothing")
        await settle()
        await api.add(text="A parcel is shipped within two days.", title="Shipping")
        found += await _through_full(at, look)
        found += await through_knowledge(at, look, hours["id"])
        found += await through_playground(at, look)
        found += await through_inbox(at, look, api)
        found += await through_settings(at, api, look)
        found += await _through_widgets(at, look, api)
        found += await _through_measures(at, look, api, settle)
        found += await through_leads(at, look, api)
        at.assert_clean()

    assert not found, "\n".join(found)


async def _through_empty(at: Desk, look: str) -> list[str]:
    await at.go("/welcome", title="Hello, Anna")
    found = await at.look(f"{look}-welcome")
    await at.go("overview", title="Overview")
    await at.page.get_by_role("heading", name=re.compile("Teach it.*open")).wait_for()
    found += await at.look(f"{look}-overview-empty")
    await at.go("knowledge", title="Knowledge")
    await at.page.get_by_text("It knows nothing yet").wait_for()
    found += await at.look(f"{look}-knowledge-empty")
    await at.go("knowledge/new", title="Add a source")
    await at.page.get_by_role("button", name="Add page").click()
    await expect(at.page.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
    return found + await at.look(f"{look}-new-source-refused")


async def _through_full(at: Desk, look: str) -> list[str]:
    await at.go("knowledge", title="Knowledge")
    await at.page.get_by_role("row", name="Hours").wait_for()
    found = await at.look(f"{look}-knowledge")
    await at.page.get_by_role("button", name="Account of Anna").click()
    found += await at.look(f"{look}-account-menu")
    await at.page.keyboard.press("Escape")
    await at.go("overview", title="Overview")
    await at.page.get_by_label("Question").fill("When does the shop open?")
    await at.page.get_by_role("button", name="Ask", exact=True).click()
    await at.page.get_by_role("list", name="Sources of the answer").wait_for()
    found += await at.look(f"{look}-overview-answer")
    await at.page.get_by_role("button", name="My organisation").click()
    await at.page.get_by_role("menuitem", name="New project").click()
    await at.page.get_by_role("dialog", name="New project").wait_for()
    found += await at.look(f"{look}-new-project")
    await at.go("nothing", title="There is nothing here")
    return found + await at.look(f"{look}-not-found")


async def _through_widgets(at: Desk, look: str, api: Client) -> list[str]:
    widget_id = (await api.get("widgets")).json()["data"][0]["id"]
    await at.go("widgets/new", title="New widget")
    found = await at.look(f"{look}-widget-new")
    await at.go("widgets", title="Widgets")
    await at.page.get_by_role("link", name="My widget").click()
    await at.page.get_by_role("complementary", name="Preview").get_by_text("Hello! How can I help you?").wait_for()
    found += await at.look(f"{look}-widget-look")
    for part, seen in (("behavior", "Add rule"), ("leads", "Add field"), ("handoff", "Business hours")):
        await at.go(f"widgets/{widget_id}/{part}", title="My widget")
        await at.page.get_by_text(seen).wait_for()
        if part == "handoff":
            await at.page.get_by_label("People are there at certain hours only").check()
        found += await at.look(f"{look}-widget-{part}")
    await at.page.get_by_role("button", name="Discard").click()
    for part, seen in (
        ("content", "Words of your own"),
        ("security", "Known users"),
        ("install", "Put it on your site"),
    ):
        await at.go(f"widgets/{widget_id}/{part}", title="My widget")
        await at.page.get_by_role("heading", name=seen).wait_for()
        found += await at.look(f"{look}-widget-{part}")
    await at.go(f"widgets/{widget_id}/history", title="My widget")
    await at.page.get_by_role("row", name="Version 1").wait_for()
    return found + await at.look(f"{look}-widget-history")


async def _through_measures(at: Desk, look: str, api: Client, settle: Settle) -> list[str]:
    await at.go("answer-tests", title="Answer tests")
    await at.page.get_by_text("No tests yet").wait_for()
    found = await at.look(f"{look}-answer-tests-empty")
    await at.go("answer-tests/runs", title="Answer tests")
    await at.page.get_by_text("No runs yet").wait_for()
    found += await at.look(f"{look}-answer-test-runs-empty")
    await at.go("answer-tests/new", title="Add a test")
    found += await at.look(f"{look}-answer-test-new")
    await api.ask("Do you sell gift cards?", session_id="gap")
    await api.post("answer-tests", {"question": "When does the shop open?", "must_say": ["ten"]})
    await api.post("answer-tests/run")
    await settle()
    await at.go("answer-tests", title="Answer tests")
    await at.page.get_by_text("Failed", exact=True).wait_for()
    found += await at.look(f"{look}-answer-tests")
    await at.page.get_by_role("link", name="When does the shop open?").click()
    await at.page.get_by_role("heading", name="What is expected").wait_for()
    found += await at.look(f"{look}-answer-test")
    await at.page.get_by_role("link", name="run of all tests").click()
    await at.heading("Run of the answer tests").wait_for()
    found += await at.look(f"{look}-answer-test-run")
    for part, title, seen in (
        ("", "Analytics", "Use of sources"),
        ("/confidence", "Confidence", "Distribution"),
        ("/gaps/nothing", "Gap", "There is no such gap"),
    ):
        await at.go(f"analytics{part}", title=title)
        await at.page.get_by_role("heading", name=seen).wait_for()
        found += await at.look(f"{look}-analytics{part.replace('/', '-')}")
    await at.go("analytics/gaps", title="Gaps")
    await at.page.get_by_role("link", name="gift cards").wait_for()
    found += await at.look(f"{look}-analytics-gaps")
    await at.page.get_by_role("link", name="gift cards").click()
    await at.page.get_by_role("heading", name="Write the answer").wait_for()
    return found + await at.look(f"{look}-analytics-gap")
