"""Settings, the organisation and the account, as people use them: what is made here works, and what is ended here does not."""  # noqa: E501

import re

import httpx
import pyotp
from playwright.async_api import Browser, FilePayload, expect

from aivastark.settings import Settings
from tests.conftest import Settle
from tests.loopback import page, serving
from tests.make import Client
from tests.moving.archives import an_empty_project
from tests.people import PASSWORD, Person, link_in, mails
from tests.web.dashboard.desk import Desk, desk
from tests.web.stage import tab
from tests.webhooks.hooks import in_turn

GZIP = b"\x1f\x8b"


async def test_a_key_is_created_used_rotated_and_revoked(desktop: Desk, served: str) -> None:
    at = desktop.page
    await desktop.go("settings/keys", title="API keys")
    await at.get_by_role("button", name="Create a key").click()
    made = at.get_by_role("dialog", name="Create a key")
    await made.get_by_label("Name").fill("web shop")
    await made.get_by_label("It may do").select_option("some")
    await made.get_by_role("button", name="Create key").click()
    first = await _secret(desktop, "Key “web shop”", "key")
    row = at.get_by_role("row", name="web shop")
    await expect(row).to_contain_text("Ask questions and search")
    await expect(row).to_contain_text("Never")
    assert await _ask(desktop, served, first) == 200

    await row.get_by_role("button").click()
    await at.get_by_role("menuitem", name="Rotate").click()
    await at.get_by_role("dialog", name="Rotate “web shop”").get_by_role("button", name="Rotate key").click()
    second = await _secret(desktop, "Key “web shop”", "key")
    assert [await _ask(desktop, served, key) for key in (first, second)] == [200, 200]  # for a day, both

    newest = at.get_by_role("row", name="web shop").first
    await newest.get_by_role("button").click()
    await at.get_by_role("menuitem", name="Revoke").click()
    await at.get_by_role("dialog", name="Revoke “web shop”?").get_by_role("button", name="Revoke key").click()
    await expect(newest).to_contain_text("Revoked")
    assert [await _ask(desktop, served, key) for key in (first, second)] == [200, 401]
    desktop.assert_clean()


