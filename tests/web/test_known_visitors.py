"""Visitors whom the site vouches for, in a real browser: which calls carry its word, and when none does any more."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from playwright.async_api import Browser, Request, expect

from aivastark.app import create_app
from aivastark.backends.base import Backends
from tests.answers.scripted import Scripted
from tests.make import Client, listening, read
from tests.web.stage import Visit, host_page, make_widget, visiting
from tests.web.test_journeys import HOURS, LEADS
from tests.widgets.test_identity import hash_for, token_for

BEFORE = "<script>window.Aivastark = function () { (Aivastark.q = Aivastark.q || []).push(arguments) };%s</script>"


def calls_of(visit: Visit) -> list[Request]:
    """What is asked for from now on, as it comes."""
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    visit.context.on("request", note)
    return asked


def words_for(asked: Sequence[Request]) -> list[str | None]:
    """The site's word in each call that is a visitor's own, in order."""
    own = [one for one in asked if "/v1/widget/" in one.url and not one.url.endswith(("/config", "/session"))]
    return [one.headers.get("x-visitor-identity") for one in own]


def visits_begun(asked: Sequence[Request]) -> int:
    return sum(one.url.endswith("/session") for one in asked)


async def stored(visit: Visit) -> str:
    return str(await visit.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])"))


async def test_every_call_carries_the_users_word_until_he_signs_out_and_none_afterwards(
    browser: Browser, address: str, shop: Client
) -> None:
    widget = await make_widget(shop, security={"identity": "required"})
    token = token_for(widget, "u1", name="Ada")
    page = host_page(address, widget["embed_key"], head=BEFORE % f'Aivastark("identify", {{token: "{token}"}})')

    async with visiting(browser, page) as visit:
        asked = calls_of(visit)
        await visit.page.reload()
        await visit.opened()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text(HOURS)
        await visit.answer().get_by_role("button", name="Helpful", exact=True).click()
        await visit.widget.get_by_role("button", name="Conversations").click()
        await expect(visit.widget.locator(".past button")).to_have_count(1)

        assert visits_begun(asked) == 1
        assert set(words_for(asked)) == {token}
        assert len(words_for(asked)) >= 4
        assert "akv_vis_" in await stored(visit)

        asked.clear()
        await visit.widget.get_by_role("textbox").fill("What I was about to say")
        await visit.call("reset")
        await expect(visit.widget.locator(".turn.user")).to_have_count(0)
        await expect(visit.widget.locator(".past")).to_be_hidden()
        await expect(visit.widget.get_by_role("textbox")).to_have_value("")
        assert HOURS not in await visit.widget.locator(".root").evaluate("one => one.textContent")
        assert "akv_vis_" not in await stored(visit)
        await visit.ask("When does the shop open?")
        await expect(visit.widget.locator(".turn.user.failed")).to_be_visible()
        assert [one.headers.get("x-visitor-identity") for one in asked] == [None] * len(asked)
        assert all(token not in (one.post_data or "") for one in asked)
        assert visits_begun(asked) >= 1

    [conversation] = read(await shop.get("conversations"))["data"]
    assert (conversation["visitor"]["user_id"], conversation["visitor"]["name"]) == ("u1", "Ada")


async def test_who_signs_in_later_stays_signed_in_in_another_language_and_sees_nothing_of_the_first(
    browser: Browser, address: str, shop: Client
) -> None:
    email = {"key": "email", "label": "Your e-mail", "type": "email", "required": True}
    leads = {**LEADS, "fields": [email], "triggers": [{"type": "manual"}]}
    widget = await make_widget(shop, security={"identity": "optional"}, lead_capture=leads)
    first, second = (hash_for(widget, user) for user in ("u1", "u2"))

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.call("identify", {"user_id": "u1", "user_hash": first})
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text(HOURS)
        form = visit.widget.locator("form.box")
        await visit.call("lead")
        await form.locator("[name=email]").fill("ada@example.com")
        await form.get_by_role("checkbox").check()
        await form.locator("[type=submit]").click()
        await expect(form).to_have_count(0)
        await visit.widget.get_by_role("textbox").fill("What I was about to say")

        asked = calls_of(visit)
        async with visit.page.expect_response(lambda one: "/events" in one.url):
            await visit.call("identify", {"user_id": "u1", "user_hash": first})
        await expect(visit.widget.get_by_role("textbox")).to_have_value("What I was about to say")
        asked.clear()
        async with visit.page.expect_response(lambda one: one.url.endswith("/session")) as begun:
            await visit.call("identify", {"user_id": "u2", "user_hash": second})
        assert (await (await begun.value).json())["visitor"]["user_id"] == "u2"
        await expect(visit.widget.locator(".turn.user")).to_have_count(0)
        await expect(visit.widget.get_by_role("textbox")).to_have_value("")
        await visit.call("lead")
        await expect(form).to_be_visible()
        async with visit.page.expect_response(lambda one: one.url.endswith("/session")) as again:
            await visit.call("update", {"language": "he"})
        assert (await (await again.value).json())["visitor"]["user_id"] == "u2"
        await expect(visit.widget.locator("[dir=rtl] .panel")).to_be_visible()
        await visit.ask("When is a parcel shipped?")
        await expect(visit.answer()).to_contain_text("two days")

        assert visits_begun(asked) == 2
        assert set(words_for(asked)) == {second}

    said = read(await shop.get("conversations"))["data"]
    assert {one["visitor"]["user_id"] for one in said} == {"u1", "u2"}


async def test_an_answer_that_comes_after_the_signing_out_signs_nobody_in(
    browser: Browser, address: str, shop: Client
) -> None:
    widget = await make_widget(shop, security={"identity": "optional"})

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.widget.locator(".launcher").wait_for()
        async with visit.page.expect_response(lambda one: one.url.endswith("/session")) as begun:
            await visit.page.evaluate(
                "proof => { Aivastark('identify', proof); Aivastark('reset') }",
                {"user_id": "u1", "user_hash": hash_for(widget, "u1")},
            )
        await (await begun.value).finished()
        await visit.opened()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text(HOURS)

    [conversation] = read(await shop.get("conversations"))["data"]
    assert conversation["visitor"]["verified"] is False


async def test_an_answer_under_way_goes_with_who_becomes_known_and_not_with_the_next_one(
    browser: Browser, backends: Backends, shop: Client
) -> None:
    gate = asyncio.Event()
    model = Scripted(text=f"{HOURS} [1] It closes at five on Fridays. [1]", gate=gate, gate_at_chars=42)
    widget = await make_widget(shop, security={"identity": "optional"})

    async with (
        listening(create_app(replace(backends, llm=model))) as address,
        visiting(browser, host_page(address, widget["embed_key"])) as visit,
    ):
        await visit.opened()
        writing = visit.widget.locator(".turn.assistant.writing")
        await visit.ask("When does the shop open?")
        await expect(writing).to_contain_text(HOURS)
        async with visit.page.expect_response(lambda one: one.url.endswith("/stream")) as taken_up:
            await visit.call("identify", {"user_id": "u1", "user_hash": hash_for(widget, "u1")})
        assert (await taken_up.value).status == 200
        await expect(writing).to_contain_text(HOURS)
        async with visit.page.expect_response(lambda one: one.url.endswith("/session")) as begun:
            await visit.call("identify", {"user_id": "u2", "user_hash": hash_for(widget, "u2")})
        assert (await (await begun.value).json())["resumed"] is False
        await expect(visit.widget.locator(".turn.user")).to_have_count(0)
        gate.set()
        await visit.ask("When does it close on Fridays?")
        await expect(visit.answer()).to_contain_text("It closes at five on Fridays.")

        assert await visit.widget.locator(".turn.user").all_inner_texts() == ["You\nWhen does it close on Fridays?"]
