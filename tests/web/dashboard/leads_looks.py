"""The pages of leads, for `test_looks.py`."""

from tests.make import Client
from tests.web.dashboard.desk import Desk

AGREED = {"given": True, "text": "You may write to me about my order.", "source": "contact form"}


async def through_leads(at: Desk, look: str, api: Client) -> list[str]:
    """What axe-core has against them, empty and with something in them."""
    await at.go("leads", title="Leads")
    await at.page.get_by_text("Nobody left an address yet").wait_for()
    found = await at.look(f"{look}-leads-empty")
    await api.post("leads", {"name": "Mia Berg", "email": "mia@shop.example", "consent": AGREED})
    again = await api.post("leads", {"email": "mia@shop.example", "fields": {"company": "Berg Ltd", "seats": 4}})
    await at.go("leads", title="Leads")
    await at.page.get_by_role("table", name="Leads").wait_for()
    found += await at.look(f"{look}-leads")
    await at.page.get_by_role("link", name="Mia Berg").click()
    await at.page.get_by_role("button", name="Record consent").click()
    found += await at.look(f"{look}-lead-consent")
    await at.go(f"leads/{again.json()['id']}", title="mia@shop.example")
    await at.page.get_by_role("link", name="The first lead").wait_for()
    found += await at.look(f"{look}-lead")
    await at.go("leads/new", title="Add a lead")
    return found + await at.look(f"{look}-lead-new")
