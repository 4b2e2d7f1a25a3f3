# ruff: noqa: E501
"""Every state of the window in every look: no violation that axe-core knows; with SCREENSHOTS=FOLDER, a picture of each.

SCREENSHOTS=/tmp/pictures make screenshots
"""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Route, TimeoutError, expect

from aivastark.app import create_app
from aivastark.backends.base import Backends
from tests.answers.scripted import Scripted
from tests.conftest import Settle
from tests.make import Client, listening
from tests.web.chromium import packages
from tests.web.stage import Visit, host_page, make_widget, visiting
from tests.web.test_journeys import LEADS, conversation_of, reply
from tests.web.test_moments import LOOK_MS, LOOKS

KINDS: dict[str, dict[str, Any]] = {
    "desktop": {},
    "dark": {"color_scheme": "dark"},
    "rtl": {"language": "ar"},
    "phone": {"viewport": {"width": 390, "height": 780}, "has_touch": True, "device_scale_factor": 2},
    "phone-dark-rtl": {"viewport": {"width": 360, "height": 640}, "color_scheme": "dark", "language": "he"},
    "contrast": {"forced_colors": "active"},
}
MARKDOWN = """## What you can do
Please try **these steps** in order:
1. Open the *settings*
   - then `Account`
   - then [Security](https://example.com/security)
2. Choose a new password

| Plan | Price |
|---|---|
| Small | 5 |
| Large | 12 |

```
aivastark serve --port 8080
```"""
PARKING = "Beside the shop are twelve places to park, and the shop takes no money for them."
# Of a page that is not ours, and of our own window as a whole, nothing is switched off.
AXE = """async () => {
  const found = await axe.run("aivastark-widget", {resultTypes: ["violations"]});
  return found.violations.map(one => one.id + ": " + one.help + " " + one.nodes.map(node => node.target.flat().join(" ") + " " + node.failureSummary).join(" / "));
}"""

State = Callable[[str], Awaitable[None]]


@pytest.mark.parametrize("look", KINDS)
async def test_no_state_keeps_anybody_out(
    browser: Browser, backends: Backends, shop: Client, settle: Settle, look: str
) -> None:
    await shop.add(text=f"# Where can I park?\n\n{PARKING}", title="Parking", format="markdown", external_id="park")
    await settle()
    options = dict(KINDS[look])
    language = options.pop("language", "en")
    gate = asyncio.Event()
    model = Scripted(text="The shop opens at nine. [1] It closes at five on Fridays. [1]", gate=gate, gate_at_chars=42)
    widget = await make_widget(
        shop,
        branding={"title": "Northwind"},
        launcher={"label": "Ask us"},
        content={"starters": ["When does the shop open?", "When is a parcel shipped?"], "locale": language},
        lead_capture={**LEADS, "triggers": [{"type": "manual"}]},
        attachments={"enabled": True},
        behavior={"proactive": [{"trigger": "page_views", "value": 1, "message": "Can I help you find something?"}]},
    )
    async with (
        listening(create_app(replace(backends, llm=model))) as address,
        visiting(browser, host_page(address, widget["embed_key"]), **options) as visit,
    ):
        await visit.page.add_script_tag(content=(packages() / "axe-core" / "axe.min.js").read_text())
        found: dict[str, list[str]] = {}
        await _through_all(visit, shop, gate, partial(_look, visit, look, found))

    lines = [f"{state}: {line}" for state, violations in found.items() for line in violations]
    assert not lines, "\n".join(lines)


async def _through_all(visit: Visit, shop: Client, gate: asyncio.Event, state: State) -> None:
    widget = visit.widget
    await widget.locator(".bubble").wait_for()
    await state("1-speaks-first")
    await widget.locator(".bubble button").last.click()
    await state("2-closed")
    await visit.opened()
    await state("3-greeting")
    await visit.ask("When does the shop open?")
    await expect(widget.locator(".turn.assistant.writing")).to_contain_text("The shop opens at nine.")
    await state("4-writing")
    gate.set()
    await visit.answer().locator(".mark").first.click()
    await expect(widget.locator(".below .chip")).to_have_count(1)
    await state("5-citation-and-suggestion")
    await visit.ask("How do I get a refund for a flight to Mars?")
    await expect(widget.locator(".below .box")).to_be_visible()
    await state("5-offer")
    await widget.locator(".below .box .plain").click()
    await widget.get_by_role("textbox").first.fill("x" * 8_010)
    await state("6-too-long")
    await widget.get_by_role("textbox").first.fill("")
    await visit.call("lead")
    await widget.locator("form.box").wait_for()
    await widget.locator("form.box button[type=submit]").click()
    await state("7-lead-form")
    await widget.locator("form.box .plain").click()
    await _with_a_person(visit, shop, state)
    await _without_a_line_and_with_files(visit, state)


async def _with_a_person(visit: Visit, shop: Client, state: State) -> None:
    widget = visit.widget
    suggested = widget.get_by_role("button", name="Where can I park?")
    await expect(suggested).to_be_visible()
    await visit.call("escalate")
    await expect(widget.locator(".notice")).not_to_be_empty()
    await expect(suggested).to_have_count(0)  # a person is not told what to be asked
    await state("8-waiting")
    await reply(shop, MARKDOWN)
    await expect(widget.locator(".turn.agent table")).to_be_visible()
    await state("9-person")
    await _until_seen_writing(visit, shop)
    await state("9-writing")
    await visit.page.keyboard.press("Escape")
    await reply(shop, "Are you there?")
    await expect(widget.locator(".badge")).to_be_visible()
    await state("9-unread")
    await visit.opened()


async def _without_a_line_and_with_files(visit: Visit, state: State) -> None:
    widget = visit.widget
    await visit.context.set_offline(True)
    await visit.ask("Are you there?")
    await state("10-offline")
    await visit.context.set_offline(False)
    await widget.locator("header button").first.click()
    await expect(widget.locator(".past button")).to_have_count(1)
    await state("11-history")
    await widget.locator(".past button").click()
    choose = widget.locator("input[type=file]")
    await choose.set_input_files({"name": "receipt.txt", "mimeType": "text/plain", "buffer": b"Total: 5"})
    await widget.locator("form.ask > button").last.click()
    await expect(widget.locator(".turn.user .sent")).to_be_visible()
    await expect(widget.locator("form.ask > button").last).to_be_disabled()
    await choose.set_input_files({"name": "photo of a parcel.png", "mimeType": "image/png", "buffer": b"MZ\x90\x00"})
    await widget.locator("form.ask > button").last.click()
    await expect(widget.locator(".ask [role=alert]")).not_to_be_empty()
    await state("12-files")
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.abort()

    await visit.page.route("**/attachments", hold)
    await widget.locator("form.ask > button").last.click()
    await expect(widget.locator("progress")).to_be_visible()
    await state("13-sending")
    held.set()
    await expect(widget.locator("progress")).to_be_hidden()


async def _until_seen_writing(visit: Visit, shop: Client) -> None:
    conversation = await conversation_of(shop)
    for _ in range(LOOKS):  # who writes is told to those who listen, and the window may not listen yet
        await shop.post(f"conversations/{conversation['id']}/typing")
        with contextlib.suppress(TimeoutError):
            await visit.widget.locator(".below .who").wait_for(timeout=LOOK_MS)
            return


async def _look(visit: Visit, look: str, found: dict[str, list[str]], state: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        await visit.page.screenshot(path=Path(folder) / f"{look}-{state}.png")
    violations = await visit.page.evaluate(AXE)
    if violations:
        found[state] = violations
