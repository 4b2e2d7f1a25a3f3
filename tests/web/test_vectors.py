# ruff: noqa: E501
"""Published vectors of cross-site scripting through everything that the window shows: they stay text."""

from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from playwright.async_api import Browser, expect

from aivastark.widgets.file_kinds import FILES_PER_CONVERSATION, NAME_MAX_CHARS
from tests.conftest import Settle
from tests.make import Client, read
from tests.web.stage import Visit, host_page, make_widget, visiting
from tests.web.test_journeys import reply

VECTORS = (Path(__file__).parent / "vectors" / "payloadbox.txt").read_text().splitlines()
IN_MARKDOWN = [
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](javascript&colon;alert(1))",
    "[a](\\x01javascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[a](vbscript:msgbox(1))",
    "[a](//evil.example/x)",
    "![a](https://evil.example/pixel.png)",
    "![a](javascript:alert(1))",
    '[a](https://x.example" onmouseover="alert(1))',
    "**<img src=x onerror=alert(1)>**",
    "`<script>alert(1)</script>`",
    "| <img src=x onerror=alert(1)> | b |\n|---|---|\n| <svg onload=alert(1)> | [a](javascript:alert(1)) |",
    "```html\n<script>alert(1)</script>\n```",
    "# <script>alert(1)</script>",
    "1. <iframe src=javascript:alert(1)>\n   - <img src=x onerror=alert(1)>",
]
MESSAGE_VECTORS = 25
# What the window is made of, and nothing else: no element of a vector is among it.
AUDIT = """also => {
  const allowed = new Set((also + " div section header h2 h3 button span p br strong em code pre ul ol li table thead tbody tr th td a b q i small img form "
    + "label input select option textarea svg path").split(" "));
  const found = [];
  for (const element of document.querySelector("aivastark-widget").shadowRoot.querySelectorAll("*")) {
    if (!allowed.has(element.localName)) found.push(element.localName);
    if (["img", "svg"].includes(element.localName) && !element.closest(".launcher, header, button")) found.push(element.localName);
    for (const { name, value } of element.attributes) {
      if (name === "style" && element.localName === "textarea") continue;  // its height, which we set
      if (/^on|^style$|^srcdoc$|^formaction$/i.test(name)) found.push(name);
      if (["href", "src", "action"].includes(name) && !/^(https?|mailto|tel):/.test(value)) found.push(value);
    }
  }
  return found;
}"""

CHOOSE = """names => {
  const data = new DataTransfer();
  for (const name of names) data.items.add(new File(["a"], name, {type: "text/plain"}));
  const drop = new DragEvent("drop", {dataTransfer: data, cancelable: true});
  document.querySelector("aivastark-widget").shadowRoot.querySelector(".panel").dispatchEvent(drop);
}"""


async def assert_all_of_it_is_text(visit: Visit, address: str, *, also: str = "") -> None:
    """`also` are elements that only some windows have."""
    assert await visit.page.evaluate(AUDIT, also) == []
    assert await visit.page.evaluate("window.fired") == []
    own = (address, visit.page.url.rstrip("/"), "data:")
    assert [url for url in visit.requests if not url.startswith(own)] == []


def trap(address: str, key: str) -> bytes:
    """A page that notes whatever runs."""
    script = "<script>window.fired = []; for (const one of ['alert', 'prompt', 'confirm']) window[one] = what => fired.push(one)</script>"
    return host_page(address, key, head=script)


