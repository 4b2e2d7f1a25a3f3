"""The pages of settings, of the organisation and of the account, for `test_looks.py`."""

from playwright.async_api import expect

from tests.loopback import page, serving
from tests.make import Client
from tests.people import PASSWORD
from tests.web.dashboard.desk import Desk

SETTINGS = ("General", "Answers", "Pinned answers", "Hand-off", "Privacy", "Models", "Budget", "API keys", "Webhooks")
ORGANIZATION = {
    "Team": "Team",
    "Clients": "Clients",
    "Plan and usage": "Plan and usage",
    "Audit log": "Audit log",
    "API keys": "Organisation keys",
    "General": "General",
}
ACCOUNT = ("Profile", "Security", "Sessions")
TOLD = {
    "thresholds": {"answer": 0.6},
    "languages": ["en", "de"],
    "privacy": {"mask": ["email", "phone"], "phone_regions": ["DE", "FR"]},
    "handoff": {
        "business_hours": {"timezone": "Europe/Berlin", "weekly": {"mon": [["09:00", "12:00"], ["13:00", "24:00"]]}}
    },
}


async def through_settings(at: Desk, api: Client, look: str) -> list[str]:
    """What axe-core has against them, empty and with something in them."""
    await at.go("settings/webhooks", title="Webhooks")
    await at.page.get_by_text("No server is told yet").wait_for()
    found = await at.look(f"{look}-settings-webhooks-empty")
    async with serving({"/hook": page(200, b"thank you")}) as site:
        found += await _through_webhook(at, api, site.url("/hook"), look)
    await api.http.patch(f"/v1/projects/{api.tenant.project_id}", json=TOLD)
    await api.post("pinned-answers", {"questions": ["Do you ship to Norway?"], "answer": "Yes."})
    await api.ask("Do you ship to Norway?")
    await at.go("settings", title="General")
    found += await _through_tabs(at, "Settings", {title: title for title in SETTINGS}, f"{look}-settings")
    await at.page.get_by_role("link", name="Pinned answers").click()
    await at.page.get_by_role("link", name="Do you ship to Norway?").click()
    await at.heading("Pinned answer").and_(at.page.get_by_text("Pinned answer", exact=True)).wait_for()
    await at.page.get_by_role("row", name="The same").wait_for()
    await expect(at.page.get_by_label("Questions", exact=True)).to_have_value("Do you ship to Norway?")
    found += await at.look(f"{look}-settings-pinned-answer")
    await at.go("settings/events", title="Events")
    await at.page.get_by_role("button", name="Show").first.click()
    found += await at.look(f"{look}-settings-event")
    await at.go("/organization", title="Team")
    found += await _through_tabs(at, "Organisation", ORGANIZATION, f"{look}-organization")
    await at.go("/account", title="Profile")
    found += await _through_tabs(at, "Your account", {title: title for title in ACCOUNT}, f"{look}-account")
    return found + await _through_dialogs(at, look)


async def _through_tabs(at: Desk, label: str, titles: dict[str, str], look: str) -> list[str]:
    """Each page of a frame, by its tab."""
    found = []
    for tab, title in titles.items():
        await (
            at.page.get_by_role("navigation", name=label, exact=True).get_by_role("link", name=tab, exact=True).click()
        )
        await at.heading(title).wait_for()
        await expect(at.page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
        found += await at.look(f"{look}-{title.lower().replace(' ', '-')}")
    return found


async def _through_webhook(at: Desk, api: Client, url: str, look: str) -> list[str]:
    await at.page.get_by_role("link", name="Add a webhook").click()
    await at.page.get_by_label("Address").fill(url)
    found = await at.look(f"{look}-settings-new-webhook")
    await at.page.get_by_role("button", name="Add webhook").click()
    await at.page.get_by_role("dialog").wait_for()
    found += await at.look(f"{look}-settings-webhook-secret")
    await at.page.get_by_role("button", name="I have stored it").click()
    await at.page.get_by_role("button", name="Send a test").click()
    await at.page.get_by_role("menuitem", name="lead.captured").click()
    await at.heading("Delivery").wait_for()
    await at.page.get_by_label("answer to try 1", exact=True).wait_for()
    found += await at.look(f"{look}-settings-delivery")
    await at.page.get_by_role("link", name="Webhook", exact=True).click()
    await at.page.get_by_role("row", name="lead.captured (test)").wait_for()
    return found + await at.look(f"{look}-settings-webhook")


async def _through_dialogs(at: Desk, look: str) -> list[str]:
    """The second factor half way, and a key about to be made."""
    await at.go("/account/security", title="Security")
    second = at.page.get_by_role("form", name="Two-step sign-in")
    await second.get_by_label("Your password").fill(PASSWORD)
    await second.get_by_role("button", name="Set it up").click()
    await second.get_by_role("img").wait_for()
    found = await at.look(f"{look}-account-second-factor")
    await at.go("settings/keys", title="API keys")
    await at.page.get_by_role("button", name="Create a key").click()
    await at.page.get_by_label("It may do").select_option("some")
    return found + await at.look(f"{look}-settings-new-key")
