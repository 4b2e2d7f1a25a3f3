"""Projects over HTTP: made, configured, deleted with all that belongs to them, and forgetting in time."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from aivastark.accounts.gate import Application
from aivastark.backends.base import Backends
from aivastark.conversations.models import Conversation
from aivastark.database import Base
from aivastark.kit.clock import utc_now
from aivastark.kit.metadata import merge_patch
from aivastark.leads.retention import forget_old_conversations
from aivastark.projects.erase import SWEEP_AGAIN_AFTER
from aivastark.settings import Settings
from tests.conftest import Settle
from tests.make import Client, Tenant, assert_conditional, assert_error, blobs_in, calling, make_key, make_tenant, read
from tests.people import browsing, make_person

SETTINGS: dict[str, Any] = {
    "instructions": "Be brief.",
    "tone": "friendly",
    "refusal_text": "Ask Anna.",
    "thresholds": {"answer": 0.9},
    "languages": ["en", "de"],
    "retention_days": 30,
    "model": "extractive",
    "metadata": {"crm": "42"},
}


@pytest.fixture
async def agency(backends: Backends) -> Tenant:
    return await make_tenant(backends.db, whole_organization=True)


async def test_an_agency_makes_and_configures_a_whole_tenant_with_one_key(
    app: Application, agency: Tenant, settle: Settle
) -> None:
    async with calling(app, agency.key) as http:
        made = await http.post("/v1/projects", json={"name": "Client A", **SETTINGS})
        project = read(made)
        base = made.headers["location"]
        await http.post(f"{base}/sources", json={"type": "raw", "text": "The shop opens at nine every day."})
        await settle()
        answer = read(await http.post(f"{base}/query", json={"message": "What is the capital of Peru?"}))
        key = read(await http.post(f"{base}/api-keys", json={"name": "for the client", "scopes": ["query"]}))
    async with calling(app, key["secret"]) as http:
        asked = await http.post(f"{base}/query", json={"message": "When does the shop open?"})

    assert made.status_code == 201
    assert {name: project[name] for name in SETTINGS} == SETTINGS
    assert project["organization_id"] == agency.organization_id
    assert answer["answer"] == "Ask Anna."
    assert asked.status_code == 200


async def test_a_new_project_has_defaults(app: Application, agency: Tenant) -> None:
    async with calling(app, agency.key) as http:
        project = read(await http.post("/v1/projects", json={"name": "Plain"}))

    assert {name: project[name] for name in SETTINGS} == {
        **dict.fromkeys(SETTINGS),
        "thresholds": {"answer": None},
        "languages": [],
        "metadata": {},
    }


async def test_a_patch_changes_what_it_names_and_null_goes_back_to_the_default(
    app: Application, agency: Tenant
) -> None:
    async with calling(app, agency.key) as http:
        before = read(await http.post("/v1/projects", json={"name": "Client A", **SETTINGS}))
        path = f"/v1/projects/{before['id']}"
        patched = read(await http.patch(path, json={"name": "Client B", "tone": None, "thresholds": {"answer": None}}))
        merged = await http.patch(
            path, content=b'{"retention_days": null}', headers={"Content-Type": "application/merge-patch+json"}
        )
        after = read(await http.get(path))

    assert (patched["name"], patched["tone"], patched["thresholds"]) == ("Client B", None, {"answer": None})
    assert merged.status_code == 200
    assert after["retention_days"] is None
    same = ("instructions", "refusal_text", "languages", "model", "metadata", "created_at")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert after["updated_at"] > before["updated_at"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"name": None}, "name"),
        ({"name": "  "}, "name"),
        ({"thresholds": {"answer": 1.5}}, "thresholds.answer"),
        ({"thresholds": {"nonsense": 1}}, "thresholds.nonsense"),
        ({"languages": ["english"]}, "languages.0"),
        ({"retention_days": 0}, "retention_days"),
        ({"refusal_text": "\u0000"}, "refusal_text"),
        ({"model": "no such\nmodel"}, "model"),
        ({"id": "prj_mine"}, "id"),
    ],
)
async def test_a_setting_that_makes_no_sense_is_refused(api: Client, body: dict[str, Any], param: str) -> None:
    assert_error(await api.patch("", body), 422, "invalid_request", param=param)


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        ({"length": "short", "forbidden_topics": ["weapons"]}, {"clarify": False}, {"clarify": False}),
        ({"length": "short", "clarify": False}, {"length": None}, {"length": "medium"}),
        (
            {"forbidden_topics": ["weapons", "drugs"]},
            {"forbidden_topics": ["alcohol"]},
            {"forbidden_topics": ["alcohol"]},
        ),
    ],
)
async def test_of_a_group_of_settings_a_patch_changes_what_it_names(
    api: Client, before: dict[str, Any], patch: dict[str, Any], after: dict[str, Any]
) -> None:
    was = read(await api.patch("", {"answers": before}))["answers"]

    became = read(await api.patch("", {"answers": patch}))["answers"]

    assert became == read(await api.get(""))["answers"] == {**was, **after}
    assert read(await api.patch("", {"answers": None}))["answers"]["length"] == "medium"


@pytest.mark.parametrize(
    ("group", "kept", "patch"),
    [
        ("handoff", {"business_hours": {"timezone": "Asia/Tokyo", "weekly": {}, "holidays": []}}, {"enabled": False}),
        ("privacy", {"mask": ["email"]}, {"phone_regions": ["DE"]}),
        ("budget", {"tokens_per_day": 1_000}, {"cost_per_day": "2.50"}),
        ("metadata", {"crm": {"id": "42", "since": "2026"}}, {"crm": {"id": "43"}, "tier": "gold"}),
    ],
)
async def test_every_group_of_settings_is_merged(
    api: Client, group: str, kept: dict[str, Any], patch: dict[str, Any]
) -> None:
    await api.patch("", {group: kept})

    became = read(await api.patch("", {group: patch}))[group]

    assert became == merge_patch(kept, patch)


async def test_metadata_may_not_grow_too_large_bit_by_bit(api: Client) -> None:
    for half in ("a", "b"):
        taken = await api.patch("", {"metadata": {f"{half}{number}": number for number in range(25)}})
        assert taken.status_code == 200

    assert_error(await api.patch("", {"metadata": {"one more": 1}}), 422, "invalid_request", param="metadata")


async def test_the_key_of_a_project_sees_that_one_and_makes_none(api: Client, backends: Backends) -> None:
    listed = read(await api.get("/v1/projects"))
    changed = await api.patch("", {"name": "Renamed"})

    assert [row["id"] for row in listed["data"]] == [api.tenant.project_id]
    assert read(changed)["name"] == "Renamed"
    assert_error(await api.post("/v1/projects", {"name": "Another"}), 403, "permission_denied")
    assert_error(await api.delete(""), 403, "permission_denied")


async def test_a_narrow_key_reads_settings_and_changes_none(
    app: Application, backends: Backends, tenant: Tenant
) -> None:
    _, narrow = await make_key(backends.db, tenant, "query")

    async with calling(app, narrow) as http:
        assert (await http.get(tenant.base)).status_code == 200
        assert_error(await http.patch(tenant.base, json={"name": "Mine"}), 403, "permission_denied")


async def test_projects_of_strangers_are_not_there(app: Application, agency: Tenant, stranger: Client) -> None:
    async with calling(app, agency.key) as http:
        for method, body in (("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)):
            assert_error(await http.request(method, stranger.tenant.base, json=body), 404, "not_found")
        listed = read(await http.get("/v1/projects"))

    assert [row["id"] for row in listed["data"]] == [agency.project_id]
    assert (await stranger.get("")).status_code == 200


async def test_projects_are_listed_page_by_page(app: Application, agency: Tenant, stranger: Client) -> None:
    async with calling(app, agency.key) as http:
        for number in range(4):
            await http.post("/v1/projects", json={"name": f"Client {number}"})
        first = read(await http.get("/v1/projects", params={"limit": 3}))
        second = read(await http.get("/v1/projects", params={"limit": 3, "cursor": first["next_cursor"]}))
        foreign = await stranger.get("/v1/projects", cursor=first["next_cursor"])

    names = [row["name"] for row in first["data"] + second["data"]]
    assert names == ["Client 3", "Client 2", "Client 1", "Client 0", "A bot"]
    assert_error(foreign, 400, "invalid_cursor", param="cursor")


@pytest.mark.parametrize(("role", "status"), [("owner", 204), ("admin", 403), ("agent", 403), ("viewer", 403)])
async def test_of_people_only_owners_delete_a_project(
    app: Application, backends: Backends, tenant: Tenant, role: str, status: int
) -> None:
    person = await make_person(backends, tenant, role)

    async with browsing(app, person) as http:
        answer = await http.delete(tenant.base)

    assert answer.status_code == status


async def test_a_deleted_project_is_gone_at_once_and_in_time_from_everywhere(
    app: Application, backends: Backends, settings: Settings, settle: Settle, agency: Tenant, stranger: Client
) -> None:
    kept = await stranger.add(text="The strangers' shop opens at ten every day.")
    async with calling(app, agency.key) as http:
        await http.post(f"{agency.base}/sources", json={"type": "raw", "text": "The shop opens at nine every day."})
        await settle()
        await http.post(f"{agency.base}/query", json={"message": "When does the shop open?"})
        key = read(await http.post(f"{agency.base}/api-keys", json={"name": "for the client"}))
        await http.post(f"{agency.base}/sources", json={"type": "raw", "text": "Never to be taken in."})

        deleted = await http.delete(agency.base)
        after = [await http.get(f"{agency.base}/{rest}") for rest in ("", "sources", "conversations", "api-keys")]
    async with calling(app, key["secret"]) as http:
        closed = await http.get(f"{agency.base}/sources")
    await settle()

    assert deleted.status_code == 204
    for answer in after[1:]:
        assert_error(answer, 404, "not_found")
    assert_error(closed, 401, "unauthenticated")
    assert await rows_of(backends, agency.project_id) == {"api_keys": 1}
    assert not (settings.data_dir / "search" / f"{agency.project_id}.db").exists()
    assert [blob.parent.name for blob in blobs_in(settings)] == [stranger.tenant.project_id]
    assert (await stranger.source(kept["id"]))["status"] == "ready"


async def test_what_was_written_while_a_project_went_is_swept_up(
    app: Application, backends: Backends, settle: Settle, agency: Tenant
) -> None:
    async with calling(app, agency.key) as http:
        await http.delete(agency.base)
    await settle()
    late = {"p": agency.project_id, "now": utc_now().replace(tzinfo=None)}
    insert = "INSERT INTO events (project_id, id, type, body, created_at) VALUES (:p, 'evt_late', 'x', '{}', :now)"
    await backends.db.write(lambda session: session.execute(text(insert), late))
    past = text("UPDATE jobs SET run_at = :then WHERE subject LIKE 'erase:%'")
    then = (utc_now() - SWEEP_AGAIN_AFTER).replace(tzinfo=None)
    await backends.db.write(lambda session: session.execute(past, {"then": then}))

    await settle()

    assert await rows_of(backends, agency.project_id) == {}


async def test_conversations_older_than_a_project_keeps_them_are_erased(
    api: Client, backends: Backends, stranger: Client
) -> None:
    old, new = await api.ask("Is it old?"), await api.ask("Is it new?")
    theirs = await stranger.ask("Is it theirs?")
    await api.patch("", {"retention_days": 30})
    long_ago = utc_now() - timedelta(days=31)
    for project_id, answer in ((api.tenant.project_id, old), (stranger.tenant.project_id, theirs)):
        age = (
            update(Conversation)
            .where(Conversation.project_id == project_id, Conversation.id == answer["conversation_id"])
            .values(updated_at=long_ago)
        )
        await backends.db.write(lambda session, age=age: session.execute(age))  # type: ignore[misc]

    await backends.db.write(forget_old_conversations)

    assert [row["id"] for row in read(await api.get("conversations"))["data"]] == [new["conversation_id"]]
    assert_error(await api.get(f"messages/{old['id']}/stream"), 404, "not_found")
    assert len(read(await stranger.get("conversations"))["data"]) == 1


async def rows_of(backends: Backends, project_id: str) -> dict[str, int]:
    """How many rows each table holds of a project."""

    def work(session: Any) -> dict[str, int]:
        counted = {}
        for table in Base.metadata.sorted_tables:
            if "project_id" in table.columns:
                found = session.execute(select(table).where(table.c.project_id == project_id)).all()
                counted[table.name] = len(found)
        counted.pop("usage_counters")  # what was used was used
        return {name: count for name, count in counted.items() if count}

    return await backends.db.read(work)


async def test_a_plan_holds_so_many_projects(app: Application, backends: Backends) -> None:
    small = await make_tenant(backends.db, plan="starter")
    owner = await make_person(backends, small)

    async with browsing(app, owner) as http:
        refused = await http.post("/v1/projects", json={"name": "Another"})
        await http.delete(small.base)
        made = await http.post("/v1/projects", json={"name": "Instead"})

    assert_error(refused, 403, "plan_limit_reached")
    assert made.status_code == 201


async def test_a_project_is_not_fetched_twice_or_overwritten_unseen(api: Client) -> None:
    await assert_conditional(api, "", {"tone": "dry"}, {"tone": "kind"})
