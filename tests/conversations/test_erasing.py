"""Erasing a conversation: nothing of what was said is left, and what else there is stays."""

import sqlite3
from contextlib import closing

import pytest
from httpx import Response
from sqlalchemy import func, select, text

from aivastark.accounts.models import KeptAnswer
from aivastark.backends.base import Backends
from aivastark.backends.search.messages import forget_erased_words
from aivastark.conversations.models import CitationRow, Conversation, Message
from aivastark.database import ReadSession
from aivastark.events import Event
from aivastark.settings import Settings
from aivastark.webhooks.models import Delivery
from tests.conftest import Settle
from tests.make import Body, Client, assert_error, read

SECRET = "My card number is 4111 1111"


async def all_events(backends: Backends, project_id: str) -> list[Body]:
    return await backends.db.read(
        lambda session: list(
            session.scalars(select(Event.body).where(Event.project_id == project_id).order_by(Event.id))
        )
    )


async def test_an_erased_conversation_is_gone_with_messages_citations_and_words_in_events(
    api: Client, backends: Backends, settle: Settle
) -> None:
    project_id = api.tenant.project_id
    await api.add(text="The workshop in Leeds repairs every kettle within ten days.")
    await settle()
    await api.ask("How long does the workshop take to repair a kettle?", session_id="a")
    conversation = (await api.ask(SECRET, session_id="a"))["conversation_id"]
    await api.post(f"conversations/{conversation}/escalate", {"reason": "other", "note": SECRET})
    await api.post("leads", {"email": "visitor@example.com", "conversation_id": conversation})
    other = await api.ask("Something else?", session_id="b")

    erased = await api.delete(f"conversations/{conversation}")
    events = await all_events(backends, project_id)

    assert erased.status_code == 204
    assert_error(await api.get(f"conversations/{conversation}"), 404, "not_found")
    assert_error(await api.delete(f"conversations/{conversation}"), 404, "not_found")
    assert SECRET not in str(events)
    about = [body for body in events if body.get("conversation_id") == conversation]
    assert len(about) == 3
    assert all(body["erased"] and not {"question", "pack", "email"} & body.keys() for body in about)
    assert [body["question"] for body in events if body.get("conversation_id") == other["conversation_id"]] == [
        "Something else?"
    ]

    left = await backends.db.read(
        lambda session: [
            session.scalar(select(func.count()).select_from(model).where(model.project_id == project_id))
            for model in (Conversation, Message, CitationRow)
        ]
    )
    assert left == [1, 2, 0]


async def test_what_was_delivered_or_waits_for_it_is_erased_too(
    api: Client, backends: Backends, settle: Settle
) -> None:
    events = ["conversation.escalated", "low_confidence.detected"]
    await api.post("webhooks", {"url": "http://127.0.0.1:9/hook", "events": events})
    gone = (await api.ask(SECRET, session_id="a"))["conversation_id"]
    kept = (await api.ask("Something else?", session_id="b"))["conversation_id"]
    await api.post(f"conversations/{gone}/escalate", {"reason": "other", "note": SECRET})
    await settle()

    def bodies(session: ReadSession) -> list[str]:
        return list(session.scalars(select(Delivery.body).where(Delivery.project_id == api.tenant.project_id)))

    before = await backends.db.read(bodies)
    await api.delete(f"conversations/{gone}")
    await settle()
    after = await backends.db.read(bodies)

    assert len(before) == 3
    assert len([body for body in before if SECRET in body]) == 2
    [left] = after
    assert kept in left


async def test_a_lead_outlives_its_conversation_without_the_link(api: Client) -> None:
    conversation = (await api.ask("Hello?"))["conversation_id"]
    lead = read(await api.post("leads", {"email": "visitor@example.com", "conversation_id": conversation}))

    await api.delete(f"conversations/{conversation}")

    kept = read(await api.get(f"leads/{lead['id']}"))
    assert (kept["email"], kept["conversation_id"]) == ("visitor@example.com", None)


async def test_the_same_session_begins_anew_after_it_was_erased(api: Client) -> None:
    first = await api.ask("Hello?", session_id="a")
    await api.delete(f"conversations/{first['conversation_id']}")

    again = await api.ask("Hello?", session_id="a")

    assert again["conversation_id"] != first["conversation_id"]
    assert read(await api.get(f"conversations/{again['conversation_id']}"))["message_count"] == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_words_of_an_erased_conversation_leave_the_index(api: Client, backends: Backends) -> None:
    gone = await api.ask(SECRET, session_id="a")
    await api.ask("Hello?", session_id="b")
    await api.delete(f"conversations/{gone['conversation_id']}")

    indexed = await backends.db.read(lambda session: session.scalars(text("SELECT content FROM message_words")).all())

    assert len(indexed) == 2
    assert SECRET not in indexed


@pytest.mark.parametrize("kind", ["conversations", "leads"])
async def test_answers_kept_for_an_idempotency_key_lose_the_words(
    api: Client, stranger: Client, backends: Backends, kind: str
) -> None:
    async def ask(client: Client) -> Response:
        body, headers = {"message": SECRET}, {"Idempotency-Key": "k"}
        return await client.http.post(client.at("query"), json=body, headers=headers)

    asked = read(await ask(api))
    await ask(stranger)
    lead = read(await api.post("leads", {"email": "visitor@example.com"}))
    erased = {"conversations": asked["conversation_id"], "leads": lead["id"]}[kind]

    await api.delete(f"{kind}/{erased}")

    assert_error(await ask(api), 409, "conflict", param="Idempotency-Key")
    assert (await ask(stranger)).headers["idempotent-replayed"] == "true"
    kept = await backends.db.read(
        lambda session: list(session.scalars(select(KeptAnswer.body).where(KeptAnswer.bucket == api.tenant.project_id)))
    )
    assert kept == [None]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_nightly_tidying_leaves_no_trace_of_erased_words_in_the_file(
    api: Client, backends: Backends, settings: Settings
) -> None:
    asked = await api.ask("My name is xylophonistqqz, where is it?")
    await api.delete(f"conversations/{asked['conversation_id']}")

    await backends.db.write(forget_erased_words)

    with closing(sqlite3.connect(settings.data_dir / "aivastark.db")) as connection:
        held = connection.execute("SELECT count(*) FROM message_words_data WHERE instr(block, 'xylophonistqqz') > 0")
        assert held.fetchone() == (0,)
