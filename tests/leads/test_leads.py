"""Leads over HTTP: added, told apart, linked, changed, erased, exported."""

import asyncio
import csv
import io
import json
from typing import Any

import pytest
from sqlalchemy import select

from aivastark.backends.base import Backends
from aivastark.events import Event
from aivastark.leads import export
from tests.make import Body, Client, assert_error, make_key, read


async def add(api: Client, **fields: Any) -> Body:
    added = await api.post("leads", fields)
    assert added.status_code == 201, added.text
    return read(added)


async def listed(api: Client, **filters: Any) -> list[str]:
    return [row["id"] for row in read(await api.get("leads", **filters))["data"]]


async def captured(backends: Backends, api: Client) -> list[Body]:
    return await backends.db.read(
        lambda session: list(
            session.scalars(
                select(Event.body)
                .where(Event.project_id == api.tenant.project_id, Event.type == "lead.captured")
                .order_by(Event.id)
            )
        )
    )


async def test_a_lead_is_kept_as_it_was_given_and_published(api: Client, backends: Backends) -> None:
    added = await api.post(
        "leads",
        {
            "name": " A visitor ",
            "email": "Visitor@Example.com",
            "phone": "+44 113 496 0000",
            "fields": {"company": "Example Ltd", "seats": 12},
            "consent": {"given": True, "text": "You may write to me."},
            "page_url": "https://shop.example.com/prices",
        },
    )
    lead = read(added)

    assert added.headers["location"] == api.at(f"leads/{lead['id']}")
    assert (lead["name"], lead["email"], lead["stage"], lead["trigger"]) == (
        "A visitor",
        "Visitor@Example.com",
        "new",
        "api",
    )
    assert lead["fields"] == {"company": "Example Ltd", "seats": 12}
    assert lead["consent"] == {
        "given": True,
        "text": "You may write to me.",
        "source": None,
        "at": lead["consent"]["at"],
    }
    assert lead["consent"]["at"] is not None
    assert read(await api.get(f"leads/{lead['id']}")) == lead
    assert await captured(backends, api) == [lead]


async def test_the_same_e_mail_in_another_spelling_is_a_duplicate(api: Client, backends: Backends) -> None:
    first = await add(api, email="visitor@bücher.example")
    again = await add(api, email="  VISITOR@xn--bcher-kva.example ")
    other = await add(api, email="other@bücher.example")

    assert [lead["duplicate_of"] for lead in (first, again, other)] == [None, first["id"], None]
    assert [body["duplicate_of"] for body in await captured(backends, api)] == [None, first["id"], None]


async def test_of_the_same_e_mail_sent_many_times_at_once_one_is_first(api: Client) -> None:
    leads = await asyncio.gather(*(add(api, email="visitor@example.com") for _ in range(8)))

    [first] = [lead["id"] for lead in leads if lead["duplicate_of"] is None]
    assert {lead["duplicate_of"] for lead in leads if lead["id"] != first} == {first}


async def test_when_the_first_goes_the_oldest_duplicate_takes_its_place(api: Client) -> None:
    first, second, third = [await add(api, email="visitor@example.com") for _ in range(3)]

    assert (await api.delete(f"leads/{first['id']}")).status_code == 204

    assert read(await api.get(f"leads/{second['id']}"))["duplicate_of"] is None
    assert read(await api.get(f"leads/{third['id']}"))["duplicate_of"] == second["id"]


async def test_another_e_mail_is_compared_anew(api: Client) -> None:
    first = await add(api, email="a@example.com")
    follower = await add(api, email="a@example.com")
    other = await add(api, email="b@example.com")

    moved = read(await api.patch(f"leads/{first['id']}", {"email": "B@example.com"}))

    assert (moved["email"], moved["duplicate_of"]) == ("B@example.com", other["id"])
    assert read(await api.get(f"leads/{follower['id']}"))["duplicate_of"] is None


async def test_a_lead_is_linked_with_its_conversation(api: Client) -> None:
    conversation = (await api.ask("Hello?"))["conversation_id"]

    lead = await add(api, email="visitor@example.com", conversation_id=conversation, trigger="manual")

    assert (lead["conversation_id"], lead["trigger"]) == (conversation, "manual")
    assert read(await api.get(f"conversations/{conversation}"))["lead_id"] == lead["id"]

    await api.delete(f"leads/{lead['id']}")
    assert read(await api.get(f"conversations/{conversation}"))["lead_id"] is None


async def test_anothers_conversation_is_none(api: Client, stranger: Client) -> None:
    theirs = (await stranger.ask("Hello?"))["conversation_id"]

    refused = await api.post("leads", {"email": "visitor@example.com", "conversation_id": theirs})
    nobodys = await api.post("leads", {"email": "visitor@example.com", "conversation_id": "conv_nobody"})

    assert assert_error(refused, 422, "invalid_request", param="conversation_id") == assert_error(
        nobodys, 422, "invalid_request", param="conversation_id"
    )


async def test_the_same_e_mail_in_another_project_is_no_duplicate(api: Client, stranger: Client) -> None:
    await add(stranger, email="visitor@example.com")

    assert (await add(api, email="visitor@example.com"))["duplicate_of"] is None