async def test_a_webhook_is_created_tested_redelivered_and_switched_off(desktop: Desk, settle: Settle) -> None:
    at = desktop.page
    receiver = in_turn(page(503, b"down for repairs"), page(200, b"thank you"))
    async with serving({"/hook": receiver}) as site:
        await desktop.go("settings/webhooks", title="Webhooks")
        await at.get_by_role("link", name="Add a webhook").click()
        await at.get_by_label("Address").fill("ftp://nowhere.example")
        await at.get_by_role("button", name="Add webhook").click()
        await expect(at.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
        await at.get_by_label("Address").fill(site.url("/hook"))
        await at.get_by_role("button", name="Add webhook").click()
        secret = await _secret(desktop, "The secret of this webhook", "secret")

        await desktop.heading("Webhook").wait_for()
        await at.get_by_role("button", name="Send a test").click()
        await at.get_by_role("menuitem", name="lead.captured").click()
        await desktop.heading("Delivery").wait_for()
        await expect(at.get_by_label("answer to try 1", exact=True)).to_contain_text("down for repairs")
        await expect(at.get_by_label("body", exact=True)).to_contain_text('"type": "lead.captured"')

        await at.get_by_role("button", name="Redeliver").click()
        await expect(at.get_by_text("It is sent once more.").first).to_be_visible()
        await settle()
        await at.get_by_role("button", name="Look again").click()
        await expect(at.get_by_label("answer to try 2", exact=True)).to_contain_text("thank you")
        assert len(site.requests) == 2
        assert site.requests[0].body == site.requests[1].body

        await at.get_by_role("link", name="Webhook", exact=True).click()
        await expect(at.get_by_role("row", name="lead.captured (test)")).to_contain_text("Delivered")
        await _choose(desktop, "Change the secret")
        await at.get_by_role("dialog").get_by_role("button", name="Change secret").click()
        assert await _secret(desktop, "The secret of this webhook", "secret") != secret
        await expect(at.get_by_text("Signs too")).to_be_visible()
        await _choose(desktop, "Switch off")
        await expect(at.get_by_text("Switched off by hand.")).to_be_visible()
    desktop.assert_clean()


async def test_settings_of_answers_hold(desktop: Desk, api: Client) -> None:
    at = desktop.page
    await desktop.go("settings/answers", title="Answers")
    words = at.get_by_role("form", name="When it does not know")
    await words.get_by_label("Words").fill("Ask Anna.")
    await words.get_by_role("button", name="Save").click()
    await expect(at.get_by_text("Saved.").first).to_be_visible()
    assert (await api.ask("What is the meaning of life?"))["answer"] == "Ask Anna."
    voice = at.get_by_role("form", name="How it speaks")
    await voice.get_by_label("Ask back when a question could mean several things").uncheck()
    await voice.get_by_role("button", name="Save").click()
    await expect(voice.get_by_role("button", name="Save")).not_to_have_attribute("aria-disabled", "true")
    sure = at.get_by_role("form", name="How sure it must be")
    await sure.get_by_label("Use the measured default").uncheck()
    await sure.get_by_role("slider").press("End")
    await sure.get_by_role("button", name="Save").click()
    checks = at.get_by_role("form", name="Checks")
    await checks.get_by_label("Forbidden topics").fill("x")
    await checks.get_by_role("button", name="Save").click()
    await expect(checks.get_by_label("Forbidden topics")).to_have_attribute("aria-invalid", "true")
    await checks.get_by_label("Forbidden topics").fill("medical advice\npolitics")
    await checks.get_by_role("button", name="Save").click()
    await expect(checks.get_by_label("Forbidden topics")).not_to_have_attribute("aria-invalid", "true")

    await at.get_by_role("link", name="Models").click()
    await at.get_by_role("button", name="Test the connection").click()
    await expect(at.get_by_text("The operator sets one with AIVASTARK_LLM_URL")).to_be_visible()
    await at.get_by_role("link", name="Pinned answers").click()
    await at.get_by_role("link", name="Pin an answer").click()
    await at.get_by_label("Questions").fill("Do you ship to Norway?\nIs Norway in your delivery area?")
    await at.get_by_label("Answer", exact=True).fill("Yes, for 14 euros.")
    await at.get_by_role("button", name="Pin answer").click()
    await expect(at.get_by_role("row", name="Do you ship to Norway?")).to_contain_text("Never")
    assert (await api.ask("Do you ship to Norway?"))["answer"] == "Yes, for 14 euros."
    await at.get_by_role("link", name="Do you ship to Norway?").click()
    await expect(at.get_by_role("row", name="Do you ship to Norway?")).to_contain_text("The same")

    project = (await api.http.get(f"/v1/projects/{api.tenant.project_id}")).json()
    assert project["thresholds"] == {"answer": 1.0}
    assert project["answers"]["clarify"] is False
    assert project["answers"]["forbidden_topics"] == ["medical advice", "politics"]
    desktop.assert_clean()


async def test_an_invited_viewer_sees_all_and_changes_nothing(
    desktop: Desk, browser: Browser, served: str, settings: Settings, settle: Settle
) -> None:
    at = desktop.page
    await desktop.go("/organization/team", title="Team")
    await at.get_by_role("button", name="Invite a person").click()
    asked = at.get_by_role("dialog", name="Invite a person")
    await asked.get_by_label("E-mail").fill("ben@acme.example")
    await asked.get_by_label("Role").select_option("viewer")
    await asked.get_by_role("button", name="Invite").click()
    await expect(at.get_by_role("row", name="ben@acme.example")).to_contain_text("Viewer")
    await settle()
    path, token = link_in(mails(settings, "ben@acme.example")[-1])

    async with tab(browser, f"{served}/{path}?token={token}") as visit:
        ben = desk(visit, served, desktop.project_id)
        await ben.page.get_by_label("Your name").fill("Ben")
        await ben.page.get_by_label("Password").fill(PASSWORD)
        await ben.page.get_by_role("button", name="Join").click()
        await ben.heading("Overview").wait_for()
        areas = ("General", "Answers", "Pinned answers", "Hand-off", "Privacy", "Models", "Budget", "Webhooks")
        await ben.page.get_by_role("link", name="Settings").click()
        for title in areas:
            await (
                ben.page.get_by_role("navigation", name="Settings").get_by_role("link", name=title, exact=True).click()
            )
            await ben.heading(title).wait_for()
            await _assert_nothing_to_change(ben)
        await ben.page.get_by_role("link", name="Organisation").click()
        await ben.page.get_by_role("row", name="Ben").wait_for()
        await _assert_nothing_to_change(ben)
        for hidden in ("Audit log", "API keys"):
            await expect(ben.page.get_by_role("link", name=hidden)).to_have_count(0)
        ben.assert_clean()

    await desktop.go("/organization/audit-log?action=member.joined", title="Audit log")
    await expect(at.get_by_role("row", name="Member joined")).to_contain_text("Ben")


async def test_a_second_factor_is_set_up_and_a_project_is_copied_exported_deleted_and_imported(
    desktop: Desk, owner: Person
) -> None:
    at = desktop.page
    await desktop.go("/account/security", title="Security")
    second = at.get_by_role("form", name="Two-step sign-in")
    await second.get_by_label("Your password").fill(PASSWORD)
    await second.get_by_role("button", name="Set it up").click()
    await expect(second.get_by_role("img", name="Code to scan")).to_be_visible()
    key = (await second.get_by_label("key for the app", exact=True).inner_text()).replace(" ", "")
    await second.get_by_label("Code", exact=True).fill(pyotp.TOTP(key).now())
    await second.get_by_role("button", name="Switch it on").click()
    codes = await _secret(desktop, "Recovery codes", "recovery codes")
    assert len(codes.split()) >= 8
    await expect(at.get_by_role("form", name="Two-step sign-in is on")).to_be_visible()

    await desktop.go("/organization/clients", title="Clients")
    await at.get_by_role("button", name="What to do with My project").click()
    await at.get_by_role("menuitem", name="New project with these settings").click()
    await at.get_by_label("Name").fill("Northwind")
    await at.get_by_role("button", name="Create project").click()
    await desktop.heading("Overview").wait_for()
    await at.get_by_role("link", name="Settings").click()
    async with at.expect_download() as begun:
        await at.get_by_role("button", name="Download archive").click()
    assert (await (await begun.value).path()).read_bytes()[:2] == GZIP
    await at.get_by_role("button", name="Delete project").click()
    sure = at.get_by_role("dialog", name="Delete “Northwind”?")
    await sure.get_by_label("Type “Northwind”").fill("Southwind")
    await sure.get_by_role("button", name="Delete project").click()
    await expect(sure.get_by_text("That is not the name.")).to_be_visible()
    await sure.get_by_label("Type “Northwind”").fill("Northwind")
    await sure.get_by_role("button", name="Delete project").click()
    await desktop.heading("Clients").wait_for()
    await expect(at.get_by_role("row", name="Northwind")).to_have_count(0)
    await at.get_by_role("button", name="Import").click()
    brought = at.get_by_role("dialog", name="Import a project")
    await brought.get_by_role("button", name="Import project").click()
    await expect(brought.get_by_label("Archive")).to_have_attribute("aria-invalid", "true")
    await brought.get_by_label("Archive").set_input_files(
        FilePayload(name="moved.tar.gz", mimeType="application/gzip", buffer=an_empty_project())
    )
    await brought.get_by_role("button", name="Import project").click()
    await desktop.heading("Overview").wait_for()
    await expect(at.get_by_role("button", name="Moved")).to_be_visible()
    desktop.assert_clean()


async def test_another_organisation_is_made_and_deleted(desktop: Desk) -> None:
    at = desktop.page
    await desktop.go("/organization/general", title="General")
    await at.get_by_label("Name of the new organisation").fill("Northwind")
    await at.get_by_role("button", name="Create organisation").click()
    await expect(at.get_by_text("“Northwind” is made.").first).to_be_visible()
    await at.get_by_role("button", name="My organisation").click()
    await at.get_by_role("menuitemradio", name="Northwind").click()
    await desktop.heading("Hello, Anna").wait_for()
    await at.get_by_role("button", name="Go on").click()
    await desktop.heading("Overview").wait_for()
    await expect(at.get_by_role("button", name="Northwind")).to_be_visible()

    await at.get_by_role("link", name="Organisation").click()
    await at.get_by_role("link", name="General").click()
    await at.get_by_role("button", name="Delete organisation").click()
    sure = at.get_by_role("dialog", name="Delete “Northwind”?")
    await sure.get_by_label("Type “Northwind”").fill("Northwind")
    await sure.get_by_role("button", name="Delete organisation").click()
    await expect(at.get_by_role("button", name="My organisation")).to_be_visible()
    await desktop.heading("Overview").wait_for()
    desktop.assert_clean()


async def _secret(at: Desk, title: str, label: str) -> str:
    """What the dialog tells once; it is closed then."""
    dialog = at.page.get_by_role("dialog", name=title)
    told = await dialog.get_by_role("region", name=label, exact=True).inner_text()
    await dialog.get_by_role("button", name="I have stored it").click()
    return told.strip()


async def _ask(at: Desk, served: str, key: str) -> int:
    """A real request of a program with that key."""
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http:
        answer = await http.post(f"{served}/v1/projects/{at.project_id}/query", json={"message": "When do you open?"})
    return answer.status_code


async def _choose(at: Desk, item: str) -> None:
    await at.page.get_by_role("button", name="What to do with this webhook").click()
    await at.page.get_by_role("menuitem", name=item).click()


CHANGES = re.compile("Save|Delete|Pin|Add|Create|Invite|Remove|What to do", re.IGNORECASE)


async def _assert_nothing_to_change(at: Desk) -> None:
    main = at.page.locator("main")
    await expect(main.get_by_role("button", name=CHANGES, disabled=False)).to_have_count(0)
    await expect(main.locator(":is(input, textarea, select):not(:disabled)")).to_have_count(0)
