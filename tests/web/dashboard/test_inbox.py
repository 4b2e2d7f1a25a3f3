"""A visitor asks for a person, who answers from the inbox; the bot goes on, and it is closed: live on both sides."""

from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from tests.make import Client
from tests.web.dashboard.desk import Desk
from tests.web.stage import Visit, host_page, make_widget, visiting

RECEIPT = FilePayload(name="receipt.txt", mimeType="text/plain", buffer=b"Paid on Friday.")


async def test_a_visitor_and_a_person_talk_live_and_the_bot_takes_over_again(
    desktop: Desk, browser: Browser, served: str, shop: Client
) -> None:
    page, widget = desktop.page, await make_widget(shop, attachments={"enabled": True})
    rows = page.get_by_role("list", name="List of conversations").get_by_role("listitem")
    thread = page.get_by_role("region", name="Conversation", exact=True)
    await desktop.go("inbox", title="Inbox")
    await page.get_by_text("Nobody is waiting").wait_for()

    async with visiting(browser, host_page(served, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text("nine")
        await visit.ask("Can I talk to a human?")
        await expect(rows).to_contain_text("When does the shop open?")
        await expect(page).to_have_title("(1) Inbox · Aivastark")
        await page.keyboard.press("j")
        await expect(thread.get_by_text("The visitor asked for a person")).to_be_visible()
        await thread.get_by_text("1 source").click()
        await expect(thread.get_by_role("blockquote")).to_contain_text("The shop opens at nine.")

        await thread.get_by_role("button", name="This answer is right").first.click()
        await expect(thread.get_by_text("Graded right")).to_be_visible()
        await page.keyboard.press("a")
        await expect(thread.get_by_text("Assigned: You")).to_be_visible()
        await expect(page).to_have_title("Inbox · Aivastark")
        await expect(visit.widget.locator(".notice")).to_have_text("A person is in this conversation.")
        await _talk(page, thread, visit)
        await _send_and_save(page, thread, visit)
        await _look_at_mine(page, rows, shop)
        await page.get_by_label("Reply").fill("Half a thought")

        await thread.get_by_role("button", name="Hand back").click()
        await expect(thread.get_by_text("With the bot")).to_be_visible()
        await visit.ask("How long does shipping of a parcel take?")
        await expect(visit.answer()).to_contain_text("two days")
        await expect(thread.get_by_role("log")).to_contain_text("two days")

        await page.get_by_role("link", name="All", exact=True).click()
        await expect(rows).to_contain_text("Draft")
        await page.reload()
        await expect(page.get_by_label("Reply")).to_have_value("Half a thought")
        await expect(thread.get_by_text("With the bot")).to_be_visible()
        await page.get_by_role("log").focus()
        await page.keyboard.press("a")
        await expect(visit.widget.locator(".notice")).to_have_text("A person is in this conversation.")
        await page.keyboard.press("e")
        await expect(thread.get_by_text("Closed", exact=True)).to_be_visible()
        await expect(visit.widget.locator(".notice")).to_have_text("")
        await visit.ask("Is the shop open on Fridays?")
        await expect(thread.get_by_text("With the bot")).to_be_visible()

        await _tag_and_delete(page, rows, thread)
    desktop.assert_clean()


async def _talk(page: Page, thread: Locator, visit: Visit) -> None:
    await page.keyboard.press("r")
    await page.keyboard.type("Hello, jeez: <b>nine</b>")
    await expect(visit.widget.get_by_text("is writing")).to_be_visible()
    await page.route("**/messages", lambda route: route.abort())
    await page.keyboard.press("Control+Enter")
    await expect(thread.get_by_role("alert")).to_contain_text("Not sent.")
    await page.unroute("**/messages")
    await thread.get_by_role("button", name="Send again").click()
    await expect(visit.widget.locator(".turn.agent")).to_contain_text("Hello, jeez: <b>nine</b>")
    await visit.widget.get_by_role("textbox").press_sequentially("And")
    await expect(thread.get_by_text("The visitor is writing…")).to_be_visible()
    await visit.ask("And on <i>Fridays</i>?")
    await expect(thread.get_by_role("log")).to_contain_text("And on <i>Fridays</i>?")


async def _look_at_mine(page: Page, rows: Locator, shop: Client) -> None:
    """What a colleague has is asked for by nobody who looks at their own."""
    other = await shop.ask("Is shipping free?", session_id="a colleague's")
    await shop.patch(f"conversations/{other['conversation_id']}", {"status": "human", "assignee": "usr_colleague"})
    async with page.expect_response(lambda answer: "assignee=usr_" in answer.url) as asked:
        await page.get_by_role("link", name="Mine", exact=True).click()
    assert [row["subject"] for row in (await (await asked.value).json())["data"]] == ["When does the shop open?"]
    await expect(rows).to_have_count(1)
    await shop.delete(f"conversations/{other['conversation_id']}")


async def _send_and_save(page: Page, thread: Locator, visit: Visit) -> None:
    """A file of the visitor, on the disk of who answers."""
    await visit.widget.get_by_role("button", name="Attach a file").wait_for()
    await visit.widget.locator("input[type=file]").set_input_files(RECEIPT)
    await visit.widget.get_by_role("button", name="Send").click()
    async with page.expect_download() as begun:
        await thread.get_by_role("link", name="receipt.txt").click()
    assert (await (await begun.value).path()).read_bytes() == RECEIPT["buffer"]


async def _tag_and_delete(page: Page, rows: Locator, thread: Locator) -> None:
    await thread.get_by_label("Add a tag").fill("vip")
    await page.keyboard.press("Enter")
    await expect(rows).to_contain_text("vip")
    await thread.get_by_role("button", name="More about this conversation").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("button", name="Delete conversation").click()
    await expect(page.get_by_text("No conversations yet")).to_be_visible()
