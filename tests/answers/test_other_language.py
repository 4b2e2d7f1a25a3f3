"""An answer from documents in another language says so in the question's, and shows their own words."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from aivastark.answers.other_language import FOUND_IN
from aivastark.answers.refusal import REFUSALS
from aivastark.app import create_app
from aivastark.backends.base import Backends
from tests.answers.proof import assert_proven, assert_stream_holds, streamed, texts_of
from tests.answers.scripted import Scripted
from tests.conftest import Settle
from tests.make import Client, Tenant, calling

PARCELS = """Express parcels of Nordlicht Versand arrive the next day and cost 12 euros.
A parcel that nobody takes is kept at the post office for seven days."""
GERMAN = "Was kostet ein Paket von Nordlicht Versand mit Express und wann ist es da?"
OPENING = "Dazu habe ich dies in einer anderen Sprache gefunden (English):\n"


@pytest.fixture
def model() -> Scripted | None:
    return None


@pytest.fixture
async def bot(backends: Backends, tenant: Tenant, settle: Settle, model: Scripted | None) -> AsyncIterator[Client]:
    """A project that shows what it has, however doubtful: the packaged model finds little across languages."""
    async with calling(create_app(replace(backends, llm=model)), tenant.key) as http:
        client = Client(http=http, tenant=tenant)
        await client.patch("", {"thresholds": {"answer": 0.0}})
        await client.add(text=PARCELS, title="Nordlicht Versand")
        await settle()
        yield client


@pytest.mark.parametrize(
    "model",
    [None, Scripted(text="Express parcels of Nordlicht Versand arrive the next day and cost 12 euros. [1]")],
    ids=["extractive", "scripted"],
)
async def test_words_in_another_language_stand_behind_a_sentence_in_the_visitors(bot: Client) -> None:
    events = await streamed(bot, GERMAN)

    answer = await assert_stream_holds(bot, events)
    assert answer["answered"]
    assert answer["answer"].startswith(f"{OPENING}Express parcels of Nordlicht Versand arrive the next day")
    assert answer["citations"][0]["answer_span"]["start"] == len(OPENING)
    assert_proven(answer, await texts_of(bot, answer["citations"][0]["source_id"]))


@pytest.mark.parametrize("question", ["What does an Express parcel of Nordlicht Versand cost?", "Nordlicht Versand?"])
async def test_an_answer_in_the_questions_language_needs_no_such_sentence(bot: Client, question: str) -> None:
    answer = await bot.ask(question)

    assert answer["answered"]
    assert answer["citations"][0]["answer_span"]["start"] == 0


async def test_where_the_words_do_not_tell_the_language_that_is_asked_for_counts(bot: Client) -> None:
    answer = await bot.ask("Nordlicht Versand Express?", language="fr")

    assert answer["answer"].startswith("Voici ce que j'ai trouvé dans une autre langue (English)")


def test_it_is_said_in_every_language_that_refusals_are_in() -> None:
    assert FOUND_IN.keys() == REFUSALS.keys()
