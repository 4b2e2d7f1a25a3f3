"""Apps made of the packed tarballs, in a real browser: built by Vite, and taken up after a server rendered them."""

import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, Request, expect

from tests.loopback import page, serving
from tests.make import Client
from tests.web.packed import REACTS, program, project, run
from tests.web.stage import Visit, make_widget, tab
from tests.widgets.test_identity import hash_for

HOURS = "The shop opens at nine."
HTML = {"Content-Type": "text/html; charset=utf-8"}
CODE = {"Content-Type": "text/javascript"}
# Of a development build of React, which says its name to everybody.
GREETING = "React DevTools"


async def test_an_app_built_by_vite_asks_and_gets_a_cited_answer_under_a_strict_policy(
    browser: Browser, address: str, shop: Client, tmp_path: Path
) -> None:
    widget = await make_widget(shop)
    folder = project(tmp_path)
    run(folder, program("vite/bin/vite.js"), "build", "app", "--logLevel", "error")
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-of-this-page'; connect-src {address}; img-src data:; "
        "require-trusted-types-for 'script'; trusted-types aivastark"
    )
    built = folder / "app" / "dist"
    [script] = (built / "assets").iterdir()
    pages = {
        "/": page(200, (built / "index.html").read_bytes(), {**HTML, "Content-Security-Policy": policy}),
        f"/assets/{script.name}": page(200, script.read_bytes(), CODE),
    }

    async with (
        serving(pages) as site,
        tab(browser, f"{site.url()}?{urlencode({'key': widget['embed_key'], 'host': address})}") as visit,
    ):
        await visit.page.get_by_role("button", name="Help").click()
        await expect(visit.page.locator("output")).to_have_text("open")
        await visit.page.get_by_role("button", name="Opening hours").click()

        await expect(visit.answer()).to_contain_text(HOURS)
        await expect(visit.page.locator("blockquote")).to_have_text(HOURS)
        await visit.answer().get_by_role("button", name="Source 1").click()
        await expect(visit.answer().locator(".card")).to_contain_text(HOURS)
        assert await visit.widget.count() == 1
        assert visit.console == []


@pytest.mark.parametrize("react", REACTS)
async def test_what_a_server_rendered_is_taken_up_and_follows_its_props(
    react: str, browser: Browser, address: str, shop: Client, tmp_path: Path
) -> None:
    widget = await make_widget(shop)
    start = {"embedKey": widget["embed_key"], "host": address, "chat": {"style": {"height": 420}}}
    async with rendered(browser, project(tmp_path, react), **start) as visit:
        state = visit.page.locator("output")

        # Of two, each mounted twice by StrictMode, the last one is there: in the page, as high as it was given.
        await expect(state).to_have_text("ready open 0")
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text(HOURS)
        assert await visit.widget.locator(".panel").evaluate("element => element.offsetHeight") == 420
        assert await visit.widget.count() == 1
        assert asked(visit, "/widget.js") == asked(visit, "/config") == 1

        # When it goes, the one that floats is there, with the same conversation; a handle opens it.
        await change(visit, chat=None)
        await expect(state).to_have_text("ready closed 0")
        await visit.page.evaluate("handle.current.open()")
        await expect(state).to_have_text("ready open 0")
        await expect(visit.answer()).to_contain_text(HOURS)
        assert await visit.widget.count() == 1

        # Another language changes it where it stands: the window stays open; the same props again change nothing.
        await change(visit, language="de")
        await expect(visit.widget.get_by_role("button", name="Senden")).to_be_visible()
        await expect(state).to_have_text("ready open 0")
        await change(visit, language="de")
        assert asked(visit, "/config") == 3

        await change(visit, isThere=False)
        await expect(state).to_have_text("waiting closed 0")
        assert await visit.widget.count() == 0
        assert asked(visit, "/widget.js") == 1
        assert (await visit.page.evaluate("told"))[:2] == ["onReady", "onOpen"]
        assert [line for line in visit.console if GREETING not in line] == []


async def test_who_signs_in_and_out_is_told_and_a_missing_install_is_an_event(
    browser: Browser, address: str, shop: Client, tmp_path: Path
) -> None:
    widget = await make_widget(shop, security={"identity": "optional"})
    known = {"user_id": "u1", "user_hash": hash_for(widget, "u1")}
    nowhere = "http://127.0.0.1:1"
    async with rendered(browser, project(tmp_path), embedKey=widget["embed_key"], host=nowhere) as visit:
        await visit.page.wait_for_function("told.includes('onError')")
        assert any(f"{nowhere}/widget.js could not be loaded" in line for line in visit.console)

        await change(visit, host=address)
        await expect(visit.page.locator("output")).to_have_text("ready closed 0")
        async with visit.page.expect_request("**/session") as begun:
            await change(visit, identity=known)
        assert await identity_of(begun.value) == known
        await visit.page.wait_for_function("Object.values(localStorage).some(kept => kept.includes('akv_vis_'))")

        # The same proof in another object is no news.
        await change(visit, identity=dict(known))
        await change(visit, identity=None)
        await visit.page.wait_for_function("!Object.values(localStorage).some(kept => kept.includes('akv_vis_'))")
        await expect(visit.page.locator("output")).to_have_text("ready closed 0")
        async with visit.page.expect_request("**/session") as begun:
            await visit.page.evaluate("handle.current.send('When does the shop open?')")
        assert await identity_of(begun.value) is None
        assert asked(visit, "/session") <= 3  # two at most to identify, one to ask
        await expect(visit.answer()).to_contain_text(HOURS)


@asynccontextmanager
async def rendered(browser: Browser, folder: Path, **props: Any) -> AsyncIterator[Visit]:
    """A tab on a page that node rendered with these props, taken up by a development build, which warns."""
    esbuild = f"require({json.dumps(program('esbuild'))}).buildSync(JSON.parse(process.argv[1]))"
    options = {
        "entryPoints": ["hydrate.mjs"],
        "outfile": "bundle.js",
        "bundle": True,
        "define": {"process.env.NODE_ENV": '"development"'},
    }
    run(folder, "-e", esbuild, json.dumps(options))
    start = json.dumps(props)
    html = (
        f'<!doctype html><html lang="en"><head><title>An app</title><link rel="icon" href="data:,"></head><body>'
        f'<div id="root">{run(folder, "render.mjs", start)}</div>'
        f'<script id="start" type="application/json">{start}</script><script src="/bundle.js"></script></body></html>'
    )
    pages = {"/": page(200, html.encode(), HTML), "/bundle.js": page(200, (folder / "bundle.js").read_bytes(), CODE)}
    async with serving(pages) as site, tab(browser, site.url()) as visit:
        yield visit


async def change(visit: Visit, **props: Any) -> None:
    await visit.page.evaluate("props => change(props)", props)


def asked(visit: Visit, ending: str) -> int:
    return sum(url.endswith(ending) for url in visit.requests)


async def identity_of(begun: Awaitable[Request]) -> Any:
    return json.loads((await begun).post_data or "").get("identity")
