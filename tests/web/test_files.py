"""Files that a visitor sends, in a real browser, on a page that allows nothing but the widget."""

import asyncio
from pathlib import Path

from playwright.async_api import Browser, FilePayload, Route, expect

from tests.make import Client, read
from tests.web.stage import Visit, host_page, make_widget, visiting
from tests.web.test_journeys import HOURS, conversation_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
PHOTO = FilePayload(name="photo.png", mimeType="image/png", buffer=PNG)
NOTE = FilePayload(name="note.txt", mimeType="text/plain", buffer=b"Please call me.")
PROGRAM = FilePayload(name="holiday.png", mimeType="image/png", buffer=b"MZ\x90\x00\x03")
SLOW_BYTES_PER_S = 400_000
LATE_SECONDS = 0.5
# Every value that the bar has had.
WATCH_BAR = """() => {
  window.far = [];
  const bar = document.querySelector("aivastark-widget").shadowRoot.querySelector("progress");
  new MutationObserver(() => far.push(bar.value)).observe(bar, {attributeFilter: ["value"]});
}"""
# What a clipboard or a hand with a mouse brings.
BRING = """([kind, name, bytes, type]) => {
  const root = document.querySelector("aivastark-widget").shadowRoot;
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes).fill(97)], name, {type}));
  const paste = new ClipboardEvent("paste", {clipboardData: data, cancelable: true});
  if (kind === "paste") root.querySelector("textarea").dispatchEvent(paste);
  else root.querySelector(".panel").dispatchEvent(new DragEvent("drop", {dataTransfer: data, cancelable: true}));
}"""


