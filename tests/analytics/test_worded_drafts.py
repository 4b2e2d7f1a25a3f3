"""A gap's article in a language model's words: every sentence is proven by a reply, or it is not in the draft."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.backends.llm.base import ModelFailed
from tests.answers.scripted import Scripted
from tests.make import Body, Client, Tenant, calling, read

QUESTION = "Where do guests park?"
REPLY = "Hello Ann! Guests park behind the house. Parking costs 4 euros a day."
HONEST = "Guests park behind the house. [1] Parking costs 4 euros a day. [1]"


@pytest.fixture
def model() -> Scripted:
    return Scripted(text=HONEST)


@pytest.fixture
async def bot(backends: Backends, model: Scripted, tenant: Tenant) -> AsyncIterator[Client]:
    async with calling(create_app(replace(backends, llm=model)), tenant.key) as http:
        yield Client(http=http, tenant=tenant)


async def draft_of(bot: Client) -> Body:
    """The draft of a gap that a person has replied to."""
    answer = await bot.ask(QUESTION)
    await bot.post(f"conversations/{answer['conversation_id']}/messages", {"content": REPLY})
    return read(await bot.post(f"analytics/gaps/{answer['id'].replace('msg_', 'gap_')}/draft"))


async def test_a_draft_is_in_the_models_words_with_the_proof_of_each_sentence(bot: Client, model: Scripted) -> None:
    draft = await draft_of(bot)

    assert draft["text"] == f"# {QUESTION}\n\nGuests park behind the house. Parking costs 4 euros a day.\n"
    assert draft["model"] == "scripted"
    [reply] = draft["quotes"]
    assert {one["message_id"] for one in draft["sentences"]} == {reply["message_id"]}
    assert all(one["quote"] in reply["text"] for one in draft["sentences"])
    assert read(await bot.get("analytics/gaps"))["data"], "nothing is kept of a draft"


@pytest.mark.parametrize(
    "invented", ["Guests park for free. [1]", "Parking costs 40 euros a day. [1]", "Guests do not park there. [1]"]
)
async def test_a_sentence_that_no_reply_proves_is_left_out(bot: Client, model: Scripted, invented: str) -> None:
    model.text = f"{HONEST} {invented}"

    draft = await draft_of(bot)

    assert draft["model"] == "scripted"
    assert invented.partition(" [")[0] not in draft["text"]


@pytest.mark.parametrize("text", ["Call us at night. [1] We have a pool. [1] Guests park behind the house. [1]", "..."])
async def test_a_model_that_mostly_makes_things_up_leaves_it_to_the_replies(
    bot: Client, model: Scripted, text: str
) -> None:
    model.text = text

    draft = await draft_of(bot)

    assert (draft["model"], draft["sentences"]) == (None, [])
    assert REPLY in draft["text"]


async def test_a_model_that_fails_leaves_it_to_the_replies(bot: Client, model: Scripted) -> None:
    model.failure = ModelFailed("unavailable", "It has trouble.")

    draft = await draft_of(bot)

    assert draft["model"] is None
    assert REPLY in draft["text"]


async def test_replies_with_personal_values_are_shown_to_no_model(bot: Client, model: Scripted) -> None:
    await bot.patch("", {"privacy": {"mask": ["email"]}})
    answer = await bot.ask(QUESTION)
    told = "Guests park behind the house. Write to ann@example.com."
    await bot.post(f"conversations/{answer['conversation_id']}/messages", {"content": told})
    asked = len(model.prompts)

    draft = read(await bot.post(f"analytics/gaps/{answer['id'].replace('msg_', 'gap_')}/draft"))

    assert draft["model"] is None
    assert len(model.prompts) == asked
