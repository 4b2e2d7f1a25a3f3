# ruff: noqa: E501
"""A good guest: on pages with strict policies, hostile styles and bodies that are swapped, it works and leaves no trace."""

import pytest
from playwright.async_api import Browser, expect

from tests.make import Client
from tests.web.stage import Visit, host_page, make_widget, tab, visiting

HOSTILE = """<style>
* { all: revert; display: none; transform: rotate(3deg) !important; font-size: 3px !important; color: red !important }
html, head ~ body, body, main, h1, p { display: block !important }
div:empty, :empty { display: none !important; visibility: hidden !important; opacity: 0 !important }
body > *:not(main) { display: none; opacity: 0; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); pointer-events: none }
main { position: relative; z-index: 2147483647 } button, input, textarea { display: none !important; all: unset !important }
</style>"""


async def answered(visit: Visit) -> None:
    await visit.opened()
    await visit.ask("When does the shop open?")
    await expect(visit.answer()).to_contain_text("The shop opens at nine.")


async def test_it_works_where_everything_is_forbidden_but_itself(browser: Browser, address: str, shop: Client) -> None:
    key = (await make_widget(shop))["embed_key"]
    policy = (
        f"default-src 'none'; script-src 'nonce-abc'; connect-src {address}; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    script = f'<script src="{address}/widget.js" nonce="abc" data-key="{key}" defer></script>'
    html = host_page(address, key, script=script).replace(b'<link rel="icon" href="data:,">', b"")

    async with visiting(browser, html, headers={"Content-Security-Policy": policy}) as visit:
        await answered(visit)

        assert [line for line in visit.console if "favicon" not in line and "404" not in line] == []


async def test_hostile_styles_of_the_page_do_not_reach_it(browser: Browser, address: str, shop: Client) -> None:
    key = (await make_widget(shop))["embed_key"]

    async with visiting(browser, host_page(address, key, head=HOSTILE)) as visit:
        await answered(visit)
        box = await visit.widget.locator(".panel").bounding_box()
        size = await visit.widget.locator("textarea").evaluate("one => getComputedStyle(one).fontSize")

    assert box is not None
    assert box["width"] >= 390
    assert box["height"] >= 500
    assert float(size.removesuffix("px")) >= 15


@pytest.mark.parametrize("swap", ["document.body.replaceWith(document.createElement('body'))",
                                  "document.body.replaceChildren()",
                                  "document.querySelector('aivastark-widget').remove()"])  # fmt: skip
async def test_it_outlives_a_body_that_is_swapped(browser: Browser, address: str, shop: Client, swap: str) -> None:
    key = (await make_widget(shop))["embed_key"]

    async with visiting(browser, host_page(address, key)) as visit:
        await answered(visit)
        await visit.page.evaluate(f"() => {{ {swap}; history.pushState(null, '', '/other') }}")

        await expect(visit.answer()).to_contain_text("The shop opens at nine.")
        await visit.ask("When is a parcel shipped?")
        await expect(visit.answer()).to_contain_text("two days")
        assert await visit.page.locator("aivastark-widget").count() == 1


async def test_included_twice_it_is_there_once(browser: Browser, address: str, shop: Client) -> None:
    key = (await make_widget(shop))["embed_key"]
    line = f'<script src="{address}/widget.js" data-key="{key}" defer></script>'

    async with visiting(browser, host_page(address, key, script=line + line)) as visit:
        await answered(visit)

        assert await visit.page.locator("aivastark-widget").count() == 1
        assert len([url for url in visit.requests if url.endswith("/config")]) == 1


async def test_on_a_page_it_is_not_for_there_is_a_line_in_the_console_and_nothing_else(
    browser: Browser, address: str, shop: Client
) -> None:
    key = (await make_widget(shop, security={"allowed_domains": ["shop.example.com"]}))["embed_key"]

    async with visiting(browser, host_page(address, key)) as visit:
        async with visit.page.expect_console_message(lambda message: "Aivastark" in message.text):
            await visit.page.reload()

        assert await visit.page.locator("aivastark-widget").count() == 0
        assert [line for line in visit.console if line.startswith("thrown")] == []


@pytest.mark.parametrize(
    ("key", "said"), [("akv_live_0123456789", "revoke it"), ("nonsense", "embed key"), ("", "data-key")]
)
async def test_another_key_is_explained_and_never_sent(
    browser: Browser, address: str, shop: Client, key: str, said: str
) -> None:
    async with visiting(browser, host_page(address, key)) as visit:
        await visit.page.wait_for_load_state("load")
        await visit.page.wait_for_function("window.Aivastark !== undefined")
        await visit.page.wait_for_timeout(300)

        assert any(said in line for line in visit.console)
        assert [url for url in visit.requests if "/v1/" in url] == []


async def test_it_leaves_one_name_and_no_cookie(browser: Browser, address: str, shop: Client) -> None:
    key = (await make_widget(shop))["embed_key"]
    watch = "<script>window.before = new Set(Object.getOwnPropertyNames(window))</script>"

    async with visiting(browser, host_page(address, key, head=watch)) as visit:
        await visit.widget.locator(".launcher").wait_for()
        await visit.page.wait_for_timeout(300)
        seen = await visit.page.evaluate(
            "() => [Object.getOwnPropertyNames(window).filter(n => !before.has(n) && n !== 'before'), document.cookie]"
        )

        assert seen == [["Aivastark"], ""]
        assert await visit.context.cookies() == []
        assert [url for url in visit.requests if "/session" in url] == []


async def test_the_page_speaks_to_it_before_and_after_it_has_loaded(
    browser: Browser, address: str, shop: Client
) -> None:
    key = (await make_widget(shop))["embed_key"]
    queue = """<script>window.told = []; window.Aivastark = function () { (Aivastark.q = Aivastark.q || []).push(arguments) };
      for (const one of ["ready", "open", "close", "answer"]) Aivastark("on", one, () => told.push(one));
      Aivastark("send", "When does the shop open?");
      Aivastark("update", {language: "en-GB"});
      addEventListener("DOMContentLoaded", () => Aivastark("on", "ready", () => told.push("ready, heard before it was idle")))</script>"""

    async with visiting(browser, host_page(address, key, head=queue)) as visit:
        await expect(visit.answer()).to_contain_text("The shop opens at nine.")
        assert await visit.widget.locator(".root").get_attribute("lang") == "en-GB"
        await visit.call("close")
        await expect(visit.widget.locator(".panel")).to_be_hidden()
        await visit.call("toggle")
        await expect(visit.widget.locator(".panel")).to_be_visible()
        await visit.call("reset")
        await expect(visit.widget.locator(".turn.user")).to_have_count(0)
        await visit.call("update", {"language": "he"})
        await expect(visit.widget.locator("[dir=rtl] .launcher")).to_be_attached()
        await visit.call("destroy")

        assert await visit.page.locator("aivastark-widget").count() == 0
        told = await visit.page.evaluate("told")
        assert {"ready", "ready, heard before it was idle", "open", "close", "answer"} <= set(told)


async def test_the_demo_page_works_under_its_own_policy(browser: Browser, address: str, shop: Client) -> None:
    key = (await make_widget(shop))["embed_key"]

    async with tab(browser, f"{address}/demo") as visit:
        assert key in await visit.page.locator("#snippet").inner_text()
        await visit.page.get_by_role("button", name="open", exact=True).click()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text("The shop opens at nine.")

        assert visit.console == []


async def test_a_page_that_asks_for_isolation_may_have_it(browser: Browser, address: str, shop: Client) -> None:
    key = (await make_widget(shop))["embed_key"]
    headers = {"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Opener-Policy": "same-origin"}

    async with visiting(browser, host_page(address, key), headers=headers) as visit:
        await answered(visit)
