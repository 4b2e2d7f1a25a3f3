"""What a visitor does, in a real browser before the whole app."""

from playwright.async_api import Browser, expect

from tests.make import Client
from tests.web.stage import host_page, make_widget, visiting


async def test_a_question_is_answered_with_a_citation_that_opens(browser: Browser, address: str, shop: Client) -> None:
    widget = await make_widget(shop)

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text("The shop opens at nine.")
        await visit.answer().get_by_role("button", name="Source 1").click()

        await expect(visit.answer().locator(".card")).to_contain_text("The shop opens at nine.")
        assert visit.console == []
