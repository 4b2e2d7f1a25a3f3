"""Conversations as they are listed: filtered, kept apart, counted."""

import asyncio
from datetime import timedelta

from sqlalchemy import select, update

from aivastark.backends.base import Backends
from aivastark.conversations.models import Conversation
from aivastark.events import Event
from aivastark.kit.clock import to_wire, utc_now
from tests.conftest import Settle
from tests.make import Client, assert_error, read


async def listed(api: Client, **filters: object) -> list[str]:
    return [row["id"] for row in read(await api.get("conversations", **filters))["data"]]


async def test_a_session_is_one_conversation_and_another_is_another(api: Client) -> None:
    first = await api.ask("Hello?", session_id="a")
    again = await api.ask("Anybody there?", session_id="a")
    other = await api.ask("Hello?")

    assert first["conversation_id"] == again["conversation_id"] != other["conversation_id"]
    assert other["session_id"].startswith("sess_")
    assert await listed(api) == [other["conversation_id"], first["conversation_id"]]


async def test_the_same_session_of_another_project_is_another_conversation(api: Client, stranger: Client) -> None:
    ours, theirs = await api.ask("Hello?", session_id="a"), await stranger.ask("Hello?", session_id="a")

    assert ours["conversation_id"] != theirs["conversation_id"]
    assert await listed(api) == [ours["conversation_id"]]


async def test_conversations_are_filtered_by_words_time_status_and_tag(api: Client, backends: Backends) -> None:
    kettle = (await api.ask("Where is my 100% kettle?"))["conversation_id"]
    teapot = (await api.ask("Where is my teapot?"))["conversation_id"]
    await backends.db.write(
        lambda session: session.execute(
            update(Conversation)
            .where(Conversation.project_id == api.tenant.project_id, Conversation.id == kettle)
            .values(tags=["vip"], status="closed", updated_at=utc_now() - timedelta(days=2))
        )
    )
    yesterday = to_wire(utc_now() - timedelta(days=1))

    assert await listed(api, q="100% KETTLE") == [kettle]
    assert await listed(api, q="1000") == []
    assert await listed(api, **{"from": yesterday}) == [teapot]
    assert await listed(api, to=yesterday) == [kettle]
    assert await listed(api, status="closed") == [kettle]
    assert await listed(api, tag="vip") == [kettle]
    assert await listed(api, channel="widget") == []
    assert_error(await api.get("conversations", status="asleep"), 422, "invalid_request", param="status")


async def test_the_least_confident_answer_is_what_a_conversation_is_found_by(api: Client, settle: Settle) -> None:
    await api.add(text="The workshop in Leeds repairs every kettle within ten days.")
    await settle()
    refused = await api.ask("Who painted the ceiling of the Sistine Chapel?", session_id="a")
    answered = await api.ask("How long does the workshop take to repair a kettle?", session_id="a")

    conversation = read(await api.get(f"conversations/{refused['conversation_id']}"))

    assert answered["confidence"] > refused["confidence"]
    assert conversation["min_confidence"] == refused["confidence"]
    assert await listed(api, min_confidence=answered["confidence"]) == []
    assert await listed(api, max_confidence=0.99) == [refused["conversation_id"]]


async def test_an_answer_of_low_confidence_is_an_event(api: Client, backends: Backends) -> None:
    answer = await api.ask("Who painted the ceiling of the Sistine Chapel?")
    event = await backends.db.read(
        lambda session: session.scalar(select(Event).where(Event.project_id == api.tenant.project_id))
    )
    assert event is not None
    assert event.type == "low_confidence.detected"
    assert event.body["message_id"] == answer["id"]
    assert event.body["confidence"] == answer["confidence"] == 0.0


async def test_citations_outlive_their_source(api: Client, settle: Settle) -> None:
    source = await api.add(text="The workshop in Leeds repairs every kettle within ten days.")
    await settle()
    answer = await api.ask("How long does the workshop take to repair a kettle?")
    await api.delete(f"sources/{source['id']}")
    await settle()

    conversation = read(await api.get(f"conversations/{answer['conversation_id']}"))
    asked_again = await api.ask("How long does the workshop take to repair a kettle?")

    assert answer["answered"]
    assert conversation["messages"][1]["citations"] == answer["citations"]
    assert (asked_again["answered"], asked_again["citations"]) == (False, [])


async def test_questions_asked_at_once_in_a_new_session_are_one_conversation(api: Client) -> None:
    answers = await asyncio.gather(*(api.ask(f"When do you open, {n}?", session_id="s") for n in range(12)))

    (conversation,) = read(await api.get("conversations"))["data"]
    assert {answer["conversation_id"] for answer in answers} == {conversation["id"]}
    assert conversation["message_count"] == 24
