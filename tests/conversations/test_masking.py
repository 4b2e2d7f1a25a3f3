"""Personal values of visitors: nowhere but sealed, for whoever may see them exactly as they came."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from aivastark.accounts.gate import Application
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.conversations.models import Conversation
from aivastark.kit.clock import utc_now
from aivastark.leads.retention import forget_old_conversations
from tests.answers.scripted import Scripted
from tests.conftest import Settle
from tests.loopback import page, serving
from tests.make import Body, Client, Tenant, assert_error, calling, events_in, make_key, read
from tests.people import browsing, make_person
from tests.projects.test_erasing import rows_with
from tests.webhooks.hooks import subscribe
from tests.widgets.window import make_widget, opened

EVERY_KIND = ["email", "phone", "card", "iban", "ip"]
EMAIL = "jane.doe@example.com"
PHONE = "+44 20 7946 0018"
CARD = "4111 1111 1111 1111"
IBAN = "DE89 3704 0044 0532 0130 00"
IP = "203.0.113.45"
MESSAGE = f"I am {EMAIL}, {PHONE}, paid with {CARD} to {IBAN} from {IP}. Do you sell teapots?"
MASKED = "I am [email 1], [phone 1], paid with [card 1] to [iban 1] from [ip 1]. Do you sell teapots?"
VALUES = (EMAIL, PHONE, CARD, IBAN, IP)


async def switch_on(api: Client, *kinds: str, **others: Any) -> None:
    read(await api.patch("", {"privacy": {"mask": list(kinds or EVERY_KIND), **others}}))


async def messages_of(api: Client, conversation_id: str) -> list[str]:
    return [one["content"] for one in read(await api.get(f"conversations/{conversation_id}"))["messages"]]


async def masked_in(api: Client, conversation_id: str, **parameters: Any) -> list[Body]:
    rows: list[Body] = read(await api.get(f"conversations/{conversation_id}/masked-values", **parameters))["data"]
    return rows


async def originals_in(api: Client, conversation_id: str) -> dict[str, Any]:
    return {row["field"]: row["original"] for row in await masked_in(api, conversation_id)}


async def assert_nowhere(backends: Backends, *values: str) -> None:
    for value in values:
        assert await rows_with(backends, value) == {}


@pytest.fixture
async def masking(api: Client) -> Client:
    await switch_on(api)
    return api


async def test_nothing_is_masked_unless_the_project_wants_it(api: Client) -> None:
    answer = await api.ask(MESSAGE)

    assert read(await api.get(""))["privacy"] == {"mask": [], "phone_regions": []}
    assert (await messages_of(api, answer["conversation_id"]))[0] == MESSAGE
    assert await masked_in(api, answer["conversation_id"]) == []


async def test_a_project_says_which_kinds_are_masked(api: Client) -> None:
    set_to = read(await api.patch("", {"privacy": {"mask": ["email"], "phone_regions": ["DE", "AT"]}}))["privacy"]
    answer = await api.ask(MESSAGE)

    assert set_to == {"mask": ["email"], "phone_regions": ["DE", "AT"]}
    assert (await messages_of(api, answer["conversation_id"]))[0] == MESSAGE.replace(EMAIL, "[email 1]")
    assert read(await api.patch("", {"privacy": None}))["privacy"] == {"mask": [], "phone_regions": []}


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"mask": ["name"]}, "mask.0"),
        ({"mask": "email"}, "mask"),
        ({"mask": ["email"] * 6}, "mask"),
        ({"phone_regions": ["de"]}, "phone_regions.0"),
        ({"phone_regions": ["DE", "ZZ"]}, "phone_regions.1"),
        ({"phone_regions": ["DE"] * 21}, "phone_regions"),
        ({"hide": ["email"]}, "hide"),
    ],
)
async def test_what_cannot_be_masked_is_refused(api: Client, wish: Body, param: str) -> None:
    assert_error(await api.patch("", {"privacy": wish}), 422, "invalid_request", param=f"privacy.{param}")


async def test_what_was_asked_is_recorded_told_and_found_with_placeholders_alone(
    masking: Client, backends: Backends, settle: Settle, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving({"/": page(200, b"thank you")}) as site:
        await subscribe(masking, site.url())
        answer = await masking.ask(MESSAGE, metadata={"crm": {"mail": [EMAIL, "jane"]}, "plan": "gold"})
        await masking.post(f"conversations/{answer['conversation_id']}/escalate", {"reason": "other"})
        await settle()
        bodies = b"".join(request.body for request in site.requests).decode()

    shown = read(await masking.get(f"conversations/{answer['conversation_id']}"))
    exported = (await masking.get("conversations/export")).text + (
        await masking.get("conversations/export", format="csv")
    ).text
    gaps = (await masking.get("analytics/gaps")).text
    assert shown["messages"][0]["content"] == MASKED
    assert shown["subject"] == MASKED[: len(shown["subject"])]
    assert shown["metadata"] == {"crm": {"mail": ["[email 1]", "jane"]}, "plan": "gold"}
    assert MASKED in exported
    assert MASKED in gaps
    assert bodies.count(MASKED) >= 2  # of the doubt, and in the pack of the escalation
    assert read(await masking.get("conversations", q="jane.doe"))["data"] == []
    assert len(read(await masking.get("conversations", q="teapots"))["data"]) == 1
    logged = capsys.readouterr()
    for value in VALUES:
        assert value not in f"{shown}{exported}{gaps}{bodies}{answer}{logged.out}{logged.err}"
    await assert_nowhere(backends, *VALUES, "jane.doe")


async def test_no_door_lets_a_value_in(masking: Client, app: Application, backends: Backends) -> None:
    widget = await make_widget(masking)
    streamed = await masking.post("query", {"message": MESSAGE, "stream": True})
    chat = {
        "model": masking.tenant.project_id,
        "messages": [
            {"role": "user", "content": f"I am {EMAIL}."},
            {"role": "user", "content": [{"type": "text", "text": MESSAGE}]},
        ],
        "metadata": {"mail": EMAIL},
    }
    completed = await masking.post("/v1/chat/completions", chat)
    chunks = await masking.post("/v1/chat/completions", {**chat, "stream": True})
    call = {"name": "ask", "arguments": {"question": MESSAGE}}
    headers = {"Accept": "application/json, text/event-stream"}
    rpc = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    asked = await masking.http.post("/mcp", json=rpc, headers=headers)
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        page_ = {"url": f"https://shop.example.com/?mail={EMAIL}", "title": "Shop"}
        told = await visitor.ask(MESSAGE, page=page_)
        by_stream = await visitor.post("query", message=MESSAGE, stream=True)
        own = read(await visitor.get(f"conversations/{told['conversation_id']}"))

    for given in (streamed, completed, chunks, asked, by_stream):
        assert given.status_code == 200, given.text
        assert not [value for value in VALUES if value in given.text]
    assert own["messages"][0]["content"] == MASKED
    listed = read(await masking.get("conversations"))["data"]
    assert len(listed) == 5
    for conversation in listed:
        assert set((await messages_of(masking, conversation["id"]))[::2]) == {MASKED}
    shown = read(await masking.get(f"conversations/{told['conversation_id']}"))
    assert shown["page"]["url"] == "https://shop.example.com/?mail=[email 1]"
    assert (await originals_in(masking, told["conversation_id"]))["page"]["url"] == page_["url"]
    await assert_nowhere(backends, *VALUES, "jane.doe")


async def test_a_question_while_a_person_has_the_conversation_is_masked_too(
    masking: Client, backends: Backends
) -> None:
    first = await masking.ask("May I talk to a person?", session_id="s1")
    answer = await masking.ask(MESSAGE, session_id="s1")

    assert answer["conversation_id"] == first["conversation_id"]
    assert MASKED in await messages_of(masking, first["conversation_id"])
    assert (await originals_in(masking, first["conversation_id"]))["content"] == MESSAGE
    await assert_nowhere(backends, *VALUES)


async def test_a_value_keeps_its_placeholder_in_its_conversation_however_it_is_spelled(masking: Client) -> None:
    said = [
        f"My mail is {EMAIL}.",
        "Or rather john@example.com.",
        "No: Jane.Doe@Example.COM and call 020 7946 0018 or +442079460018.",
        "Is john@example.com blocked? And [email 1]?",
    ]
    for words in said:
        conversation = (await masking.ask(words, session_id="s1"))["conversation_id"]
    other = await masking.ask("Is john@example.com blocked?", session_id="s2")

    assert (await messages_of(masking, conversation))[::2] == [
        "My mail is [email 1].",
        "Or rather [email 2].",
        "No: [email 1] and call [phone 1] or [phone 1].",
        "Is [email 2] blocked? And [email 1]?",
    ]
    assert (await messages_of(masking, other["conversation_id"]))[0] == "Is [email 1] blocked?"
    assert [row["original"] for row in await masked_in(masking, conversation)] == said
    assert (await masked_in(masking, conversation))[2]["values"] == [
        {"placeholder": "[email 1]", "kind": "email", "value": "Jane.Doe@Example.COM"},
        {"placeholder": "[phone 1]", "kind": "phone", "value": "020 7946 0018"},
        {"placeholder": "[phone 1]", "kind": "phone", "value": "+442079460018"},
    ]


async def test_only_who_may_act_sees_what_was_masked_and_each_look_is_noted(
    masking: Client, stranger: Client, app: Application, backends: Backends
) -> None:
    path = masking.at(f"conversations/{(await masking.ask(MESSAGE))['conversation_id']}/masked-values")
    _, reading = await make_key(backends.db, masking.tenant, "conversations:read", "query")
    key_id, acting = await make_key(backends.db, masking.tenant, "conversations")
    async with calling(app, reading) as http:
        assert_error(await http.get(path), 403, "permission_denied")
    async with calling(app, acting) as http:
        assert read(await http.get(path))["data"][0]["original"] == MESSAGE
    async with browsing(app, await make_person(backends, masking.tenant, "viewer")) as http:
        assert_error(await http.get(path), 403, "permission_denied")
    agent = await make_person(backends, masking.tenant, "agent")
    async with browsing(app, agent) as http:
        assert read(await http.get(path))["data"][0]["original"] == MESSAGE
    assert_error(await stranger.get(path), 404, "not_found")
    assert_error(await masking.get("conversations/conv_none/masked-values"), 404, "not_found")

    async with browsing(app, await make_person(backends, masking.tenant, "owner")) as http:
        log = read(await http.get(f"/v1/organizations/{masking.tenant.organization_id}/audit-log"))["data"]
    looks = [entry for entry in log if entry["action"] == "conversation.unmasked"]
    assert {entry["actor_id"] for entry in looks} == {key_id, agent.id}
    assert {entry["target"] for entry in looks} == {path.split("/")[-2]}
    assert not [value for value in VALUES if value in str(log)]


async def test_what_was_masked_comes_in_pages(masking: Client) -> None:
    for number in range(5):
        conversation = (await masking.ask(f"I am n{number}@example.com.", session_id="s1"))["conversation_id"]
    path = f"conversations/{conversation}/masked-values"

    seen: list[str] = []
    listed = read(await masking.get(path, limit=2))
    while True:
        seen += [row["original"] for row in listed["data"]]
        if not listed["has_more"]:
            break
        listed = read(await masking.get(path, limit=2, cursor=listed["next_cursor"]))

    assert seen == [f"I am n{number}@example.com." for number in range(5)]


async def test_comments_and_notes_are_masked_and_leads_are_not(
    masking: Client, app: Application, backends: Backends
) -> None:
    widget = await make_widget(masking, lead_capture={"enabled": True})
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        answer = await visitor.ask(f"I am {EMAIL}. Do you sell teapots?")
        rated = await visitor.post("feedback", message_id=answer["id"], rating="down", comment=f"Call {PHONE}!")
        await visitor.post("escalate", note=f"Write to {EMAIL} or {PHONE}.")
        await visitor.post("escalate", note="Is it about 203.0.113.9?")  # changes nothing: people have it
        await visitor.post("leads", email="lead@example.com")
    shown = read(await masking.get(f"conversations/{answer['conversation_id']}"))

    assert read(rated)["comment"] == "Call [phone 1]!"
    assert shown["messages"][1]["feedback"]["comment"] == "Call [phone 1]!"
    assert shown["escalation"]["note"] == "Write to [email 1] or [phone 1]."
    assert await originals_in(masking, answer["conversation_id"]) == {
        "content": f"I am {EMAIL}. Do you sell teapots?",
        "comment": f"Call {PHONE}!",
        "note": f"Write to {EMAIL} or {PHONE}.",
    }
    assert read(await masking.get("leads"))["data"][0]["email"] == "lead@example.com"
    await assert_nowhere(backends, EMAIL, PHONE)


async def test_a_later_comment_takes_the_place_of_what_was_sealed_of_an_earlier_one(masking: Client) -> None:
    answer = await masking.ask("Do you sell teapots?")
    path = f"conversations/{answer['conversation_id']}"
    for comment in (f"Call {PHONE}!", f"Write to {EMAIL}!"):
        rated = await masking.post(f"{path}/messages/{answer['id']}/feedback", {"rating": "down", "comment": comment})
        assert rated.status_code == 200
    assert [row["original"] for row in await masked_in(masking, answer["conversation_id"])] == [f"Write to {EMAIL}!"]

    await masking.post(f"{path}/messages/{answer['id']}/feedback", {"rating": "up"})
    await masking.post(f"{path}/escalate", {"reason": "other", "note": f"It is about {CARD}."})

    assert await originals_in(masking, answer["conversation_id"]) == {"note": f"It is about {CARD}."}
    assert read(await masking.get(path))["escalation"]["note"] == "It is about [card 1]."


async def test_what_is_erased_leaves_nothing_sealed(masking: Client, backends: Backends) -> None:
    by_hand, by_time, kept = [
        (await masking.ask(MESSAGE, session_id=name))["conversation_id"] for name in ("one", "two", "three")
    ]
    await masking.delete(f"conversations/{by_hand}")
    await masking.patch("", {"retention_days": 30})
    long_ago = utc_now() - timedelta(days=31)
    age = update(Conversation).where(Conversation.id == by_time).values(updated_at=long_ago)
    await backends.db.write(lambda session: session.execute(age))
    await backends.db.write(forget_old_conversations)

    assert (await rows_with(backends, masking.tenant.project_id))["masked_values"] == 1
    assert (await originals_in(masking, kept))["content"] == MESSAGE


async def test_another_key_of_the_install_opens_nothing_and_masks_on(
    masking: Client, tenant: Tenant, backends: Backends
) -> None:
    conversation = (await masking.ask(f"I am {EMAIL}.", session_id="s1"))["conversation_id"]

    async with calling(create_app(replace(backends, secret_key=b"another key of the install")), tenant.key) as http:
        elsewhere = Client(http=http, tenant=tenant)
        refused = await elsewhere.get(f"conversations/{conversation}/masked-values")
        await elsewhere.ask("I am john@example.com.", session_id="s1")

    assert_error(refused, 409, "conflict")
    assert "AIVASTARK_SECRET_KEY" in refused.text
    assert (await messages_of(masking, conversation))[::2] == ["I am [email 1].", "I am [email 2]."]


async def test_what_is_sealed_opens_in_its_own_conversation_alone(masking: Client, backends: Backends) -> None:
    conversation = (await masking.ask(f"I am {EMAIL}.", session_id="s1"))["conversation_id"]
    other = (await masking.ask("I am john@example.com.", session_id="s2"))["conversation_id"]

    def move(session: Any) -> None:
        session.execute(
            text(
                "UPDATE masked_values SET sealed = (SELECT sealed FROM masked_values WHERE conversation_id = :one)"
                " WHERE conversation_id = :other"
            ),
            {"one": conversation, "other": other},
        )

    await backends.db.write(move)

    assert_error(await masking.get(f"conversations/{other}/masked-values"), 409, "conflict")


@pytest.fixture
async def written(backends: Backends, tenant: Tenant, settle: Settle) -> AsyncIterator[tuple[Client, Scripted]]:
    """A masking project whose answers a model writes."""
    model = Scripted(text="You can return any item within 30 days of delivery. [1] I wrote to [email 1].")
    async with calling(create_app(replace(backends, llm=model)), tenant.key) as http:
        client = Client(http=http, tenant=tenant)
        await client.add(text="You can return any item within 30 days of delivery.", title="Returns")
        await settle()
        yield client, model


async def test_a_model_sees_placeholders_also_of_what_was_said_before_masking(
    written: tuple[Client, Scripted],
) -> None:
    bot, model = written
    await bot.ask(f"I am {EMAIL}. Within how many days can I return an item?", session_id="s1")
    await switch_on(bot)
    await bot.ask(f"And with {CARD}, within how many days can I return an item?", session_id="s1")
    chat = [
        {"role": "user", "content": f"I am {EMAIL}."},
        {"role": "user", "content": f"Within how many days can I return an item? Call {PHONE} or {EMAIL}."},
    ]
    await bot.post("/v1/chat/completions", {"model": bot.tenant.project_id, "messages": chat})
    streamed = await bot.post("query", {"message": f"Return an item? I am {EMAIL}", "stream": True})

    before, *since = [str(prompt) for prompt in model.prompts]
    assert EMAIL in before
    assert len(since) == 4, "the follow-up is read first, then answered"
    assert not [value for value in VALUES for prompt in since if value in prompt]
    assert all("[card 1]" in prompt and "[email 1]" in prompt for prompt in since[:2])
    assert "Call [phone 1] or [email 1]." in since[2]
    assert events_in(streamed.text)[-1].data == "[DONE]"


async def test_an_answer_is_as_good_with_a_placeholder_as_without_the_value(api: Client, settle: Settle) -> None:
    await api.add(text="The workshop in Leeds repairs every kettle within ten days.", title="Repairs")
    await settle()
    question = "How long does the workshop take to repair a kettle?"
    plain = await api.ask(question)
    await switch_on(api)

    masked = await api.ask(f"{question} {EMAIL}")
    bare = await api.ask(EMAIL)

    assert (masked["answered"], masked["answer"]) == (True, plain["answer"])
    assert masked["confidence"] == plain["confidence"]
    assert not bare["answered"]
