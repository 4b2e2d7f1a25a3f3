"""With a second factor and without a password: the ways in that a stolen password, or none, does not open."""

import time

import pyotp
from playwright.async_api import Browser, Locator, expect

from aivastark.accounts.second_factor import STEP_S
from aivastark.settings import Settings
from tests.conftest import Settle
from tests.people import PASSWORD, Person, link_in, mails
from tests.web.dashboard.desk import Desk, desk
from tests.web.stage import tab

NEW_PASSWORD = "a staple of fresh batteries"


async def test_a_code_of_the_app_or_a_recovery_code_is_asked_for_after_the_password(
    desktop: Desk, owner: Person
) -> None:
    at = desktop.page
    app_on_phone, codes = await _set_up(desktop)

    await _sign_out(desktop)
    await _sign_in(desktop, owner, PASSWORD)
    code = at.get_by_label("Code", exact=True)
    await expect(code).to_be_focused()
    await expect(at.get_by_role("alert")).to_have_count(0)  # it is a question so far, no mistake
    await _enter(desktop, code, "000000")
    await expect(at.get_by_text("That code is not right, or has been used.")).to_be_visible()
    await _enter(desktop, code, app_on_phone.now())
    await desktop.heading("Overview").wait_for()

    for recovery, is_taken in ((codes[0], True), (codes[0], False)):
        await desktop.visit.context.clear_cookies()
        await desktop.go("/sign-in", title="Sign in")
        await _sign_in(desktop, owner, PASSWORD)
        await _enter(desktop, code, recovery)
        told = desktop.heading("Overview") if is_taken else at.get_by_text("That code is not right, or has been used.")
        await told.wait_for()
    desktop.assert_clean()


async def test_a_forgotten_password_is_replaced_by_mail_and_every_session_ends(
    desktop: Desk, browser: Browser, served: str, owner: Person, settings: Settings, settle: Settle
) -> None:
    await desktop.go("knowledge", title="Knowledge")
    async with tab(browser, f"{served}/sign-in") as visit:
        phone = desk(visit, served, desktop.project_id)
        await phone.page.get_by_role("link", name="Forgot your password?").click()
        await phone.heading("Choose a new password").wait_for()  # both pages have a field of that name
        await phone.page.get_by_label("E-mail").fill(owner.email)
        await phone.page.get_by_role("button", name="Send the link").click()
        await phone.heading("Look into your mailbox").wait_for()
        await settle()
        path, token = link_in(mails(settings, owner.email)[-1])

        await phone.go(f"/{path}?token={token}", title="Choose a new password")
        assert "token" not in phone.page.url
        new = phone.page.get_by_label("New password")
        await new.fill("short")
        await phone.page.get_by_role("button", name="Change it").click()
        await expect(new).to_have_attribute("aria-invalid", "true")
        await new.fill(NEW_PASSWORD)
        await phone.page.get_by_role("button", name="Change it").click()
        await phone.heading("Your password is changed").wait_for()
        await phone.page.get_by_role("link", name="Sign in").click()
        await _sign_in(phone, owner, PASSWORD)
        await expect(phone.page.get_by_role("alert")).to_be_visible()
        await _sign_in(phone, owner, NEW_PASSWORD)
        await phone.heading("Overview").wait_for()

        await phone.go(f"/{path}?token={token}", title="Choose a new password")
        await new.fill("another one for whoever reads the mail")
        await phone.page.get_by_role("button", name="Change it").click()
        await expect(phone.page.get_by_role("alert")).to_contain_text("used")
        phone.assert_clean()

    await desktop.go("knowledge", title="Sign in")


async def _set_up(at: Desk) -> tuple[pyotp.TOTP, list[str]]:
    """As an app reads it from the picture; gives the recovery codes too."""
    await at.go("/account/security", title="Security")
    second = at.page.get_by_role("form", name="Two-step sign-in")
    await second.get_by_label("Your password").fill(PASSWORD)
    await second.get_by_role("button", name="Set it up").click()
    address = await second.get_by_role("link", name="open it there").get_attribute("href")
    app_on_phone = pyotp.parse_uri(address or "")
    assert isinstance(app_on_phone, pyotp.TOTP)
    early = app_on_phone.at(time.time() - STEP_S)  # the step before: this one's stays good for signing in
    await second.get_by_label("Code", exact=True).fill(f"{early[:3]} {early[3:]}")
    await second.get_by_role("button", name="Switch it on").click()
    dialog = at.page.get_by_role("dialog", name="Recovery codes")
    codes = (await dialog.get_by_role("region", name="recovery codes", exact=True).inner_text()).split()
    await dialog.get_by_role("button", name="I have stored it").click()
    return app_on_phone, codes


async def _sign_out(at: Desk) -> None:
    await at.page.get_by_role("button", name="Account of Anna").click()
    await at.page.get_by_role("menuitem", name="Sign out").click()
    await at.heading("Sign in").wait_for()


async def _sign_in(at: Desk, person: Person, password: str) -> None:
    await at.page.get_by_label("E-mail").fill(person.email)
    await at.page.get_by_label("Password", exact=True).fill(password)
    await at.page.get_by_role("button", name="Sign in", exact=True).click()


async def _enter(at: Desk, code: Locator, typed: str) -> None:
    await code.fill(typed)
    await at.page.get_by_role("button", name="Sign in", exact=True).click()
