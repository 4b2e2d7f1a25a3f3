"""A window is its site's: looks, words and targets as configured; and what comes by itself comes in time."""

from typing import Any

from playwright.async_api import Browser, Route, expect

from tests.make import Client
from tests.web.stage import host_page, make_widget, visiting
from tests.web.test_journeys import HOURS, LEADS

TARGET_MIN_PX = 44
SPACE_AROUND_MARKS_PX = 20  # above and below, by the sheet
SEEN = """() => {
  const root = document.querySelector("aivastark-widget").shadowRoot.querySelector(".root");
  const style = what => getComputedStyle(root.querySelector(what));
  const launcher = root.querySelector(".launcher").getBoundingClientRect();
  return {
    primary: style("header").backgroundColor, radius: style(".panel").borderRadius, font: style(".said").fontFamily,
    size: style(".said").fontSize, background: style(".panel").backgroundColor, words: root.textContent,
    left: launcher.left, height: launcher.height, bottom: innerHeight - launcher.bottom,
    images: [...root.querySelectorAll("img")].map(one => one.src),
  };
}"""
SMALL = """([least, around]) => {
  const root = document.querySelector("aivastark-widget").shadowRoot;
  const all = [...root.querySelectorAll("button, input, select, textarea")].filter(one => one.checkVisibility());
  return all.map(one => {
    const {width, height} = (one.type === "checkbox" ? one.closest("label") : one).getBoundingClientRect();
    const isMark = one.className === "mark";  // stands in a line of text, between words
    return [one.className || one.localName, isMark ? least : width, height + (isMark ? around : 0)];
  }).filter(([name, width, height]) => Math.min(width, height) < least);
}"""
LISTEN = """() => {
  window.heard = [];
  const region = document.querySelector("aivastark-widget").shadowRoot.querySelector(".root > .hush");
  const what = {childList: true, characterData: true, subtree: true};
  new MutationObserver(() => heard.push(region.textContent)).observe(region, what);
}"""
DOT = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\r"
    b"IDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)
OWN: dict[str, Any] = {
    "branding": {
        "title": "Northwind",
        "colors": {"primary": "#0a7d4f", "background": "#fffaf0"},
        "theme": "light",
        "radius": 3,
        "font_family": "Georgia",
        "font_size": 18,
        "logo_url": "https://example.com/logo.png",
        "show_powered_by": False,
    },
    "launcher": {
        "icon_url": "https://example.com/icon.png",
        "position": "bottom-left",
        "offset_x": 30,
        "offset_y": 40,
        "size": 64,
    },
    "content": {"greeting": "Ahoy!", "strings": {"send": "Off it goes", "bot": "Bosun"}},
    "lead_capture": {**LEADS, "triggers": [{"type": "manual"}]},
    "attachments": {"enabled": True},
}


async def test_it_looks_and_speaks_as_its_site_wants_is_easy_to_hit_and_read_out_once(
    browser: Browser, address: str, shop: Client
) -> None:
    widget = await make_widget(shop, **OWN)

    async def picture(route: Route) -> None:
        await route.fulfill(body=DOT, content_type="image/png")

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.context.route("https://example.com/**", picture)
        closed = await visit.widget.locator(".launcher img").get_attribute("src")
        await visit.opened()
        await visit.page.evaluate(LISTEN)
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text(HOURS)
        await visit.call("lead")
        await visit.widget.locator("form.box").wait_for()
        await visit.widget.get_by_role("button", name="Attach a file").wait_for()
        seen = await visit.page.evaluate(SEEN)
        small = await visit.page.evaluate(SMALL, [TARGET_MIN_PX, SPACE_AROUND_MARKS_PX])
        heard = await visit.page.evaluate("heard")
        send = await visit.widget.locator("form.ask > button").last.get_attribute("aria-label")

    assert closed == "https://example.com/icon.png"
    assert seen.pop("images") == ["https://example.com/logo.png"]
    words = seen.pop("words")
    assert "Aivastark" not in words
    assert all(one in words for one in ("Northwind", "Ahoy!", "Bosun"))
    assert send == "Off it goes"
    assert seen == {
        "primary": "rgb(10, 125, 79)",
        "background": "rgb(255, 250, 240)",
        "radius": "3px",
        "font": "Georgia",
        "size": "18px",
        "left": 30,
        "bottom": 40,
        "height": 64,
    }
    assert small == []
    assert heard == [f"Bosun: {HOURS}"]


async def test_what_is_said_by_itself_comes_at_its_time_and_the_form_at_its_word_or_after_silence(
    browser: Browser, address: str, shop: Client
) -> None:
    triggers = [{"type": "keyword", "words": ["price"]}, {"type": "idle", "seconds": 30}]
    widget = await make_widget(
        shop,
        lead_capture={**LEADS, "triggers": triggers},
        behavior={"proactive": [{"trigger": "time_on_page", "value": 20, "message": "Still here?"}]},
    )

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        form = visit.widget.locator("form.box")
        await visit.page.clock.install()
        await visit.page.reload()
        await visit.widget.locator(".launcher").wait_for()
        await expect(visit.widget.get_by_text("Still here?")).to_have_count(0)
        await visit.page.clock.fast_forward(20_000)
        await visit.widget.get_by_role("button", name="Still here?").click()
        await visit.ask("What is the price?")
        await form.wait_for()
        await form.get_by_role("button", name="Not now").click()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text(HOURS)
        await expect(form).to_have_count(0)
        await visit.page.clock.fast_forward(30_000)

        await expect(form).to_be_visible()
