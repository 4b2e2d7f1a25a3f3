"""Asking in the playground: an answer as it comes, its proof, and why it is what it is."""

from playwright.async_api import expect

from tests.conftest import Settle
from tests.make import Client
from tests.web.dashboard.desk import Desk

HOURS = "The shop opens at nine. It closes at five on Fridays."


async def test_an_answer_is_traced_to_its_quote_and_asked_again_without_its_source(
    desktop: Desk, api: Client, settle: Settle
) -> None:
    await api.add(text=HOURS, title="Hours", tags=["shop"])
    await api.add(text="A parcel is shipped within two days.", title="Shipping", tags=["orders"])
    await settle()
    page = desktop.page
    await desktop.go("playground?question=When+does+the+shop+open%3F", title="Playground")
    await page.get_by_role("button", name="Ask", exact=True).click()
    answer = page.get_by_role("article").first
    quotes = answer.get_by_role("list", name="Sources of the answer")
    await expect(quotes).to_contain_text("The shop opens at nine.")
    await expect(answer.locator("mark").first).to_contain_text("The shop opens at nine.")
    await expect(answer.get_by_role("region", name="Confidence")).to_contain_text("calibrated default")
    await answer.get_by_role("button", name="Why this answer?").click()
    passage = answer.get_by_role("row", name="Hours")
    await expect(passage).to_contain_text("Quoted")
    await expect(passage.get_by_role("cell").nth(0)).to_have_text("1")

    await answer.get_by_role("button", name="Ask again").click()
    await page.get_by_role("menuitem", name="Without Hours").click()
    await expect(page.get_by_role("article")).to_have_count(2)
    await expect(answer).to_contain_text("Without Hours")
    await expect(answer.get_by_role("region", name="Confidence")).to_contain_text("Not answered")
    await expect(answer.get_by_role("list", name="Reasons")).to_contain_text("weak_match")

    await page.get_by_label("Answer from").select_option("tags")
    await page.get_by_label("orders").check()
    assert "from=tags&name=orders" in page.url
    await page.get_by_label("Question").fill("When is a parcel shipped?")
    await page.get_by_label("Question").press("Enter")
    await expect(quotes).to_contain_text("A parcel is shipped within two days.")
    await quotes.get_by_role("link", name="Shipping").click()
    await desktop.heading("Shipping").wait_for()
    await expect(page.locator("mark")).to_have_text("A parcel is shipped within two days.")
    await page.get_by_role("tab", name="1 passage").click()
    await expect(page.get_by_role("list", name="Passages")).to_contain_text("A parcel is shipped")
    desktop.assert_clean()
