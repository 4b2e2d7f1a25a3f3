"""Plan and usage over HTTP: read by the organisation itself, changed by nobody."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from aivastark.accounts.gate import Application
from aivastark.accounts.metering import Kind, meter
from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.kit.clock import utc_now
from tests.conftest import Settle
from tests.make import Client, assert_error, calling, make_key, make_tenant, read

TEXT = "The link is valid for two hours. Größe."


@pytest.fixture
async def agency(app: Application, backends: Backends) -> AsyncIterator[Client]:
    """A customer with a key to the whole organisation."""
    tenant = await make_tenant(backends.db, plan="growth", whole_organization=True, per_minute=120)
    async with calling(app, tenant.key) as http:
        yield Client(http=http, tenant=tenant)


def usage(client: Client) -> str:
    return f"/v1/organizations/{client.tenant.organization_id}/usage"


def plan(client: Client) -> str:
    return f"/v1/organizations/{client.tenant.organization_id}/plan"


async def test_the_plan_is_shown_with_what_was_agreed_on(agency: Client) -> None:
    shown = read(await agency.get(plan(agency)))

    assert shown == {
        "organization_id": agency.tenant.organization_id,
        "plan": "growth",
        "api_access": True,
        "limits": {
            "per_minute": 120,
            "per_day": 10_000,
            "projects": 10,
            "sources_per_project": 1_000,
            "chunks_per_project": 100_000,
            "members": 20,
            "messages_per_month": 50_000,
            "tokens_per_project_day": None,
        },
        "overridden": ["per_minute"],
    }


async def test_a_plan_is_not_changed_over_http(agency: Client) -> None:
    answer = await agency.patch(plan(agency), {"plan": "enterprise"})

    assert_error(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"


async def test_questions_refusals_and_what_is_held_are_counted(agency: Client, settle: Settle) -> None:
    source = await agency.add(text=TEXT)
    await settle()
    await agency.ask("How long is the link valid?")
    await agency.ask("Who won the war of the roses?")

    told = read(await agency.get(usage(agency)))
    of_project = read(await agency.get("usage"))

    counts = {"questions": 2, "answers_refused": 1, "input_tokens": 0, "output_tokens": 0, "cost": "0"}
    today = utc_now().date()
    assert told["totals"] == counts
    assert told["days"] == [{"day": today.isoformat(), **counts}]
    chunks = (await agency.source(source["id"]))["progress"]["chunks"]
    assert told["held"] == {"projects": 1, "sources": 1, "chunks": chunks, "storage_bytes": len(TEXT.encode())}
    assert told["this_month"] == {"questions": 2, "limit": 50_000}
    assert (told["from"], told["to"]) == (today.replace(day=1).isoformat(), today.isoformat())
    assert told["project_id"] is None
    assert told["budget"] is None
    assert of_project == {**told, "project_id": agency.tenant.project_id, "budget": of_project["budget"]}


async def test_what_is_deleted_is_held_no_more(agency: Client, settle: Settle) -> None:
    source = await agency.add(text=TEXT)
    await settle()
    await agency.delete(f"sources/{source['id']}")

    held = read(await agency.get("usage"))["held"]

    assert held == {"projects": 1, "sources": 0, "chunks": 0, "storage_bytes": 0}


async def test_usage_is_read_by_days_and_by_project(agency: Client, backends: Backends) -> None:
    now = utc_now()
    ours, organization_id = agency.tenant.project_id, agency.tenant.organization_id

    def use(session: WriteSession) -> None:
        for back, project_id, amount in ((0, ours, 1), (3, ours, 10), (3, "prj_GONE", 100), (40, ours, 1_000)):
            used: dict[Kind, int] = {"questions": amount, "output_tokens": 2 * amount}
            meter(session, organization_id, project_id, used, now=now - timedelta(days=back))

    await backends.db.write(use)
    days = [(now - timedelta(days=back)).date().isoformat() for back in (0, 3, 40)]

    everything = read(await agency.get(usage(agency), **{"from": days[2], "to": days[0]}))
    some = read(await agency.get(usage(agency), **{"from": days[1], "to": days[1], "project_id": ours}))

    assert everything["totals"]["questions"] == 1_111
    assert [day["day"] for day in everything["days"]] == [days[2], days[1], days[0]]
    assert some["totals"] == {
        "questions": 10,
        "answers_refused": 0,
        "input_tokens": 0,
        "output_tokens": 20,
        "cost": "0",
    }


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"from": "2026-02-02", "to": "2026-02-01"}, "from"),
        ({"from": "2024-01-01", "to": "2026-01-01"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-30"}, "to"),
    ],
)
async def test_a_period_that_is_none_is_a_422(agency: Client, query: dict[str, str], param: str) -> None:
    assert_error(await agency.get(usage(agency), **query), 422, "invalid_request", param=param)


async def test_another_organisation_does_not_exist_and_neither_does_its_project(
    agency: Client, stranger: Client
) -> None:
    for path in (usage(stranger), plan(stranger)):
        assert_error(await agency.get(path), 404, "not_found")
    foreign = await agency.get(usage(agency), project_id=stranger.tenant.project_id)
    assert_error(foreign, 404, "not_found")


async def test_a_key_to_one_project_reads_that_projects_usage_only(
    app: Application, agency: Client, backends: Backends
) -> None:
    _, narrow = await make_key(backends.db, agency.tenant, "analytics:read")
    _, blind = await make_key(backends.db, agency.tenant, "query")

    async with calling(app, narrow) as http:
        assert (await http.get(agency.at("usage"))).status_code == 200
        assert_error(await http.get(usage(agency)), 403, "permission_denied")
        assert_error(await http.get(plan(agency)), 403, "permission_denied")
    async with calling(app, blind) as http:
        assert_error(await http.get(agency.at("usage")), 403, "permission_denied")
