"""Questions that are kept an eye on: added, asked, failed after a change, looked at, put right."""

from playwright.async_api import expect

from tests.conftest import Settle
from tests.make import Client, read
from tests.web.dashboard.desk import Desk


async def test_a_test_is_added_asked_and_told_when_the_answer_changes(
    desktop: Desk, shop: Client, settle: Settle
) -> None:
    page = desktop.page
    await desktop.go("answer-tests", title="Answer tests")
    await page.get_by_role("link", name="Add the first test").click()
    await page.get_by_role("button", name="Add test").click()
    await expect(page.get_by_label("Question")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Question").fill("When does the shop open?")
    await page.get_by_label("It must cite").fill("Hours")
    await page.get_by_label("It must say").fill("nine")
    await page.get_by_role("button", name="Add test").click()
    await expect(page.get_by_role("row", name="When does the shop open?")).to_contain_text("Not asked yet")

    await page.get_by_role("button", name="Run now").click()
    await page.get_by_text("The run begins in a moment").wait_for()
    await settle()
    await expect(page.get_by_text("Latest run: 1 passed, none failed.")).to_be_visible()
    await expect(page.get_by_role("row", name="When does the shop open?")).to_contain_text("Passed")

    await shop.add(text="The shop opens at ten. It closes at five on Fridays.", title="Hours", external_id="hours")
    await settle()
    await page.get_by_role("link", name="Runs").click()
    await page.get_by_role("row", name="The knowledge changed").first.get_by_role("link").click()
    await desktop.heading("Run of the answer tests").wait_for()
    await expect(page.get_by_text("It does not say “nine”.")).to_be_visible()
    await expect(page.get_by_role("deletion")).to_contain_text("nine.")
    await expect(page.get_by_role("insertion")).to_contain_text("ten.")

    await page.get_by_role("link", name="When does the shop open?").click()
    await page.get_by_label("It must say").fill("ten")
    await page.get_by_role("button", name="Save test").click()
    await page.get_by_text("Saved. Run the tests to ask it anew.").first.wait_for()
    await page.get_by_role("link", name="Answer tests").first.click()
    async with page.expect_response(lambda response: response.request.method == "PATCH") as patched:
        await page.get_by_label("Take the change back").check()
    assert (await patched.value).ok
    tests = read(await shop.get("answer-tests"))["data"]
    assert [test["must_say"] for test in tests] == [["ten"]]
    assert read(await shop.get(""))["answers"]["hold_failing_publish"] is True
    desktop.assert_clean()
