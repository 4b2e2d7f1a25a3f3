"""The inbox, looked at empty and full, with its dialogs."""

from tests.make import Client, read
from tests.web.dashboard.desk import Desk

NOTE = "They wrote twice already; please be quick.\nTheir address is jane@example.com."


async def through_inbox(at: Desk, look: str, api: Client) -> list[str]:
    await at.go("inbox", title="Inbox")
    await at.page.get_by_text("Nobody is waiting").wait_for()
    found = await at.look(f"{look}-inbox-empty")
    read(await api.patch("", {"privacy": {"mask": ["email"]}}))
    await api.ask("When does the shop open?", session_id="patient")
    await api.ask("Do you repair umbrellas, and where would I have to send one that broke?", session_id="patient")
    await api.ask("How long does a parcel take?", session_id="quick")
    waiting = (await api.get("conversations", q="umbrellas")).json()["data"][0]["id"]
    read(await api.post(f"conversations/{waiting}/escalate", {"reason": "requested_by_visitor", "note": NOTE}))
    read(await api.patch(f"conversations/{waiting}", {"tags": ["repair", "umbrellas"]}))
    row = at.page.get_by_role("list", name="List of conversations").get_by_role("link", name="When does the shop open?")
    await row.wait_for()
    found += await at.look(f"{look}-inbox-list")
    await row.click()
    await at.page.get_by_text("1 source").click()
    found += await at.look(f"{look}-inbox-conversation")
    await at.page.get_by_role("button", name="More about this conversation").click()
    found += await at.look(f"{look}-inbox-conversation-menu")
    await at.page.get_by_role("menuitem", name="Show masked values").click()
    await at.page.get_by_role("button", name="Show values").click()
    await at.page.get_by_role("definition").filter(has_text="jane@example.com").wait_for()
    found += await at.look(f"{look}-inbox-masked")
    await at.page.keyboard.press("Escape")
    await at.page.get_by_role("button", name="More about this conversation").click()
    await at.page.get_by_role("menuitem", name="Delete").click()
    await at.page.get_by_role("dialog").wait_for()
    found += await at.look(f"{look}-inbox-delete")
    await at.page.keyboard.press("Escape")
    await at.go("inbox?view=all&q=nowhere&sure=low", title="Inbox")
    await at.page.get_by_text("No conversation is like that").wait_for()
    found += await at.look(f"{look}-inbox-filtered")
    await at.page.get_by_role("heading", name="Inbox").click()
    await at.page.keyboard.press("?")
    await at.page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
    return found + await at.look(f"{look}-inbox-keys")
