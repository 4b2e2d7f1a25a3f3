"""From the link that a fresh install prints to the first cited answer, by keyboard alone."""

import re

from playwright.async_api import Browser, expect

from aivastark.accounts.entrance import Entrance
from aivastark.backends.base import Backends
from aivastark.commands.install import sign_in_url
from tests.conftest import Settle
from tests.make import Tenant
from tests.web.dashboard.desk import SCRIPT_MAX_BYTES, desk
from tests.web.stage import tab


async def test_from_the_first_link_to_the_first_cited_answer_by_keyboard_alone(
    browser: Browser, backends: Backends, served: str, installed: Tenant, settle: Settle
) -> None:
    link = await sign_in_url(backends.db, Entrance(public_url=served))
    assert link is not None
    async with tab(browser, link) as visit:
        at = desk(visit, served, installed.project_id)
        await at.heading("Welcome to Aivastark").wait_for()
        assert "token" not in at.page.url
        await at.type_into("Your name", "Anna")
        await at.type_into("E-mail", "anna@acme.example")
        await at.type_into("Password", "correct horse battery")
        await at.press("Make my account")

        await at.heading("Hello, Anna").wait_for()
        await at.type_into("Organisation", "Northwind")
        await at.press("Go on")

        await at.heading("Overview").wait_for()
        await at.press("Add a source")
        await at.heading("Add a source").wait_for()
        await at.tab_to("Page or site")
        for kind in ("Files", "Text"):
            await at.page.keyboard.press("ArrowRight")
            await expect(at.page.get_by_role("tab", name=kind)).to_be_focused()
        await at.type_into("Your text", "The shop opens at nine. It closes at five on Fridays.")
        await at.press("Add text")
        await at.heading("Knowledge").wait_for()
        await settle()
        await expect(at.page.get_by_role("table").get_by_text("Ready", exact=True)).to_be_visible()

        await at.press("Overview")
        await at.page.get_by_label("Question").wait_for()
        await at.type_into("Question", "When does the shop open?")
        await at.press("Ask")
        await expect(at.page.get_by_role("list", name="Sources of the answer")).to_contain_text(
            "The shop opens at nine."
        )
        await expect(at.page.get_by_role("heading", name=re.compile("Try it.*done"))).to_be_visible()
        await expect(at.page.get_by_role("button", name="Northwind")).to_be_visible()
        at.assert_clean()
        assert at.script_bytes() <= SCRIPT_MAX_BYTES