async def test_in_what_is_said(browser: Browser, address: str, shop: Client) -> None:
    widget = await make_widget(shop)

    async with visiting(browser, trap(address, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.ask(VECTORS[8])
        await expect(visit.answer()).to_be_visible()
        everything = [*IN_MARKDOWN, *VECTORS]
        for at in range(0, len(everything), MESSAGE_VECTORS):
            await reply(shop, "\n\n".join(everything[at : at + MESSAGE_VECTORS]))
        await reply(shop, "The end.")
        await expect(visit.widget.locator(".turn.agent").last).to_contain_text("The end.")
        shown = await visit.widget.locator(".turn.agent").all_inner_texts()

        await assert_all_of_it_is_text(visit, address)
        assert "<svg onload=alert(1)>" in "".join(shown)


async def test_in_titles_addresses_and_quotes(browser: Browser, address: str, api: Client, settle: Settle) -> None:
    for number, vector in enumerate(VECTORS[::4]):
        await api.add(text=f"Product P{number} weighs {number} grams. {vector}", title=vector, external_id=f"p{number}")
    await settle()
    widget = await make_widget(api, limits={"messages_per_conversation": 0})

    async with visiting(browser, trap(address, widget["embed_key"])) as visit:
        await visit.opened()
        for number in range(0, 60, 5):
            await visit.ask(f"How much does product P{number} weigh?")
            await expect(visit.widget.locator(".turn.assistant.writing")).to_have_count(0)
            await expect(visit.widget.get_by_role("button", name="Send")).to_have_count(1)
            for mark in await visit.answer().locator(".mark").all():
                await mark.click()
                await assert_all_of_it_is_text(visit, address)

        assert await visit.widget.locator(".mark").count() > 0


async def test_in_the_configuration_and_the_form(browser: Browser, address: str, shop: Client) -> None:
    for start in range(0, len(VECTORS), 40):
        vectors = cycle([vector for vector in VECTORS[start : start + 40] if len(vector) <= 120])
        some = partial(_next, vectors)
        [title, label, placeholder, greeting, speak, form, name, consent, send, away] = some(10)
        widget = await make_widget(
            shop,
            branding={"title": title, "font_family": "x"},
            launcher={"label": label},
            content={
                "placeholder": placeholder,
                "greeting": greeting,
                "starters": some(8),
                "strings": {"send": send, "open": send},
            },
            handoff={"away_message": away},
            behavior={"proactive": [{"trigger": "page_views", "value": 1, "message": speak}]},
            lead_capture={
                "enabled": True,
                "title": form,
                "fields": [
                    {"key": "email", "label": name, "type": "email"},
                    {"key": "phone", "label": name, "type": "phone"},
                    {"key": "name", "label": "Name"},
                    {"key": "about", "label": "About", "type": "textarea"},
                    {"key": "size", "label": name, "type": "select", "options": some(5)},
                ],
                "consent": {"required": True, "text": consent, "url": "https://example.com/privacy"},
            },
        )

        async with visiting(browser, trap(address, widget["embed_key"])) as visit:
            await visit.widget.locator(".bubble").wait_for()
            await assert_all_of_it_is_text(visit, address)
            await visit.call("lead")
            await expect(visit.widget.locator("form.box")).to_be_visible()
            await assert_all_of_it_is_text(visit, address)
            [phone, called, about] = some(3)
            await _leave(visit, {"phone": phone, "name": called, "about": about})
            await expect(visit.widget.locator("form.box").get_by_role("alert")).not_to_be_empty()
            await assert_all_of_it_is_text(visit, address)
            await _leave(visit, {"phone": "+49 30 123456"})
            await expect(visit.widget.locator(".notice")).to_have_text("Thank you. We will be in touch.")
            await visit.call("lead")

            await assert_all_of_it_is_text(visit, address)
            [lead, *_] = read(await shop.get("leads"))["data"]
            assert (lead["name"], lead["fields"]["about"]) == (called.strip(), about.strip())


async def test_in_the_names_of_files(browser: Browser, address: str, shop: Client) -> None:
    widget = await make_widget(shop, attachments={"enabled": True})
    each = len(VECTORS) // FILES_PER_CONVERSATION
    waiting = [" ".join(VECTORS[at : at + each]) for at in range(0, each * FILES_PER_CONVERSATION, each)]
    # Of a longer name, or one with folders in it, the server keeps a part; quotes are sent like this by browsers.
    quoted = [" ".join(vector.replace('"', "%22").split()).strip(". ") for vector in VECTORS]
    kept = [name for name in quoted if "/" not in name and "\\" not in name and len(name) <= NAME_MAX_CHARS]
    sent = kept[:: len(kept) // FILES_PER_CONVERSATION]
    sent = sent[:FILES_PER_CONVERSATION]

    async with visiting(browser, trap(address, widget["embed_key"])) as visit:
        await visit.opened()
        chips, said = visit.widget.locator(".file"), visit.widget.locator(".turn.user .said")
        await visit.widget.locator(".clip").wait_for()
        await visit.page.evaluate(CHOOSE, waiting)
        assert [name.replace("\n", " ") for name in await chips.locator("bdi").all_text_contents()] == waiting
        await expect(visit.widget.locator("progress")).to_have_count(FILES_PER_CONVERSATION)
        await assert_all_of_it_is_text(visit, address, also="progress bdi")

        await visit.call("reset")
        await expect(chips).to_have_count(0)
        await visit.page.evaluate(CHOOSE, [name.replace("%22", '"') for name in sent])
        await visit.widget.get_by_role("textbox").press("Enter")
        await expect(said).to_have_count(FILES_PER_CONVERSATION)
        await assert_all_of_it_is_text(visit, address, also="progress bdi")
        await visit.page.reload()
        await visit.opened()
        await expect(visit.widget.locator(".sent")).to_have_count(FILES_PER_CONVERSATION)
        assert await said.all_text_contents() == sent
        await assert_all_of_it_is_text(visit, address, also="progress bdi")


async def _leave(visit: Visit, values: dict[str, str]) -> None:
    form = visit.widget.locator("form.box")
    for name, value in values.items():
        await form.locator(f"[name={name}]").fill(value)
    await form.get_by_role("checkbox").check()
    await form.locator("[type=submit]").click()


def _next(vectors: Iterator[str], count: int) -> list[str]:
    return list(islice(vectors, count))
