"""The same window in Firefox, where there is one: FIREFOX=firefox-esr .venv/bin/pytest tests/web/test_firefox.py"""

import os
from pathlib import Path

import pytest

from tests.loopback import serving
from tests.make import Client, read
from tests.web.firefox import firefox
from tests.web.stage import host_page, make_widget, pages
from tests.web.test_journeys import HOURS, LEADS, reply

PROGRAM = os.environ.get("FIREFOX", "")


@pytest.mark.skipif(not PROGRAM, reason="FIREFOX names no program")
async def test_a_visit_from_the_first_question_to_a_persons_reply(address: str, shop: Client, tmp_path: Path) -> None:
    widget = await make_widget(shop, lead_capture={**LEADS, "triggers": [{"type": "manual"}]})
    policy = f"default-src 'none'; script-src {address}; connect-src {address}; require-trusted-types-for 'script'"
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
    profile = tmp_path / "profile"
    profile.mkdir()

    async with (
        serving(pages(host_page(address, widget["embed_key"]), headers)) as site,
        firefox(PROGRAM, profile) as window,
    ):
        await window.go(site.url())
        await window.see("one('.launcher') && (one('.launcher').click(), true)")
        await window.press("When does the shop open?\n")
        assert HOURS in await window.see("one('.turn.assistant:has(.tools) .said')?.textContent")
        await window.see("(one('.mark').click(), true)")
        assert HOURS in await window.see("one('.card')?.textContent")

        await window.go(site.url("/other"))
        await window.see("one('.launcher') && (one('.launcher').click(), true)")
        assert HOURS in await window.see("one('.turn.assistant:has(.tools) .said')?.textContent")
        await window.press("How do I get a refund for a flight to Mars?\n")
        await window.see("one('.box .main') && (one('.box .main').click(), true)")
        await window.see("one('.notice').textContent")
        await reply(shop, "Hello, this is Grace.")
        assert "Grace" in await window.see("one('.turn.agent .said')?.textContent")

        assert await window.see("`${document.querySelectorAll('aivastark-widget').length}`") == "1"
    [conversation] = read(await shop.get("conversations"))["data"]
    assert conversation["status"] == "human"