async def test_leads_are_filtered(api: Client) -> None:
    ours = await add(api, email="visitor@example.com", name="Alpha")
    won = await add(api, phone="+44 113 496 0000", trigger="keyword", stage="won")

    assert await listed(api) == [won["id"], ours["id"]]
    assert await listed(api, stage="won") == [won["id"]]
    assert await listed(api, trigger="api") == [ours["id"]]
    assert await listed(api, q="ALPH") == await listed(api, q="visitor@") == [ours["id"]]
    assert await listed(api, q="496 0000") == [won["id"]]
    assert await listed(api, **{"from": won["created_at"][:10], "to": "2999-01-01T00:00:00Z"}) != []
    assert await listed(api, to="2000-01-01T00:00:00Z") == []
    page = read(await api.get("leads", limit=1))
    assert read(await api.get("leads", limit=1, cursor=page["next_cursor"]))["data"][0]["id"] == ours["id"]
    assert_error(
        await api.get("leads", limit=1, stage="won", cursor=page["next_cursor"]), 400, "invalid_cursor", param="cursor"
    )


async def test_a_patch_changes_what_it_names(api: Client) -> None:
    lead = await add(api, email="visitor@example.com", name="Alpha", fields={"company": "Example Ltd", "seats": 12})

    changed = read(
        await api.patch(
            f"leads/{lead['id']}",
            {
                "stage": "qualified",
                "name": None,
                "fields": {"seats": None, "city": "Leeds"},
                "consent": {"given": False},
            },
        )
    )

    assert (changed["stage"], changed["name"], changed["email"]) == ("qualified", None, "visitor@example.com")
    assert changed["fields"] == {"company": "Example Ltd", "city": "Leeds"}
    assert (changed["consent"]["given"], changed["consent"]["at"] is None) == (False, False)
    assert_error(await api.patch(f"leads/{lead['id']}", {"email": None}), 422, "invalid_request", param="email")
    assert read(await api.get(f"leads/{lead['id']}")) == changed


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "email"),
        ({"name": "Alpha"}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a b@example.com"}, "email"),
        ({"email": "a@localhost"}, "email"),
        ({"email": "a@" + "x" * 70 + ".example"}, "email"),
        ({"email": ["a@example.com"]}, "email"),
        ({"phone": "call me"}, "phone"),
        ({"email": "a@example.com", "stage": "lukewarm"}, "stage"),
        ({"email": "a@example.com", "trigger": "moon"}, "trigger"),
        ({"email": "a@example.com", "page_url": "javascript:alert(1)"}, "page_url"),
        ({"email": "a@example.com", "consent": {"text": "Yes"}}, "consent.given"),
        ({"email": "a@example.com", "consent": {"given": True, "at": "2026-01-01T00:00:00"}}, "consent.at"),
        ({"email": "a@example.com", "consent": {"given": True, "at": "0001-01-01T00:00:00+14:00"}}, "consent.at"),
        ({"email": "a@example.com", "fields": {"x": "y" * 20_000}}, "fields"),
        ({"email": "a@example.com", "duplicate_of": "lead_1"}, "duplicate_of"),
    ],
)
async def test_bad_input_names_its_field(api: Client, body: Body, param: str) -> None:
    assert_error(await api.post("leads", body), 422, "invalid_request", param=param)
    assert await listed(api) == []


async def test_an_erased_lead_is_gone_from_events_too(api: Client, backends: Backends) -> None:
    lead = await add(api, email="visitor@example.com", name="Alpha")
    other = await add(api, email="other@example.com")

    await api.delete(f"leads/{lead['id']}")

    erased, kept = await captured(backends, api)
    assert erased == {"id": lead["id"], "conversation_id": None, "widget_id": None, "erased": True}
    assert kept["email"] == other["email"]
    assert_error(await api.get(f"leads/{lead['id']}"), 404, "not_found")
    assert_error(await api.delete(f"leads/{lead['id']}"), 404, "not_found")


async def test_an_export_has_every_lead_once_and_runs_nothing(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH", 2)
    leads = [await add(api, email=f"v{number}@example.com", name="=1+1", fields={"a": "b"}) for number in range(5)]

    as_csv = await api.get("leads/export")
    rows = list(csv.DictReader(io.StringIO(as_csv.text)))
    as_jsonl = await api.get("leads/export", format="jsonl")

    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert [row["id"] for row in rows] == [lead["id"] for lead in reversed(leads)]
    assert {(row["name"], row["fields"]) for row in rows} == {("'=1+1", '{"a":"b"}')}
    assert [json.loads(line) for line in as_jsonl.text.splitlines()] == leads[::-1]
    assert (await api.get("leads/export", stage="won", format="jsonl")).text == ""


async def test_scopes_of_leads(api: Client, backends: Backends) -> None:
    lead = await add(api, email="visitor@example.com")
    _, reading = await make_key(backends.db, api.tenant, "leads:read")
    _, other = await make_key(backends.db, api.tenant, "conversations")
    at = api.at(f"leads/{lead['id']}")

    async def tried(key: str, method: str, path: str, body: Body | None = None) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        return (await api.http.request(method, path, json=body, headers=headers)).status_code

    assert [await tried(reading, "GET", path) for path in (at, api.at("leads"), api.at("leads/export"))] == [200] * 3
    assert await tried(reading, "POST", api.at("leads"), {"email": "a@example.com"}) == 403
    assert await tried(reading, "PATCH", at, {"stage": "won"}) == 403
    assert await tried(reading, "DELETE", at) == 403
    assert [await tried(other, "GET", path) for path in (at, api.at("leads"), api.at("leads/export"))] == [403] * 3
