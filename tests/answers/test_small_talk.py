"""Greetings, thanks and "are you a bot?" over the whole app: answered in kind, and no part of anything else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.conversations.models import Conversation
from aivastark.conversations.resolution import IDLE_AFTER, settle_idle
from aivastark.database import WriteSession
from aivastark.kit.clock import utc_now
from tests.answers.scripted import Scripted
from tests.conftest import Settle
from tests.make import Client, Tenant, calling, events_in, read

TEXT = """# Annual leave

Every employee has 28 days of annual leave a year. Unused days of annual leave expire on 31 March.
"""
QUESTION = "How many days of annual leave does an employee have?"


@pytest.fixture
async def bot(api: Client, settle: Settle) -> Client:
    """A project that knows one text."""
    await api.add(text=TEXT, format="markdown", title="Handbook")
    await settle()
    return api


async def test_it_gets_a_sentence_in_its_language_without_citations(bot: Client) -> None:
    answer = await bot.ask("Vielen Dank!")

    assert answer["answer"].startswith("Gern geschehen")
    assert (answer["answered"], answer["citations"], answer["suggestions"]) == (True, [], [])
    assert (answer["confidence"], answer["confidence_level"]) == (1.0, "high")
    assert (answer["confidence_reasons"], answer["model"]) == (["small_talk"], "small_talk")
    assert answer["language"] == "de"


async def test_asked_for_a_language_it_answers_in_that(bot: Client) -> None:
    answer = await bot.ask("Hi", language="sv")

    assert answer["answer"].startswith("Hej")


async def test_it_says_that_it_is_no_person_and_passes_nobody_on(bot: Client) -> None:
    answer = await bot.ask("Am I talking to a human?")

    assert "automated assistant, not a person" in answer["answer"]
    conversation = read(await bot.get(f"conversations/{answer['conversation_id']}"))
    assert conversation["status"] == "open"


async def test_a_language_model_is_not_troubled(backends: Backends, tenant: Tenant) -> None:
    model = Scripted(text="I am Bob. [1]")
    async with calling(create_app(replace(backends, llm=model)), tenant.key) as http:
        answer = await Client(http=http, tenant=tenant).ask("Who are you?")

    assert answer["model"] == "small_talk"
    assert model.prompts == []


async def test_it_streams_like_any_answer(bot: Client) -> None:
    events = events_in((await bot.post("query", {"message": "Hello", "stream": True})).text)

    assert [events[0].kind, *(event.kind for event in events[-3:-1])] == ["message.start", "answer", "done"]
    assert "".join(event.body["delta"] for event in events if event.kind == "token").startswith("Hello.")


async def test_a_question_after_thanks_still_means_what_was_asked_before(bot: Client) -> None:
    await bot.ask(QUESTION, session_id="s1")
    for _ in range(3):
        await bot.ask("Thanks!", session_id="s1")

    answer = await bot.ask("And when do they expire?", session_id="s1")

    assert "31 March" in answer["answer"]


async def test_thanks_with_a_question_is_a_question(bot: Client) -> None:
    answer = await bot.ask(f"Thanks! {QUESTION}")

    assert answer["model"] == "extractive"
    assert answer["citations"]


async def test_it_counts_as_no_answer_and_no_refusal(bot: Client) -> None:
    first = await bot.ask("Hello", session_id="s1")
    refused = await bot.ask("What does the moon weigh?", session_id="s1")
    await bot.ask("Thanks", session_id="s1")

    messages = read(await bot.get("analytics/overview"))["messages"]
    conversation = read(await bot.get(f"conversations/{first['conversation_id']}"))

    assert (messages["answered"], messages["refused"]) == (0, 1)
    assert conversation["min_confidence"] == pytest.approx(refused["confidence"], abs=1e-3)
    assert [one["answered"] for one in conversation["messages"] if one["role"] == "assistant"] == [None, False, None]


@pytest.mark.parametrize(
    ("question", "resolution"), [(QUESTION, "assumed"), ("What does the moon weigh?", "abandoned")]
)
async def test_thanks_settle_nothing(bot: Client, backends: Backends, question: str, resolution: str) -> None:
    asked = await bot.ask(question, session_id="s1")
    await bot.ask("Thanks", session_id="s1")

    def later(session: WriteSession) -> None:
        session.execute(
            update(Conversation)
            .where(Conversation.project_id == bot.tenant.project_id)
            .values(updated_at=utc_now() - IDLE_AFTER - timedelta(minutes=1))
        )
        settle_idle(session)

    await backends.db.write(later)

    assert read(await bot.get(f"conversations/{asked['conversation_id']}"))["resolution"] == resolution


async def test_a_pinned_answer_goes_before_it(bot: Client) -> None:
    await bot.post("pinned-answers", {"questions": ["Who are you?"], "answer": "The bot of the harbour office."})

    assert (await bot.ask("Who are you?"))["answer"] == "The bot of the harbour office."


async def test_a_project_can_switch_it_off(bot: Client) -> None:
    await bot.patch("", {"answers": {"small_talk": False}})

    assert (await bot.ask("Hello"))["model"] == "extractive"


async def test_a_person_is_passed_on_after_small_talk_alone(bot: Client) -> None:
    await bot.ask("Hello", session_id="s1")

    handed = read(await bot.post("query", {"message": "Can I talk to a human?", "session_id": "s1"}))

    pack = read(await bot.get(f"conversations/{handed['conversation_id']}"))
    assert handed["confidence_reasons"] == ["person_requested"]
    assert pack["status"] != "open"
