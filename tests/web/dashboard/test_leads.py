"""Leads, as somebody looks after them: found, read with what was agreed to, changed, taken along and deleted."""

from playwright.async_api import expect

from tests.make import Client, read
from tests.web.dashboard.desk import Desk

AGREED = {"given": True, "text": "You may write to me about my order.", "source": "contact form"}


async def test_a_lead_is_found_exported_read_changed_and_deleted(desktop: Desk, api: Client) -> None:
    asked = await api.ask("Do you ship to Norway?", session_id="visit")
    first = await _lead(api, name="Mia Berg", email="mia@shop.example", fields={"company": "Berg Ltd", "seats": 4})
    await _lead(
        api, name="Mia again", email="Mia@shop.example", conversation_id=asked["conversation_id"], consent=AGREED
    )
    await _lead(api, phone="+47 22 00 00 00", stage="won")

    await _found_and_exported(desktop)
    await _read(desktop, asked["conversation_id"])
    await _changed(desktop, api, first)
    await _deleted(desktop, api, first)
    desktop.assert_clean()


async def _found_and_exported(desktop: Desk) -> None:
    page = desktop.page
    await desktop.go("overview", title="Overview")
    await page.get_by_role("link", name="Leads").click()
    rows = page.get_by_role("table", name="Leads").get_by_role("rowheader")
    await expect(rows).to_have_text(["+47 22 00 00 00", "Mia again", "Mia Berg"])
    await page.get_by_label("Stage").select_option("won")
    await expect(rows).to_have_text(["+47 22 00 00 00"])
    await page.get_by_role("button", name="Clear").click()
    await page.get_by_label("Search").fill("mia")
    await page.get_by_role("button", name="Search").click()
    await expect(rows).to_have_text(["Mia again", "Mia Berg"])
    async with page.expect_download() as begun:
        await page.get_by_role("button", name="Export").click()
        await page.get_by_role("menuitem", name="CSV").click()
    content = (await (await begun.value).path()).read_text()
    assert "Mia Berg" in content
    assert "+47" not in content


async def _read(desktop: Desk, conversation_id: str) -> None:
    page = desktop.page
    await page.get_by_role("link", name="Mia again").click()
    await expect(page.get_by_text("You may write to me about my order.")).to_be_visible()
    conversation = page.get_by_role("link", name="Read the conversation")
    await expect(conversation).to_have_attribute("href", f"/projects/{desktop.project_id}/inbox/{conversation_id}")
    await page.get_by_role("button", name="Record consent").click()
    await page.get_by_label("Consent is given").uncheck()
    await page.get_by_role("button", name="Record", exact=True).click()
    await expect(page.get_by_text("Not given")).to_be_visible()
    await page.get_by_role("link", name="The first lead").click()


async def _changed(desktop: Desk, api: Client, lead_id: str) -> None:
    page = desktop.page
    await desktop.heading("Mia Berg").wait_for()
    await expect(page.get_by_role("link", name="Mia again")).to_be_visible()
    await page.get_by_label("Stage").select_option("contacted")
    await expect(page.get_by_text("Stage changed.").first).to_be_visible()
    await page.get_by_label("E-mail").fill("nobody")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("E-mail").fill("mia@berg.example")
    await page.get_by_label("Value of company").fill("Berg and Daughters")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.").first).to_be_visible()
    now = read(await api.get(f"leads/{lead_id}"))
    assert (now["stage"], now["email"], now["fields"]) == (
        "contacted",
        "mia@berg.example",
        {"company": "Berg and Daughters", "seats": 4},
    )


async def _deleted(desktop: Desk, api: Client, lead_id: str) -> None:
    page = desktop.page
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Undo").click()
    await page.get_by_role("button", name="Delete Mia Berg").click()
    await expect(page.get_by_role("link", name="Mia Berg")).to_have_count(0)
    await page.get_by_role("link", name="Add a lead").click()
    await page.get_by_role("button", name="Add lead").click()
    await expect(page.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("E-mail").fill("ola@fair.example")
    await page.get_by_role("button", name="Add lead").click()
    await desktop.heading("ola@fair.example").wait_for()
    assert (await api.get(f"leads/{lead_id}")).status_code == 404


async def _lead(api: Client, **fields: object) -> str:
    added = await api.post("leads", fields)
    assert added.status_code == 201, added.text
    return str(added.json()["id"])