def strict(address: str, embed_key: str) -> tuple[bytes, dict[str, str]]:
    """A page that allows nothing but the widget, and its headers."""
    policy = (
        f"default-src 'none'; script-src 'nonce-abc'; connect-src {address}; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    script = f'<script src="{address}/widget.js" nonce="abc" data-key="{embed_key}" defer></script>'
    page = host_page(address, embed_key, script=script).replace(b'<link rel="icon" href="data:,">', b"")
    return page, {"Content-Security-Policy": policy}


async def break_off(route: Route) -> None:
    await route.abort()


async def bring(visit: Visit, kind: str, name: str, size: int) -> None:
    await visit.page.evaluate(BRING, [kind, name, size, "text/plain"])


async def test_files_are_chosen_pasted_dropped_taken_back_sent_and_had_again(
    browser: Browser, address: str, shop: Client
) -> None:
    widget = await make_widget(shop, attachments={"enabled": True})
    page, headers = strict(address, widget["embed_key"])

    async with visiting(browser, page, headers=headers) as visit:
        choose, waiting = visit.widget.locator("input[type=file]"), visit.widget.locator(".file")
        wrong, box = visit.widget.locator(".ask [role=alert]"), visit.widget.get_by_role("textbox")
        await visit.widget.locator(".launcher").wait_for()
        assert not [url for url in visit.requests if "files.js" in url]
        await visit.opened()
        await visit.widget.get_by_role("button", name="Attach a file").wait_for()
        await choose.set_input_files([PHOTO, NOTE])
        await bring(visit, "paste", "pasted.txt", 3)
        await bring(visit, "drop", "dropped.txt", 3)
        await bring(visit, "drop", "film.txt", 10_000_001)
        await expect(wrong).to_have_text("A file may have 10 MB at most.")
        await expect(waiting).to_have_count(4)
        for name in ("pasted.txt", "dropped.txt"):
            await visit.widget.get_by_role("button", name=f"Remove {name}").click()
        await expect(box).to_be_focused()

        await visit.page.route("**/attachments", break_off)
        await box.fill("When does the shop open?")
        await box.press("Enter")
        await expect(wrong).to_have_text("That did not work. Please try again.")
        await expect(waiting).to_have_count(2)
        await visit.page.unroute("**/attachments")
        await box.press("Enter")
        await expect(visit.answer()).to_contain_text(HOURS)
        await expect(waiting).to_have_count(0)
        await expect(wrong).to_be_empty()
        said = await visit.widget.locator(".turn.user .said").all_inner_texts()
        assert said == ["photo.png", "note.txt", "When does the shop open?"]

        await choose.set_input_files(PROGRAM)
        await box.press("Enter")
        await expect(wrong).to_have_text("Pictures, PDFs and plain text can be sent.")
        await visit.call("escalate")
        await expect(visit.widget.locator(".notice")).not_to_be_empty()
        await visit.page.reload()
        await visit.opened()
        async with visit.page.expect_download() as download:
            await visit.widget.get_by_role("button", name="photo.png").click()
        assert Path(await (await download.value).path()).read_bytes() == PNG
        await choose.set_input_files(NOTE)
        await box.press("Enter")
        await expect(visit.widget.locator(".turn.user .sent")).to_have_count(3)
        await choose.set_input_files(NOTE)
        await visit.call("reset")
        await expect(waiting).to_have_count(0)

        assert [
            line for line in visit.console if not any(known in line for known in ("404", "ERR_FAILED", "415"))
        ] == []

    conversation = read(await shop.get(f"conversations/{(await conversation_of(shop))['id']}"))
    assert [
        (one["content"], one["attachments"][0]["media_type"]) for one in conversation["messages"] if one["attachments"]
    ] == [
        ("photo.png", "image/png"),
        ("note.txt", "text/plain; charset=utf-8"),
        ("note.txt", "text/plain; charset=utf-8"),
    ]


async def test_what_is_sent_while_an_earlier_conversation_comes_is_not_gone_with_it(
    browser: Browser, address: str, shop: Client
) -> None:
    async def come_late(route: Route) -> None:
        as_it_was = await route.fetch()
        await asyncio.sleep(LATE_SECONDS)
        await route.fulfill(response=as_it_was)

    widget = await make_widget(shop, attachments={"enabled": True})
    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.ask("When does the shop open?")
        await visit.answer().wait_for()
        await visit.page.route("**/conversations/conv_*", come_late)
        await visit.widget.get_by_role("button", name="Conversations", exact=True).click()
        await visit.widget.locator(".past button").click()
        await visit.widget.locator("input[type=file]").set_input_files(NOTE)
        await visit.ask("And when does it close?")
        await expect(visit.answer(1)).to_be_visible()
        said = await visit.widget.locator(".turn.user .said").all_inner_texts()

    assert said == ["When does the shop open?", "note.txt", "And when does it close?"]


async def test_it_is_seen_how_far_a_file_is_and_one_taken_back_half_way_is_never_sent(
    browser: Browser, address: str, shop: Client
) -> None:
    widget = await make_widget(shop, attachments={"enabled": True})

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.widget.locator(".clip").wait_for()
        line = await visit.context.new_cdp_session(visit.page)
        slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW_BYTES_PER_S}
        await line.send("Network.enable")
        await line.send("Network.emulateNetworkConditions", slow)
        box, bar = visit.widget.get_by_role("textbox"), visit.widget.get_by_role("progressbar")
        sent = visit.widget.locator(".turn.user .sent")
        await bring(visit, "drop", "first.txt", SLOW_BYTES_PER_S)
        await visit.page.evaluate(WATCH_BAR)
        await expect(bar).to_have_count(0)
        await box.press("Enter")
        await expect(bar).to_have_attribute("aria-label", "first.txt")
        await expect(sent).to_have_text(["first.txt"])
        far = await visit.page.evaluate("far")
        assert far == sorted(far)
        assert [one for one in far if 0 < one < 1] != []

        await bring(visit, "drop", "second.txt", 10 * SLOW_BYTES_PER_S)
        await box.press("Enter")
        await expect(bar).to_be_visible()
        async with visit.page.expect_event("requestfailed") as broken_off:
            await visit.widget.get_by_role("button", name="Remove second.txt").click()
        assert (await broken_off.value).url.endswith("/attachments")
        await expect(visit.widget.locator(".file")).to_have_count(0)
        await expect(visit.widget.locator(".ask [role=alert]")).to_be_empty()
        await bring(visit, "drop", "third.txt", 3)
        await box.press("Enter")
        await expect(sent).to_have_text(["first.txt", "third.txt"])
