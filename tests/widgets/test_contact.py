"""Visitors and people: asking for one, rating what was said, leaving an address."""

from dataclasses import replace
from typing import Any

import pytest

from aivastark.accounts.gate import Application
from aivastark.backends.base import WORK, Backends
from aivastark.widgets.contact_endpoints import LEADS_PER_VISITOR_DAY
from tests.make import Body, Client, assert_error, events_in, read
from tests.widgets.window import PAGE, make_widget, opened

NEVER: Body = {"timezone": "UTC", "weekly": {}}
FIELDS = [
    {"key": "email", "label": "E-mail", "type": "email", "required": True},
    {"key": "name", "label": "Name"},
    {"key": "topic", "label": "Topic", "type": "select", "options": ["Orders", "Returns"], "required": True},
]
FORM: Body = {
    "enabled": True,
    "fields": FIELDS,
    "consent": {"required": True, "text": "You may write to me."},
    "triggers": [{"type": "keyword", "words": ["price"]}, {"type": "message_count", "count": 3}],
}
FILLED: Body = {"email": "ada@example.com", "fields": {"topic": "Orders"}, "consent": True}


async def test_a_visitor_asks_for_a_person_and_the_bot_falls_silent(api: Client, app: Application) -> None:
    widget = await make_widget(api, handoff={"business_hours": NEVER})
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        assert_error(await visitor.post("escalate"), 422, "invalid_request", param="conversation_id")
        asked = await visitor.ask()

        passed_on = read(await visitor.post("escalate", note="It is urgent."))
        again = read(await visitor.post("escalate"))
        waiting = await visitor.ask("Hello?")
        await api.post(f"conversations/{asked['conversation_id']}/messages", {"content": "Hi!", "author_name": "Ada"})
        await api.post(f"conversations/{asked['conversation_id']}/messages", {"content": "How can I help?"})
        shown = read(await visitor.get(f"conversations/{asked['conversation_id']}"))

    assert passed_on["conversation"] == {"id": asked["conversation_id"], "status": "waiting_human"}
    assert passed_on["message"]["role"] == "system"
    assert passed_on["within_business_hours"] is False
    assert again["message"] is None
    assert waiting["answered"] is False
    assert (shown["status"], [message["author"] for message in shown["messages"][-2:]]) == ("human", ["Ada", None])
    conversation = read(await api.get(f"conversations/{asked['conversation_id']}"))
    assert (conversation["escalation"]["by"], conversation["escalation"]["note"]) == ("visitor", "It is urgent.")


async def test_business_hours_are_told_when_a_visit_begins(api: Client, app: Application) -> None:
    widgets = [
        await make_widget(api, handoff=handoff)
        for handoff in ({}, {"business_hours": NEVER}, {"enabled": False}, {"business_hours": ALWAYS})
    ]

    told = []
    for widget in widgets:
        async with opened(app, widget["embed_key"]) as window:
            told.append((await window.begin())["handoff_open"])

    assert told == [True, False, False, True]


ALWAYS: Body = {
    "timezone": "Asia/Kolkata",
    "weekly": {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
}


async def test_without_people_nobody_is_offered_or_passed_on_to(api: Client, app: Application) -> None:
    without = await make_widget(api, handoff={"enabled": False})
    quiet = await make_widget(api, handoff={"offer_on_low_confidence": False})
    usual = await make_widget(api)
    offered = []
    for widget in (without, quiet, usual):
        async with opened(app, widget["embed_key"]) as window:
            visitor = await window.visit()
            offered.append((await visitor.ask("Who painted the ceiling of the Sistine Chapel?"))["handoff_offered"])
            if widget is without:
                assert_error(await visitor.post("escalate"), 403, "permission_denied")
            asked = await visitor.ask("Can I talk to a real person?")
            status = read(await visitor.get(f"conversations/{asked['conversation_id']}"))["status"]
            assert status == ("open" if widget is without else "waiting_human")

    assert offered == [False, False, True]


async def test_an_answer_is_rated_by_whom_it_was_given_to(api: Client, app: Application) -> None:
    widget = await make_widget(api)
    async with opened(app, widget["embed_key"]) as window:
        visitor, other = await window.visit(), await window.visit()
        answer = await visitor.ask()

        rated = await visitor.post("feedback", message_id=answer["id"], rating="down", comment="No.")
        refused = await other.post("feedback", message_id=answer["id"], rating="up")
        nobodys = await visitor.post("feedback", message_id="msg_01ARZ3NDEKTSV4RRFFQ69G5FAV", rating="up")
        shown = read(await visitor.get(f"conversations/{answer['conversation_id']}"))
        await api.patch(f"widgets/{widget['id']}", {"behavior": {"feedback": False}})
        too_late = await visitor.post("feedback", message_id=answer["id"], rating="up")

    assert read(rated) == {"message_id": answer["id"], "rating": "down", "comment": "No."}
    assert_error(refused, 404, "not_found")
    assert_error(nobodys, 404, "not_found")
    assert_error(too_late, 403, "permission_denied")
    assert shown["messages"][1]["feedback"]["rating"] == "down"


async def test_an_address_becomes_a_lead_of_its_conversation(api: Client, app: Application) -> None:
    widget = await make_widget(api, lead_capture=FORM)
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        asked = await visitor.ask()
        left = await visitor.post("leads", **FILLED, trigger="keyword", page={"url": f"{PAGE}/orders"})

    assert left.status_code == 201
    assert set(read(left)) == {"id", "created_at"}
    lead = read(await api.get(f"leads/{read(left)['id']}"))
    assert (lead["email"], lead["fields"], lead["trigger"]) == ("ada@example.com", {"topic": "Orders"}, "keyword")
    assert (lead["widget_id"], lead["conversation_id"]) == (widget["id"], asked["conversation_id"])
    assert (lead["consent"]["given"], lead["consent"]["text"]) == (True, "You may write to me.")
    assert lead["page_url"] == f"{PAGE}/orders"
    assert read(await api.get(f"conversations/{asked['conversation_id']}"))["lead_id"] == lead["id"]


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"email": None}, "email"),
        ({"email": "not an address"}, "email"),
        ({"phone": "+44 20 7946 0000"}, "phone"),
        ({"fields": {}}, "fields.topic"),
        ({"fields": {"topic": "Weather"}}, "fields.topic"),
        ({"fields": {"topic": "Orders", "age": "7"}}, "fields.age"),
        ({"fields": {"topic": "Orders", "name": "Ada"}}, "fields.name"),
        ({"consent": False}, "consent"),
        ({"trigger": "api"}, "trigger"),
    ],
)
async def test_a_form_that_is_not_filled_in_as_it_asks_is_refused(
    api: Client, app: Application, changed: dict[str, Any], param: str
) -> None:
    widget = await make_widget(api, lead_capture=FORM)
    async with opened(app, widget["embed_key"]) as window:
        refused = await (await window.visit()).post("leads", **{**FILLED, **changed})

    assert_error(refused, 422, "invalid_request", param=param)
    assert read(await api.get("leads"))["data"] == []


