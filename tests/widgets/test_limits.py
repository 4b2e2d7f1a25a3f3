"""How much visitors may ask: exactly so much, and then a sentence."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update

from aivastark.accounts.gate import Application
from aivastark.backends.base import Backends
from aivastark.widgets.configuration import LimitSentences
from aivastark.widgets.counts import FORGOTTEN_AFTER_DAYS, forget_old_counts
from aivastark.widgets.models import WidgetCount
from tests.make import Client, calling, events_in, make_tenant, read
from tests.widgets.window import make_widget, opened

SENTENCES = {"sentences": {"messages_per_conversation": "Long.", "messages_per_day": "Enough."}}


async def test_a_conversation_has_so_many_messages(api: Client, app: Application) -> None:
    widget = await make_widget(api, limits={"messages_per_conversation": 2, **SENTENCES})
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        first = await visitor.ask()
        second = await visitor.ask()
        third = await visitor.ask(conversation_id=first["conversation_id"])
        fresh = await visitor.ask(new_conversation=True)

    assert [one["limit_reached"] for one in (first, second, third, fresh)] == [
        None,
        None,
        "messages_per_conversation",
        None,
    ]
    assert (third["answer"], third["answered"], third["id"], third["citations"]) == ("Long.", False, None, [])
    assert fresh["conversation_id"] != first["conversation_id"]
    assert read(await api.get(f"conversations/{first['conversation_id']}"))["message_count"] == 4


async def test_a_visitor_begins_so_many_conversations_a_day(api: Client, app: Application) -> None:
    widget = await make_widget(api, limits={"conversations_per_visitor_day": 2})
    async with opened(app, widget["embed_key"]) as window:
        visitor, other = await window.visit(), await window.visit()
        begun = [(await visitor.ask(new_conversation=True))["limit_reached"] for _ in range(3)]
        going_on = await visitor.ask()

        assert begun == [None, None, "conversations_per_visitor_day"]
        assert going_on["limit_reached"] is None
        assert (await other.ask())["limit_reached"] is None
        assert len(await visitor.history()) == 2


async def test_a_widget_answers_exactly_so_many_messages_a_day(
    api: Client, app: Application, backends: Backends
) -> None:
    widget = await make_widget(api, limits={"messages_per_day": 5, **SENTENCES})
    second = await make_widget(api, limits={"messages_per_day": 5})
    yesterday = update(WidgetCount).where(WidgetCount.project_id == api.tenant.project_id)
    async with opened(app, widget["embed_key"]) as window:
        visitors = [await window.visit() for _ in range(4)]
        asked = await asyncio.gather(*(visitor.ask() for visitor in visitors for _ in range(3)))
        elsewhere = await (await replace(window, embed_key=second["embed_key"]).visit()).ask()
        await backends.db.write(lambda session: session.execute(yesterday.values(window=WidgetCount.window - 1)))
        tomorrow = await visitors[0].ask()

    assert sorted(one["limit_reached"] or "" for one in asked) == [""] * 5 + ["messages_per_day"] * 7
    assert {one["answer"] for one in asked if one["limit_reached"]} == {"Enough."}
    assert elsewhere["limit_reached"] is None
    assert tomorrow["limit_reached"] is None


async def test_a_question_that_one_limit_refuses_is_not_counted_by_another(api: Client, app: Application) -> None:
    widget = await make_widget(api, limits={"messages_per_conversation": 1, "messages_per_day": 2})
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        reached = [(await visitor.ask())["limit_reached"] for _ in range(4)]
        fresh = (await visitor.ask(new_conversation=True))["limit_reached"]

    assert reached == [None, *["messages_per_conversation"] * 3]
    assert fresh is None


async def test_a_limit_is_told_in_a_stream_as_well(api: Client, app: Application) -> None:
    widget = await make_widget(api, limits={"messages_per_day": 1, **SENTENCES})
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        await visitor.ask()
        streamed = await visitor.post("query", message="Hello?", stream=True)

    answer = next(event.body for event in events_in(streamed.text) if event.kind == "answer")
    assert streamed.status_code == 200
    assert (answer["answer"], answer["limit_reached"]) == ("Enough.", "messages_per_day")


@pytest.mark.parametrize("days", [FORGOTTEN_AFTER_DAYS - 1, FORGOTTEN_AFTER_DAYS + 1])
async def test_old_counts_are_forgotten(api: Client, app: Application, backends: Backends, days: int) -> None:
    widget = await make_widget(api, limits={"messages_per_conversation": 1})
    long_ago = update(WidgetCount).where(WidgetCount.project_id == api.tenant.project_id)
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        await visitor.ask()
        await backends.db.write(lambda session: session.execute(long_ago.values(touched=WidgetCount.touched - days)))
        await backends.db.write(forget_old_counts)

        forgotten = (await visitor.ask())["limit_reached"] is None

    assert forgotten is (days > FORGOTTEN_AFTER_DAYS)


async def test_no_limit_is_zero(api: Client, app: Application) -> None:
    none = {"messages_per_conversation": 0, "conversations_per_visitor_day": 0, "messages_per_day": 0}
    widget = await make_widget(api, limits=none)
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()

        assert {(await visitor.ask())["limit_reached"] for _ in range(3)} == {None}


async def test_what_the_plan_holds_no_more_is_a_sentence_and_counted_nowhere(
    app: Application, backends: Backends
) -> None:
    tenant = await make_tenant(backends.db, messages_per_month=1)
    async with calling(app, tenant.key) as http:
        widget = await make_widget(Client(http=http, tenant=tenant), limits={"messages_per_day": 2})
    async with opened(app, widget["embed_key"]) as window:
        visitor, other = await window.visit(), await window.visit()
        first = await visitor.ask()
        refused = [await visitor.ask(), await visitor.ask(new_conversation=True), await other.ask()]
        streamed = await visitor.post("query", message="Hello?", stream=True)
        passed_on = await visitor.ask("I want to talk to a human")
        told = await visitor.ask("My order is late.")
        history = await visitor.history()

    assert first["limit_reached"] is None
    assert {(one["limit_reached"], one["answered"], one["id"]) for one in refused} == {("plan", False, None)}
    assert {one["answer"] for one in refused} == {LimitSentences().plan}
    assert next(event.body for event in events_in(streamed.text) if event.kind == "answer")["limit_reached"] == "plan"
    assert [one["limit_reached"] for one in (passed_on, told)] == [None, "messages_per_day"]
    assert history == [first["conversation_id"]]


async def test_a_widget_says_what_its_owner_wants_when_the_plan_is_used_up(
    app: Application, backends: Backends
) -> None:
    tenant = await make_tenant(backends.db, messages_per_month=1)
    async with calling(app, tenant.key) as http:
        client = Client(http=http, tenant=tenant)
        widget = await make_widget(client, limits={"sentences": {"plan": "Write to us."}})
        await client.ask("Hello?")
    async with opened(app, widget["embed_key"]) as window:
        assert (await (await window.visit()).ask())["answer"] == "Write to us."
