"""What a visitor does, in a real browser before the whole app."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from playwright.async_api import Browser, expect

from aivastark.app import create_app
from aivastark.backends.base import Backends
from tests.answers.scripted import Scripted
from tests.conftest import Settle
from tests.make import Body, Client, listening, read
from tests.web.stage import Visit, host_page, make_widget, visiting

HOURS = "The shop opens at nine."
LEADS = {
    "enabled": True,
    "fields": [
        {"key": "name", "label": "Your name"},
        {"key": "email", "label": "Your e-mail", "type": "email", "required": True},
        {"key": "size", "label": "Size", "type": "select", "options": ["S", "L"]},
        {"key": "about", "label": "About", "type": "textarea"},
    ],
    "consent": {"required": True, "text": "You may write to me.", "url": "https://example.com/privacy"},
}


async def conversation_of(shop: Client) -> Body:
    [conversation] = read(await shop.get("conversations"))["data"]
    assert isinstance(conversation, dict)
    return conversation


async def reply(shop: Client, text: str) -> None:
    conversation = await conversation_of(shop)
    said = await shop.post(f"conversations/{conversation['id']}/messages", {"content": text})
    assert said.status_code < 300, said.text


@asynccontextmanager
async def before_a_model(browser: Browser, backends: Backends, shop: Client, model: Scripted) -> AsyncIterator[Visit]:
    """A window, opened, whose questions this model answers."""
    widget = await make_widget(shop)
    async with (
        listening(create_app(replace(backends, llm=model))) as address,
        visiting(browser, host_page(address, widget["embed_key"])) as visit,
    ):
        await visit.opened()
        yield visit


async def test_a_question_is_answered_with_a_citation_that_opens(browser: Browser, address: str, shop: Client) -> None:
    widget = await make_widget(shop)

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text(HOURS)
        await visit.answer().get_by_role("button", name="Source 1").click()

        await expect(visit.answer().locator(".card")).to_contain_text(HOURS)
        assert visit.console == []


async def test_starters_rating_copy_and_retry(browser: Browser, address: str, shop: Client) -> None:
    widget = await make_widget(shop, content={"starters": ["When does the shop open?"]})

    async with visiting(
        browser, host_page(address, widget["embed_key"]), permissions=["clipboard-read", "clipboard-write"]
    ) as visit:
        await visit.opened()
        await visit.widget.get_by_role("button", name="When does the shop open?").click()
        await expect(visit.answer()).to_contain_text(HOURS)
        await visit.answer().get_by_role("button", name="Not helpful").click()
        await expect(visit.answer().get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
        await visit.answer().get_by_role("button", name="Copy").click()
        copied = await visit.page.evaluate("navigator.clipboard.readText()")
        await visit.answer().get_by_role("button", name="Try again").click()
        await expect(visit.answer()).to_contain_text(HOURS)

        assert copied == HOURS
        assert visit.console == []
    conversation = read(await shop.get(f"conversations/{(await conversation_of(shop))['id']}"))
    assert [message["feedback"]["rating"] for message in conversation["messages"] if message.get("feedback")] == [
        "down"
    ]


async def test_what_may_be_asked_next_is_asked_by_pressing_it(
    browser: Browser, address: str, shop: Client, settle: Settle
) -> None:
    parking = "Beside the shop are twelve places to park, and the shop takes no money for them."
    await shop.add(text=f"# Where can I park?\n\n{parking}", title="Parking", format="markdown", external_id="park")
    await settle()
    widget = await make_widget(shop)

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text(HOURS)
        await visit.widget.get_by_role("button", name="Where can I park?").press("Enter")
        await expect(visit.widget.get_by_role("log")).to_be_focused()
        await expect(visit.widget.locator(".turn.user .said").last).to_have_text("Where can I park?")
        await expect(visit.answer()).to_contain_text("twelve places to park")
        await expect(visit.widget.get_by_role("button", name="Where can I park?")).to_have_count(0)
        assert visit.console == []

    quiet = await make_widget(shop, behavior={"suggestions": False})
    async with visiting(browser, host_page(address, quiet["embed_key"])) as visit:
        await visit.opened()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text(HOURS)
        await expect(visit.widget.locator(".below .chip")).to_have_count(0)


async def test_a_visitor_leaves_an_address(browser: Browser, address: str, shop: Client) -> None:
    widget = await make_widget(shop, lead_capture={**LEADS, "triggers": [{"type": "message_count", "count": 1}]})

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.ask("When does the shop open?")
        form = visit.widget.locator("form.box")
        await form.get_by_label("Your name").fill("Ada")
        await form.get_by_role("button", name="Send").click()
        await expect(form.get_by_role("alert")).to_have_text("Please fill this in.")
        await form.get_by_label("Your e-mail").fill("ada")
        await form.get_by_role("button", name="Send").click()
        await expect(form.get_by_role("alert")).to_have_text("Please enter an e-mail address.")
        await form.get_by_label("Your e-mail").fill("ada@example.com")
        await form.get_by_label("Size").select_option("L")
        await form.get_by_label("About").fill("A parcel")
        await form.get_by_label("You may write to me.").check()
        await form.get_by_role("button", name="Send").click()
        await expect(visit.widget.get_by_text("Thank you. We will be in touch.")).to_be_visible()

    [lead] = read(await shop.get("leads"))["data"]
    assert (lead["name"], lead["email"]) == ("Ada", "ada@example.com")
    assert lead["fields"] == {"size": "L", "about": "A parcel"}


async def test_a_person_is_asked_for_and_the_reply_appears_by_itself(
    browser: Browser, address: str, shop: Client
) -> None:
    widget = await make_widget(shop)

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.ask("How do I get a refund for a flight to Mars?")
        await visit.widget.get_by_role("button", name="Talk to a person").click()
        await expect(visit.widget.get_by_text("A person will answer here.")).to_be_visible()
        await reply(shop, "Hello, this is Grace.")
        await expect(visit.widget.locator(".turn.agent")).to_contain_text("Hello, this is Grace.")
        await visit.ask("Thank you!")
        await expect(visit.widget.locator(".turn.user").last).to_contain_text("Thank you!")
        await visit.widget.get_by_role("button", name="Close chat").first.click()
        await reply(shop, "You are welcome.")

        await expect(visit.widget.locator(".badge")).to_have_attribute("title", "1")
        await visit.opened()
        await expect(visit.widget.locator(".turn.agent").last).to_contain_text("You are welcome.")
        await expect(visit.widget.locator(".badge")).to_have_count(0)
        await visit.page.wait_for_timeout(300)
        said = await visit.widget.locator(".turn:not(.greeting)").all_inner_texts()
        assert sum("Thank you!" in one for one in said) == 1


async def test_what_was_said_is_there_after_a_reload_and_on_another_page(
    browser: Browser, address: str, shop: Client
) -> None:
    widget = await make_widget(shop)

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text(HOURS)
        await visit.page.reload()
        await visit.opened()
        await expect(visit.answer()).to_contain_text(HOURS)
        await visit.page.goto(visit.page.url + "other")
        await visit.opened()
        await expect(visit.answer()).to_contain_text(HOURS)
        await visit.widget.get_by_role("button", name="New conversation").click()
        await expect(visit.widget.locator(".turn.user")).to_have_count(0)
        await visit.widget.get_by_role("button", name="Conversations").click()
        await visit.widget.locator(".past button").click()

        await expect(visit.answer()).to_contain_text(HOURS)
        assert visit.console == []


async def test_an_answer_under_way_is_taken_up_after_a_reload(
    browser: Browser, backends: Backends, shop: Client
) -> None:
    gate = asyncio.Event()
    model = Scripted(text=f"{HOURS} [1] It closes at five on Fridays. [1]", gate=gate, gate_at_chars=42)

    async with before_a_model(browser, backends, shop, model) as visit:
        await visit.ask("When does the shop open?")
        await expect(visit.widget.locator(".turn.assistant.writing")).to_contain_text(HOURS)
        await visit.page.reload()
        await visit.opened()
        await expect(visit.widget.locator(".turn.assistant.writing")).to_be_visible()
        gate.set()

        await expect(visit.answer()).to_contain_text("It closes at five on Fridays.")
        assert await visit.widget.locator(".turn.user").count() == 1
    assert len(model.prompts) == 1


async def test_a_reply_that_comes_while_an_answer_is_written_is_not_lost(
    browser: Browser, backends: Backends, shop: Client
) -> None:
    gate = asyncio.Event()
    model = Scripted(text=f"{HOURS} [1] It closes at five on Fridays. [1]", gate=gate)

    async with before_a_model(browser, backends, shop, model) as visit:
        gate.set()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text(HOURS)
        gate.clear()
        await visit.ask("When does it close on Fridays?")
        await expect(visit.widget.locator(".turn.assistant.writing")).to_be_visible()
        await reply(shop, "Hello, this is Grace.")
        await expect(visit.widget.locator(".turn.agent")).to_contain_text("Hello, this is Grace.")
        gate.set()


async def test_an_answer_is_stopped(browser: Browser, backends: Backends, shop: Client) -> None:
    gate = asyncio.Event()
    model = Scripted(text=f"{HOURS} [1] It closes at five on Fridays. [1]", gate=gate, gate_at_chars=42)

    async with before_a_model(browser, backends, shop, model) as visit:
        await visit.ask("When does the shop open?")
        await expect(visit.widget.locator(".turn.assistant.writing")).to_contain_text(HOURS)
        await visit.widget.get_by_role("button", name="Stop answering").click()

        await expect(visit.widget.get_by_role("button", name="Stop answering")).to_have_count(0)
        await expect(visit.widget.locator(".turn.assistant").last).to_contain_text(HOURS)
        gate.set()


async def test_offline_is_said_what_was_written_is_kept_and_it_goes_on(
    browser: Browser, address: str, shop: Client
) -> None:
    widget = await make_widget(shop)

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.context.set_offline(True)
        await visit.ask("When does the shop open?")
        await expect(visit.widget.get_by_text("You are offline.")).to_be_visible()
        await expect(visit.widget.get_by_role("textbox")).to_have_value("When does the shop open?")
        await visit.context.set_offline(False)
        await expect(visit.widget.get_by_text("You are offline.")).to_be_hidden()
        await visit.widget.get_by_role("textbox").press("Enter")

        await expect(visit.answer()).to_contain_text(HOURS)


async def test_a_limit_is_a_sentence(browser: Browser, address: str, shop: Client) -> None:
    widget = await make_widget(
        shop, limits={"messages_per_day": 1, "sentences": {"messages_per_day": "Enough for today."}}
    )

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.opened()
        await visit.ask("When does the shop open?")
        await expect(visit.answer()).to_contain_text(HOURS)
        await visit.ask("And on Fridays?")

        await expect(visit.widget.locator(".turn.assistant").last).to_contain_text("Enough for today.")


async def test_it_speaks_first_where_a_rule_says_so(browser: Browser, address: str, shop: Client) -> None:
    rule = {"trigger": "page_views", "value": 2, "message": "Can I help?", "once_per": "session"}
    widget = await make_widget(shop, behavior={"proactive": [rule]})

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.widget.locator(".launcher").wait_for()
        await expect(visit.widget.get_by_text("Can I help?")).to_have_count(0)
        await visit.page.goto(visit.page.url + "other")
        await visit.widget.get_by_role("button", name="Can I help?").click()
        await expect(visit.widget.get_by_role("textbox")).to_be_visible()


async def test_the_keyboard_is_enough(browser: Browser, address: str, shop: Client) -> None:
    widget = await make_widget(shop)

    async with visiting(browser, host_page(address, widget["embed_key"])) as visit:
        await visit.widget.locator(".launcher").wait_for()
        keyboard = visit.page.keyboard
        await keyboard.press("Tab")
        await keyboard.press("Enter")
        await keyboard.type("When does the shop open?")
        await keyboard.press("Shift+Enter")
        await keyboard.type("On Mondays?")
        await keyboard.press("Enter")
        await expect(visit.answer()).to_contain_text(HOURS)
        for _ in range(20):
            if (
                await visit.page.evaluate(
                    "document.querySelector('aivastark-widget').shadowRoot.activeElement?.className"
                )
                == "mark"
            ):
                break
            await keyboard.press("Shift+Tab")
        await keyboard.press("Enter")
        await expect(visit.answer().locator(".card")).to_be_visible()
        await keyboard.press("Escape")

        await expect(visit.widget.locator(".panel")).to_be_hidden()
        focused = "document.querySelector('aivastark-widget').shadowRoot.activeElement?.className"
        assert await visit.page.evaluate(focused) == "launcher"


@pytest.mark.parametrize("language", ["ar", "he", "fa", "de", "ja"])
async def test_it_speaks_the_pages_language(browser: Browser, address: str, shop: Client, language: str) -> None:
    widget = await make_widget(shop)
    html = host_page(address, widget["embed_key"]).replace(b'lang="en"', f'lang="{language}"'.encode())

    async with visiting(browser, html) as visit:
        await visit.opened()
        direction = await visit.widget.locator(".root").get_attribute("dir")
        name = await visit.widget.locator("form.ask button").get_attribute("aria-label")

    assert direction == ("rtl" if language in ("ar", "he", "fa") else "ltr")
    assert name not in ("Send", None)
