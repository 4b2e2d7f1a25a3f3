"""A lead is found, moved on and erased."""

from playwright.async_api import expect

from tests.make import Client, read
from tests.web.dashboard.desk import Desk


async def test_a_lead_is_found_moved_on_and_deleted(desktop: Desk, api: Client) -> None:
    consent = {"given": True, "text": "You may write to me."}
    made = read(await api.post("leads", {"name": "Ada", "email": "ada@example.com", "consent": consent}))
    await api.post("leads", {"name": "<b>Ben</b>", "email": "ben@example.com"})
    at = desktop.page
    await desktop.go("leads", title="Leads")
    await expect(at.get_by_role("row", name="<b>Ben</b>")).to_be_visible()
    await at.get_by_label("Search").fill("ada")
    await at.get_by_label("Search").press("Enter")
    await expect(at.get_by_role("row", name="<b>Ben</b>")).to_have_count(0)
    await at.get_by_role("link", name="Ada").click()
    await desktop.heading("Ada").wait_for()
    await expect(at.get_by_text("You may write to me.")).to_be_visible()
    async with at.expect_response(lambda answer: answer.request.method == "PATCH"):
        await at.get_by_label("Stage").select_option("contacted")
    assert read(await api.get(f"leads/{made['id']}"))["stage"] == "contacted"
    await at.get_by_role("button", name="Delete lead").click()
    await at.get_by_role("dialog").get_by_role("button", name="Delete lead").click()
    await desktop.heading("Leads").wait_for()
    [left] = read(await api.get("leads"))["data"]
    assert left["name"] == "<b>Ben</b>"
    desktop.assert_clean()