async def test_a_visitor_leaves_so_many_addresses_a_day_and_only_where_asked(api: Client, app: Application) -> None:
    widget, silent = await make_widget(api, lead_capture=FORM), await make_widget(api)
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        codes = [(await visitor.post("leads", **FILLED)).status_code for _ in range(LEADS_PER_VISITOR_DAY)]
        over = await visitor.post("leads", **FILLED)
        elsewhere = await replace(window, embed_key=silent["embed_key"]).visit()
        unasked = await elsewhere.post("leads", email="ada@example.com")

    assert set(codes) == {201}
    assert_error(over, 429, "quota_exceeded")
    assert_error(unasked, 403, "permission_denied")


async def test_a_trigger_brings_the_form_once_in_a_conversation(api: Client, app: Application) -> None:
    widget = await make_widget(api, lead_capture=FORM)
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        asked = ["Hello?", "What is the price?", "The price, please?", "And now?"]
        forms = [(await visitor.ask(message))["lead_form"] for message in asked]
        streamed = await visitor.post("query", message="The price?", new_conversation=True, stream=True)
        await visitor.post("leads", **FILLED)
        afterwards = [(await visitor.ask("Hello?"))["lead_form"] for _ in range(3)]

    assert [form and form["trigger"] for form in forms] == [None, "keyword", "message_count", None]
    assert forms[1]["fields"][0]["key"] == "email"
    assert forms[1]["consent"]["text"] == "You may write to me."
    answer = next(event.body for event in events_in(streamed.text) if event.kind == "answer")
    assert answer["lead_form"]["trigger"] == "keyword"
    assert afterwards == [None, None, None]


async def test_a_form_asks_for_a_way_to_reach_somebody(api: Client) -> None:
    refused = await api.post(
        "widgets", {"name": "Shop", "lead_capture": {"fields": [{"key": "name", "label": "Name"}]}}
    )

    assert_error(refused, 422, "invalid_request", param="lead_capture")


async def test_nobody_acts_in_anybody_elses_conversation(api: Client, app: Application) -> None:
    widget = await make_widget(api, lead_capture=FORM)
    async with opened(app, widget["embed_key"]) as window:
        owner, other = await window.visit(), await window.visit()
        theirs = (await owner.ask())["conversation_id"]

        for refused in (
            await other.post("escalate", conversation_id=theirs),
            await other.post("leads", **FILLED, conversation_id=theirs),
        ):
            assert_error(refused, 404, "not_found")
    conversation = read(await api.get(f"conversations/{theirs}"))
    assert (conversation["status"], conversation["lead_id"]) == ("open", None)


async def test_what_happens_in_a_window_goes_out_at_once(api: Client, app: Application, backends: Backends) -> None:
    widget = await make_widget(api, lead_capture=FORM)
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        woken = []
        for path, body in (
            ("query", {"message": "Do you sell gift cards?"}),
            ("escalate", {}),
            ("leads", FILLED),
        ):
            with backends.broadcast.listen(WORK) as worker:
                assert (await visitor.post(path, **body)).status_code in (200, 201)
                woken.append(await worker.wait(0.0))

    assert woken == [True, True, True]
