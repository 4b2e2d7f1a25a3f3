"""What comes in between, in a real browser: a line that breaks, nobody there, half-typed words, the first word."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from playwright.async_api import Browser, TimeoutError, expect

from aivastark.app import create_app
from aivastark.backends.base import Backends
from tests.answers.scripted import Scripted
from tests.make import Client, listening
from tests.web.stage import host_page, make_widget, visiting
from tests.web.test_journeys import HOURS, conversation_of, reply
from tests.widgets.test_contact import NEVER

CHUNK_BYTES = 65_536
LOOKS, LOOK_MS = 20, 500


@dataclass(kw_only=True)
class Line:
    """The way between a browser and the app, which a test can cut: what is under way then ends in the middle."""

    app_port: int
    port: int = 0
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        for end in list(self._ends):
            end.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_app, to_app = await asyncio.open_connection("127.0.0.1", self.app_port)
        ends = {writer, to_app}
        self._ends |= ends
        await asyncio.gather(self._copy(reader, to_app), self._copy(from_app, writer))
        self._ends -= ends

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(CHUNK_BYTES):
                writer.write(piece)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def line_to(address: str) -> AsyncIterator[Line]:
    line = Line(app_port=int(address.rpartition(":")[2]))
    server = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        line.cut()
        server.close()
        await server.wait_closed()


async def test_a_stream_that_breaks_is_taken_up_where_it_was_and_one_that_is_stopped_ends_on_the_server(
    browser: Browser, backends: Backends, shop: Client
) -> None:
    gate = asyncio.Event()
    model = Scripted(text=f"{HOURS} [1] It closes at five on Fridays. [1]", gate=gate, gate_at_chars=42)
    widget = await make_widget(shop)
    async with (
        listening(create_app(replace(backends, llm=model))) as address,
        line_to(address) as line,
        visiting(browser, host_page(f"http://127.0.0.1:{line.port}", widget["embed_key"])) as visit,
    ):
        await visit.opened()
        writing = visit.widget.locator(".turn.assistant.writing")
        await visit.ask("When does the shop open?")
        await expect(writing).to_contain_text(HOURS)
        async with visit.page.expect_response(lambda one: one.url.endswith("/stream")) as taken_up:
            line.cut()
        assert (await taken_up.value).status == 200
        await expect(writing).to_contain_text(HOURS)
        gate.set()
        await expect(visit.answer()).to_contain_text("It closes at five on Fridays.")
        assert (await visit.answer().inner_text()).count(HOURS) == 1
        assert len(model.prompts) == 1

        gate.clear()
        await visit.ask("When does the shop close on Fridays?")
        await expect(writing).to_contain_text(HOURS)
        async with visit.page.expect_response(lambda one: one.url.endswith("/cancel")) as cancelled:
            await visit.widget.get_by_role("button", name="Stop answering").click()
        assert (await (await cancelled.value).json())["stopped"] is True
        await expect(visit.widget.locator(".turn.assistant.stopped")).to_contain_text(HOURS)
        gate.set()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text("It closes at five on Fridays.")

    assert model.ended_early == 1


async def test_nobody_is_there_then_somebody_is_seen_to_write(browser: Browser, address: str, shop: Client) -> None:
    away = "Nobody is here until Monday."
    widget = await make_widget(shop, handoff={"business_hours": NEVER, "away_message": away})

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.page.evaluate("() => { window.told = []; Aivastark('on', 'unread', count => told.push(count)) }")
        await visit.opened()
        await visit.ask("How do I get a refund for a flight to Mars?")
        await expect(visit.widget.locator(".box")).to_contain_text(away)
        await visit.widget.get_by_role("button", name="Talk to a person").click()
        await expect(visit.widget.locator(".notice")).to_have_text(away)

        conversation = f"conversations/{(await conversation_of(shop))['id']}"
        writing = visit.widget.get_by_text("Support is writing…")
        for _ in range(LOOKS):  # who writes is told to those who listen, and the window may not listen yet
            assert (await shop.post(f"{conversation}/typing")).status_code == 204
            with contextlib.suppress(TimeoutError):
                await writing.wait_for(timeout=LOOK_MS)
                break
        await expect(writing).to_be_visible()
        await reply(shop, "Hello, this is Grace.")
        await expect(visit.widget.get_by_text("Support is writing…")).to_have_count(0)
        await expect(visit.widget.locator(".notice")).to_have_text("A person is in this conversation.")
        async with visit.page.expect_response(lambda one: one.url.endswith("/typing")) as typed:
            await visit.widget.get_by_role("textbox").press_sequentially("Hi")
        assert (await typed.value).status == 204

        await visit.page.keyboard.press("Escape")
        await reply(shop, "Are you there?")
        await reply(shop, "I will wait.")
        await expect(visit.widget.get_by_role("button", name="Open chat, 2 unread")).to_be_visible()
        await expect(visit.widget.locator(".badge")).to_have_attribute("title", "2")
        shown = "badge => getComputedStyle(badge, '::after').content + badge.offsetWidth"
        assert await visit.widget.locator(".badge").evaluate(shown) == '"2"22'
        await visit.opened()
        await expect(visit.widget.locator(".turn.agent").last).to_contain_text("I will wait.")
        await expect(visit.widget.locator(".badge")).to_have_count(0)
        assert await visit.page.evaluate("told") == [1, 2]
        assert visit.console == []


async def test_half_typed_words_are_not_sent(browser: Browser, address: str, shop: Client) -> None:
    widget = await make_widget(shop)

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.opened()
        keyboard = await visit.context.new_cdp_session(visit.page)
        half = {"text": "しゅっか", "selectionStart": 4, "selectionEnd": 4}
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        await keyboard.send("Input.imeSetComposition", half)
        await keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
        await keyboard.send("Input.insertText", {"text": "出荷"})
        await keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})

        await expect(visit.widget.get_by_role("textbox")).to_have_value("出荷")
        await expect(visit.widget.locator(".turn.user")).to_have_count(0)
        await visit.page.keyboard.press("Enter")
        await expect(visit.widget.locator(".turn.user")).to_contain_text("出荷")


async def test_it_speaks_first_at_its_moment_on_its_pages_and_once(
    browser: Browser, address: str, shop: Client
) -> None:
    rules = [
        {"trigger": "scroll", "value": 90, "message": "Still reading?", "once_per": "visitor"},
        {"trigger": "exit_intent", "message": "Leaving so soon?", "paths": ["/other"], "once_per": "page"},
    ]
    widget = await make_widget(shop, behavior={"proactive": rules})
    page = host_page(address, widget["embed_key"], body="<div style='height:3000px'></div>")
    leave = "document.documentElement.dispatchEvent(new MouseEvent('mouseout', {bubbles: true, clientY: -1}))"

    async with visiting(browser, page) as visit:
        bubble = visit.widget.locator(".bubble")
        await visit.widget.locator(".launcher").wait_for()
        await visit.page.evaluate(leave)
        await expect(bubble).to_have_count(0)
        await visit.page.mouse.wheel(0, 5_000)
        await expect(bubble).to_contain_text("Still reading?")
        await bubble.get_by_role("button", name="Close chat").click()
        await expect(bubble).to_have_count(0)

        await visit.page.goto(visit.page.url + "other")
        await visit.widget.locator(".launcher").wait_for()
        await visit.page.mouse.wheel(0, 5_000)
        await visit.page.wait_for_function("scrollY > 1000")
        await expect(bubble).to_have_count(0)
        await visit.page.evaluate(leave)
        await expect(bubble).to_contain_text("Leaving so soon?")
        await bubble.get_by_role("button", name="Leaving so soon?").click()
        await expect(visit.widget.get_by_role("textbox")).to_be_focused()
