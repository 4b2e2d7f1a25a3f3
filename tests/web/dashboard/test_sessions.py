"""Signing in, and a session that ends while somebody types."""

import re
from urllib.parse import urlencode

from playwright.async_api import Browser, expect

from aivastark.accounts import logins
from aivastark.accounts.entrance import DEFAULT_PUBLIC_URL, Entrance, OidcClient
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.settings import Settings
from tests.accounts.provider import CLIENT_ID, CLIENT_SECRET, providing
from tests.conftest import Settle
from tests.make import Client, Tenant, listening
from tests.people import PASSWORD, Person, link_in, mails
from tests.web.dashboard.desk import Desk
from tests.web.stage import tab

BEN = {"sub": "ben", "email": "ben@northwind.example", "email_verified": True, "name": "Ben"}
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


async def test_the_sign_in_page_offers_the_ways_that_there_are(
    browser: Browser, backends: Backends, installed: Tenant, settings: Settings, settle: Settle
) -> None:
    async with providing(claims=BEN) as provider:
        oidc = OidcClient(issuer=provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
        app = create_app(backends, entrance=Entrance(sign_up="open", oidc=oidc))
        async with listening(app) as served, tab(browser, f"{served}/sign-in") as visit:
            page = visit.page
            await page.get_by_role("link", name="Make an account").click()
            await page.get_by_label("Your name").fill("Ben")
            await page.get_by_label("Organisation").fill("Northwind")
            await page.get_by_label("E-mail").fill("ben@northwind.example")
            await page.get_by_label("Password", exact=True).fill(PASSWORD)
            await page.get_by_role("button", name="Make account").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
            await settle()
            path, token = link_in(mails(settings, "ben@northwind.example")[-1])
            await page.goto(f"{served}/{path}?token={token}")
            await page.get_by_role("button", name="Make my account").click()
            await page.get_by_role("heading", name="Hello, Ben").wait_for()

            await visit.context.clear_cookies()
            await page.goto(f"{served}/sign-in")
            wanted = "/account/profile?from=%22a%20link%22"
            await page.goto(served + wanted)
            async with page.expect_request(re.compile(re.escape(f"{provider.issuer}/authorize?"))) as asked:
                await page.get_by_role("link", name="Sign in with OpenID").click()
            back = provider.authorize((await asked.value).url)
            came = await visit.context.request.get(f"{served}/v1/auth/oidc/callback?{urlencode(back)}", max_redirects=0)
            assert came.headers["location"] == DEFAULT_PUBLIC_URL + wanted
            await page.goto(served + wanted)
            await page.get_by_role("heading", name="Profile", level=1).wait_for()


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
