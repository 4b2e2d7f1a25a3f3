"""Ratings, what follows from them, and how conversations that nobody closed ended."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from aivastark import jobs
from aivastark.backends.base import Backends
from aivastark.conversations.models import Conversation
from aivastark.conversations.resolution import settle_idle
from aivastark.kit.clock import to_wire, utc_now
from tests.conftest import Settle
from tests.make import Body, Client, assert_error, read, working

QUESTION = "How long does the workshop take to repair a kettle?"


@pytest.fixture
async def answered(api: Client, settle: Settle) -> Body:
    await api.add(text="The workshop in Leeds repairs every kettle within ten days.")
    await settle()
    return await api.ask(QUESTION, session_id="a")


async def rate(api: Client, answer: Body, **feedback: Any) -> Body:
    rated = await api.post(f"conversations/{answer['conversation_id']}/messages/{answer['id']}/feedback", feedback)
    assert rated.status_code == 200, rated.text
    return read(rated)


async def state_of(api: Client, answer: Body) -> Body:
    return read(await api.get(f"conversations/{answer['conversation_id']}"))


async def grow_old(backends: Backends, answer: Body, project_id: str, **others: Any) -> None:
    """As if nothing had been said in it for two days."""
    await backends.db.write(
        lambda session: session.execute(
            update(Conversation)
            .where(Conversation.project_id == project_id, Conversation.id == answer["conversation_id"])
            .values(updated_at=utc_now() - timedelta(days=2), **others)
        )
    )


async def test_a_rating_stands_on_its_message_and_confirms_the_conversation(api: Client, answered: Body) -> None:
    rated = await rate(api, answered, rating="up", comment="Thanks!")
    state = await state_of(api, answered)

    assert (rated["feedback"]["rating"], rated["feedback"]["comment"]) == ("up", "Thanks!")
    assert state["messages"][1] == rated
    assert (state["csat"], state["resolution"]) == (100, "confirmed")


async def test_rating_the_same_way_twice_changes_nothing_and_another_way_does(api: Client, answered: Body) -> None:
    first = await rate(api, answered, rating="up")
    again = await rate(api, answered, rating="up")
    changed = await rate(api, answered, rating="down", comment="It took a month.")
    state = await state_of(api, answered)

    assert again == first
    assert (changed["feedback"]["rating"], changed["feedback"]["comment"]) == ("down", "It took a month.")
    assert (state["csat"], state["resolution"]) == (0, None)


async def test_satisfaction_is_the_share_of_ups(api: Client, answered: Body) -> None:
    others = [await api.ask(QUESTION, session_id="a") for _ in range(2)]
    for answer, rating in zip([answered, *others], ("up", "down", "up"), strict=True):
        await rate(api, answer, rating=rating)

    assert (await state_of(api, answered))["csat"] == 67


async def test_only_answers_can_be_rated(api: Client, answered: Body) -> None:
    question = (await state_of(api, answered))["messages"][0]
    at = f"conversations/{answered['conversation_id']}/messages"

    assert_error(await api.post(f"{at}/{question['id']}/feedback", {"rating": "up"}), 409, "conflict")
    assert_error(await api.post(f"{at}/msg_nobody/feedback", {"rating": "up"}), 404, "not_found")
    refused = await api.post(f"{at}/{answered['id']}/feedback", {"rating": "so-so"})
    assert_error(refused, 422, "invalid_request", param="rating")


async def test_a_message_is_rated_in_its_own_conversation_only(api: Client, answered: Body) -> None:
    other = await api.ask(QUESTION)

    refused = await api.post(
        f"conversations/{other['conversation_id']}/messages/{answered['id']}/feedback", {"rating": "up"}
    )

    assert_error(refused, 404, "not_found")


async def test_what_is_idle_for_a_day_is_settled_by_its_last_answer(
    api: Client, backends: Backends, answered: Body
) -> None:
    project_id = api.tenant.project_id
    refused = await api.ask("Who painted the Sistine Chapel?", session_id="b")
    disliked = await api.ask(QUESTION, session_id="c")
    await rate(api, disliked, rating="down")
    waiting = await api.ask("Can I talk to a human?", session_id="d")
    fresh = await api.ask(QUESTION, session_id="e")
    for answer in (answered, refused, disliked, waiting):
        await grow_old(backends, answer, project_id)

    async with working(backends) as worker:
        await backends.db.write(
            lambda session: jobs.ensure(session, jobs.INSTALL, "settle_idle", "schedule:settle_idle")
        )
        await worker.run_until_idle()

    settled = [(await state_of(api, one))["resolution"] for one in (answered, refused, disliked, waiting, fresh)]
    assert settled == ["assumed", "abandoned", "abandoned", None, None]
    assert (await state_of(api, answered))["updated_at"] < to_wire(utc_now() - timedelta(days=1))


async def test_what_is_confirmed_or_closed_is_not_settled_again(
    api: Client, backends: Backends, answered: Body
) -> None:
    refused = await api.ask("Who painted the Sistine Chapel?", session_id="b")
    await rate(api, answered, rating="up")
    await api.post(f"conversations/{refused['conversation_id']}/close")
    for answer in (answered, refused):
        await grow_old(backends, answer, api.tenant.project_id)

    await backends.db.write(settle_idle)

    assert (await state_of(api, answered))["resolution"] == "confirmed"
    assert (await state_of(api, refused))["resolution"] is None
