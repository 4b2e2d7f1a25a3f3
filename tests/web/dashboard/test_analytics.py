"""What was asked, in numbers; and a gap that becomes an answer."""

from playwright.async_api import expect

from tests.conftest import Settle
from tests.make import Client, read
from tests.web.dashboard.desk import Desk

ANSWERED = 24
LACKING = ("Do you sell gift cards?", "do you sell  gift cards?", "Who painted the ceiling?")


async def test_a_gap_is_found_answered_and_published(desktop: Desk, shop: Client, settle: Settle) -> None:
    for number in range(ANSWERED):
        await shop.ask("When does the shop open?", session_id=f"s{number}")
    for number, question in enumerate(LACKING):
        await shop.ask(question, session_id=f"r{number}")
    page = desktop.page

    await desktop.go("analytics", title="Analytics")
    await expect(page.get_by_text(f"{ANSWERED} answered, {len(LACKING)} refused")).to_be_visible()
    await page.get_by_text("Questions per day as a table").click()
    table = page.get_by_role("region", name="Questions per day, table")
    await expect(table.get_by_role("row").last).to_contain_text(str(ANSWERED + len(LACKING)))
    await expect(page.get_by_role("row", name="Hours")).to_contain_text(str(ANSWERED))
    await page.get_by_label("Period").select_option("Last 7 days")
    assert page.url.endswith("?days=7")

    await page.get_by_role("link", name="Confidence").click()
    await desktop.heading("Confidence").wait_for()
    await page.get_by_text("Reliability as a table").click()
    await page.get_by_role("button", name="Fit now").click()
    await expect(page.get_by_text("Too few answers were judged to adjust it: it takes 100.").first).to_be_visible()

    await page.get_by_role("link", name="Gaps").click()
    await expect(page.get_by_role("row", name="gift cards")).to_contain_text("2 times")
    await page.get_by_role("button", name="Dismiss “Who painted the ceiling?”").click()
    await expect(page.get_by_role("row", name="ceiling")).to_have_count(0)
    await page.get_by_role("link", name="Do you sell gift cards?").click()
    await desktop.heading("Do you sell gift cards?").wait_for()
    await page.get_by_role("button", name="Draft from replies").click()
    await expect(page.get_by_text("Nobody on your team has replied")).to_be_visible()
    await page.get_by_label("Answer", exact=True).fill("We sell gift cards from 10 euros on.")
    await page.get_by_role("button", name="Publish answer").click()
    await page.get_by_text("The bot is reading it now.").wait_for()
    await settle()

    assert (await shop.ask("Do you sell gift cards?", session_id="again"))["answered"] is True
    assert [gap["status"] for gap in read(await shop.get("analytics/gaps", status="answered"))["data"]] == ["answered"]
    desktop.assert_clean()
