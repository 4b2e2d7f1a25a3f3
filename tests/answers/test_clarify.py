"""A question that several headings answer is asked back; what is chosen is answered, and nothing counts as a gap."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from aivastark.answers.clarify import WHICH
from aivastark.answers.refusal import REFUSALS
from aivastark.app import create_app
from aivastark.backends.base import Backends
from tests.answers.scripted import Scripted
from tests.conftest import Settle
from tests.make import Body, Client, Tenant, calling, events_in, read

IN_THE_APP = """# Reset your password in the app

Open the menu, choose Account and tap Reset. The app sends you a link by e-mail.
"""
IN_THE_CONSOLE = """# Reset your password in the admin console

Ask an administrator to open Users and to choose New password. It is valid for one day.
"""
INVOICES = """# Download invoices

Invoices are listed under Billing, where each can be downloaded as a PDF.
"""
AMBIGUOUS = "How do I reset my password?"
APP, CONSOLE = "Reset your password in the app", "Reset your password in the admin console"


@pytest.fixture
def model() -> Scripted | None:
    return None


@pytest.fixture
async def bot(backends: Backends, tenant: Tenant, settle: Settle, model: Scripted | None) -> AsyncIterator[Client]:
    async with calling(create_app(replace(backends, llm=model)), tenant.key) as http:
        client = Client(http=http, tenant=tenant)
        for text in (IN_THE_APP, IN_THE_CONSOLE, INVOICES):
            await client.add(text=text, format="markdown")
        await settle()
        yield client


async def ask(bot: Client, message: str) -> Body:
    return await bot.ask(message, session_id="s")


async def test_an_ambiguous_question_is_asked_back_with_the_headings_as_they_stand(bot: Client) -> None:
    given = await ask(bot, AMBIGUOUS)

    assert sorted(given["suggestions"]) == sorted([APP, CONSOLE])
    assert given["answer"] == "\n- ".join([WHICH["en"], *given["suggestions"]])
    assert given["confidence_reasons"] == ["clarifying_question"]
    assert (given["answered"], given["citations"], given["handoff_offered"]) == (False, [], False)


@pytest.mark.parametrize(
    ("reply", "words"),
    [(APP, "tap Reset"), (CONSOLE, "Ask an administrator"), ("the admin console", "Ask an administrator")],
)
async def test_what_is_chosen_is_answered_from_under_its_heading(bot: Client, reply: str, words: str) -> None:
    await ask(bot, AMBIGUOUS)

    given = await ask(bot, reply)

    assert given["answered"]
    assert words in given["answer"]
    assert given["read_as"]["by"] == "rules"
    assert given["read_as"]["text"].startswith(AMBIGUOUS)


async def test_it_is_never_asked_back_twice_in_a_row(bot: Client) -> None:
    assert (await ask(bot, AMBIGUOUS))["confidence_reasons"] == ["clarifying_question"]

    again = await ask(bot, AMBIGUOUS)

    assert "clarifying_question" not in again["confidence_reasons"]
    assert again["answered"]


@pytest.mark.parametrize("whole", [APP, "How do I reset my password in the app?", "Where can I download invoices?"])
async def test_a_question_that_says_what_it_means_is_answered(bot: Client, whole: str) -> None:
    assert (await ask(bot, whole))["answered"]


async def test_what_is_called_exactly_as_was_asked_is_meant(bot: Client, settle: Settle) -> None:
    await bot.add(text="# Reset password\n\nOn the sign-in page, choose Forgot password.", format="markdown")
    await settle()

    assert (await ask(bot, AMBIGUOUS))["answered"]


async def test_headings_that_are_the_same_are_told_apart_by_their_titles(bot: Client, settle: Settle) -> None:
    for title, how in (("Windows", "Run the setup program."), ("Linux", "Unpack the archive and run the script.")):
        await bot.add(text=f"# {title}\n\n## Installation\n\n{how}", format="markdown", title=title)
    await settle()

    given = await ask(bot, "Installation?")

    assert sorted(given["suggestions"]) == ["Linux › Installation", "Windows › Installation"]
    chosen = await ask(bot, given["suggestions"][0])
    assert chosen["citations"][0]["title"] == given["suggestions"][0].partition(" ")[0]


async def test_it_is_no_gap_no_doubt_and_no_refusal_in_the_books(bot: Client) -> None:
    given = await ask(bot, AMBIGUOUS)

    told = {event["type"] for event in read(await bot.get("events", limit=100))["data"]}
    assert told == {"knowledge.updated"}
    assert read(await bot.get("analytics/gaps"))["data"] == []
    overview = read(await bot.get("analytics/overview"))
    assert (overview["messages"]["answered"], overview["messages"]["refused"]) == (0, 0)
    conversation = read(await bot.get(f"conversations/{given['conversation_id']}"))
    assert [message["answered"] for message in conversation["messages"]] == [None, None]
    assert conversation["min_confidence"] is None


async def test_a_project_can_do_without_it(bot: Client) -> None:
    await bot.patch("", {"answers": {"clarify": False}})

    assert (await ask(bot, AMBIGUOUS))["answered"]


async def test_what_is_not_to_be_spoken_of_is_not_offered(bot: Client) -> None:
    await bot.patch("", {"answers": {"forbidden_topics": ["admin console"]}})

    given = await ask(bot, AMBIGUOUS)

    assert CONSOLE not in given["suggestions"]
    assert given["confidence_reasons"] != ["clarifying_question"]


@pytest.mark.parametrize("model", [Scripted(text="Whatever. [1]")], ids=["scripted"])
async def test_a_language_model_is_not_asked_and_a_stream_tells_the_same(bot: Client, model: Scripted) -> None:
    given = await bot.post("query", {"message": AMBIGUOUS, "stream": True})

    events = events_in(given.text)
    [answer] = [event.body for event in events if event.kind == "answer"]
    assert answer["confidence_reasons"] == ["clarifying_question"]
    assert "".join(event.body["delta"] for event in events if event.kind == "token") == answer["answer"]
    assert model.prompts == []


def test_it_is_asked_in_every_language_that_refusals_are_in() -> None:
    assert WHICH.keys() == REFUSALS.keys()
