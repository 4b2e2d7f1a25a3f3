"""Signing in, and a session that ends while somebody types."""

from playwright.async_api import expect

from aivastark.accounts import logins
from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from tests.make import Client
from tests.people import PASSWORD, Person
from tests.web.dashboard.desk import Desk

TEXT = "The shop opens at nine, and a long text was typed about it."


async def test_an_ended_session_loses_no_typed_text(
    desktop: Desk, backends: Backends, api: Client, owner: Person
) -> None:
    page = desktop.page
    await desktop.go("knowledge/new", title="Add a source")
    await page.get_by_role("tab", name="Text").click()
    await page.get_by_label("Your text").fill(TEXT)
    await backends.db.write(lambda session: _end(session, owner))

    await page.get_by_role("button", name="Add text").click()
    again = page.get_by_role("dialog", name="Sign in again")
    await again.get_by_label("Password").fill("not this one, no")
    await again.get_by_role("button", name="Sign in").click()
    await expect(again.get_by_role("alert")).to_be_visible()
    await again.get_by_label("Password").fill(PASSWORD)
    await again.get_by_role("button", name="Sign in").click()

    await desktop.heading("Knowledge").wait_for()
    assert len((await api.get("sources")).json()["data"]) == 1
    desktop.assert_clean()


async def test_whoever_signs_in_comes_to_where_they_wanted_to_go(desktop: Desk, owner: Person) -> None:
    page = desktop.page
    await desktop.visit.context.clear_cookies()
    await desktop.go("knowledge", title="Sign in")
    await page.get_by_label("E-mail").fill(owner.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()

    await desktop.heading("Knowledge").wait_for()
    await page.get_by_role("button", name="Account of Anna").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await desktop.heading("Sign in").wait_for()
    await desktop.go(f"{desktop.address}/sign-in?next=//elsewhere.example/", title="Sign in")


async def test_a_source_that_was_deleted_by_mistake_comes_back(desktop: Desk, api: Client) -> None:
    await api.add(text="The shop opens at nine.", title="Hours")
    page = desktop.page
    await desktop.go("knowledge", title="Knowledge")
    await page.get_by_role("button", name="Delete Hours").click()
    await expect(page.get_by_role("cell", name="Hours")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("rowheader", name="Hours")).to_be_visible()
    assert len((await api.get("sources")).json()["data"]) == 1

    await page.get_by_role("button", name="Delete Hours").click()
    await page.get_by_role("button", name="Dismiss").click()
    await expect(page.get_by_text("It knows nothing yet")).to_be_visible()
    desktop.assert_clean()


def _end(session: WriteSession, owner: Person) -> None:
    logins.end_all(session, owner.id)
