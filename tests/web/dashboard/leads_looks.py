"""The pages of leads, for `test_looks.py`."""

from tests.make import Client, read
from tests.web.dashboard.desk import Desk


async def through_leads(at: Desk, api: Client, look: str) -> list[str]:
    """What axe-core has against them, empty and with somebody in them."""
    await at.go("leads", title="Leads")
    await at.page.get_by_text("No leads yet").wait_for()
    found = await at.look(f"{look}-leads-empty")
    asked = await api.ask("Can I talk to a human?")
    lead = {
        "name": "Ada",
        "email": "ada@example.com",
        "fields": {"size": "L"},
        "conversation_id": asked["conversation_id"],
        "consent": {"given": True, "text": "You may write to me."},
    }
    made = read(await api.post("leads", lead))
    await at.page.reload()
    await at.page.get_by_role("row", name="Ada").wait_for()
    found += await at.look(f"{look}-leads")
    await at.go(f"leads/{made['id']}", title="Ada")
    return found + await at.look(f"{look}-lead")
