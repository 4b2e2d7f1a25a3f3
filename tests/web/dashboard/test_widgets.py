"""A widget is designed before the real one, saved, put on a page, gone back on and deleted."""

from playwright.async_api import Browser, expect

from tests.make import Client, read
from tests.web.dashboard.desk import Desk
from tests.web.stage import host_page, visiting


async def test_a_widget_is_designed_and_seen_on_a_page(
    desktop: Desk, browser: Browser, served: str, shop: Client
) -> None:
    page, preview = desktop.page, desktop.page.get_by_role("complementary", name="Preview")
    await desktop.go("widgets", title="Widgets")
    await page.get_by_role("link", name="New widget").click()
    await page.get_by_label("Name").fill("Shop")
    await page.get_by_role("button", name="Create widget").click()
    await desktop.heading("Shop").wait_for()
    widget_id = page.url.rpartition("/")[2]

    await page.get_by_label("Title of the window").fill("Ask the shop")
    await expect(preview.get_by_text("Ask the shop")).to_be_visible()
    await page.get_by_label("Main colour", exact=True).fill("#a1b")
    await page.get_by_role("link", name="Words").click()
    await page.get_by_label("Greeting").fill("Welcome to the shop.")
    await page.get_by_label("Questions to start with").fill("When does the shop open?\n")
    await preview.get_by_role("button", name="When does the shop open?").click()
    await expect(preview.get_by_text("The shop opens at nine.").first).to_be_visible()

    await page.get_by_role("link", name="Hand-off").click()
    await page.get_by_label("People are there at certain hours only").check()
    await page.get_by_role("button", name="Remove these hours of Friday").click()
    await page.get_by_role("link", name="Security and limits").click()
    await page.get_by_label("Allowed domains").fill("not a domain")
    await page.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_label("Allowed domains")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Allowed domains").fill("")
    await page.get_by_role("link", name="Knowledge").click()
    await page.get_by_role("button", name="Stay here").click()
    await page.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_role("button", name="Save changes")).to_have_count(0)
    saved = read(await shop.get(f"widgets/{widget_id}"))
    assert (saved["branding"]["title"], saved["branding"]["colors"]["primary"]) == ("Ask the shop", "#a1b")
    assert saved["content"]["starters"] == ["When does the shop open?"]
    assert saved["handoff"]["business_hours"]["weekly"]["fri"] == []

    await page.get_by_role("link", name="Install", exact=True).click()
    line = await page.get_by_role("region", name="code for HTML").inner_text()
    assert line == f'<script src="{served}/widget.js" data-key="{saved["embed_key"]}" defer></script>'
    async with visiting(browser, host_page(served, saved["embed_key"], script=line)) as visit:
        await visit.opened()
        await expect(visit.widget.get_by_text("Welcome to the shop.")).to_be_visible()

    await page.get_by_role("link", name="History").click()
    await page.get_by_role("row", name="Version 1").get_by_role("button", name="Go back to this").click()
    await expect(page.get_by_role("row", name="Version 3")).to_contain_text("Back to version 1")
    await page.get_by_role("button", name="Delete widget").click()
    await page.get_by_label("Type “Shop” to go on").fill("Shop")
    await page.get_by_role("dialog").get_by_role("button", name="Delete widget").click()
    await desktop.heading("Widgets").wait_for()
    await expect(page.get_by_role("row", name="Shop")).to_have_count(0)
    desktop.assert_clean()
