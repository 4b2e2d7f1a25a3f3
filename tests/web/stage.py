"""A page somewhere on the web with the widget on it, in a real browser, before the whole app on another port."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request

from tests.loopback import Page as Served
from tests.loopback import page, serving
from tests.make import Body, Client

TEXT = "Lorem ipsum dolor sit amet. " * 200


@dataclass(kw_only=True)
class Visit:
    """One browser tab on the host page, and what was seen of it: every line of its console, every request it made."""

    page: Page
    context: BrowserContext
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def widget(self) -> Locator:
        return self.page.locator("aivastark-widget")

    async def opened(self) -> "Visit":
        """With the window open, by the launcher."""
        await self.widget.locator(".launcher").click()
        await self.widget.get_by_role("textbox").wait_for()
        return self

    async def ask(self, question: str) -> None:
        """Type it and press Enter."""
        box = self.widget.get_by_role("textbox")
        await box.fill(question)
        await box.press("Enter")

    def answer(self, number: int = -1) -> Locator:
        """An answer that is finished: it has its buttons."""
        turns = self.widget.locator(".turn.assistant:has(.tools)")
        return turns.last if number == -1 else turns.nth(number)

    async def call(self, *command: Any) -> Any:
        return await self.page.evaluate("command => { Aivastark(...command) }", list(command))


def host_page(address: str, embed_key: str, *, head: str = "", body: str = TEXT, script: str = "") -> bytes:
    """A page with the line that puts the widget on it."""
    line = script or f'<script src="{address}/widget.js" data-key="{embed_key}" defer></script>'
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title>'
        f'<link rel="icon" href="data:,">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>'
        f"<body><main><h1>A shop</h1><p>{body}</p></main>{line}</body></html>"
    ).encode()


@contextlib.asynccontextmanager
async def visiting(
    browser: Browser, html: bytes, *, headers: dict[str, str] | None = None, host: str = "127.0.0.1", **context: Any
) -> AsyncIterator[Visit]:
    """A tab on a page with these bytes, on a port of its own."""
    kept = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}
    async with (
        serving(pages(html, kept)) as site,
        tab(browser, site.url().replace("127.0.0.1", host), **context) as visit,
    ):
        yield visit


def pages(html: bytes, headers: dict[str, str], paths: Sequence[str] = ("/", "/other", "/third")) -> dict[str, Served]:
    """The same page at several paths."""
    return {path: page(200, html, headers) for path in paths}


@contextlib.asynccontextmanager
async def tab(browser: Browser, url: str, **context: Any) -> AsyncIterator[Visit]:
    """A new visitor's tab, gone afterwards with all it kept."""
    made = await browser.new_context(
        **{"viewport": {"width": 1200, "height": 800}, "reduced_motion": "reduce", **context}
    )
    opened = await made.new_page()
    opened.set_default_timeout(30_000)  # of a browser that shares two cores with another test
    visit = Visit(page=opened, context=made)

    def heard(message: ConsoleMessage) -> None:
        visit.console.append(f"{message.type}: {message.text}")

    def asked(request: Request) -> None:
        visit.requests.append(request.url)

    opened.on("console", heard)
    opened.on("pageerror", lambda error: visit.console.append(f"thrown: {error}"))
    made.on("request", asked)
    try:
        await opened.goto(url)
        yield visit
    finally:
        await made.close()


async def make_widget(api: Client, **configuration: Any) -> Body:
    """A widget that any page on loopback may show."""
    made = await api.post("widgets", {"name": "Shop", **configuration})
    assert made.status_code == 201, made.text
    body: Body = made.json()
    return body
