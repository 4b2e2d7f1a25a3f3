"""What a plan holds: exact, told with a code of its own, and agreed on otherwise by organisation."""

import asyncio
from typing import Any

import pytest

from aivastark.accounts.bounds import RESET, require_room, set_plan
from aivastark.accounts.gate import Application
from aivastark.accounts.metering import meter, questions_this_month
from aivastark.accounts.plans import PLANS, resolve
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.errors import PlanLimitReached
from aivastark.kit.clock import utc_now
from tests.conftest import Settle
from tests.make import Body, Client, Tenant, assert_error, calling, make_tenant, read


async def customer(backends: Backends, **overrides: Any) -> Tenant:
    return await make_tenant(backends.db, plan="growth", **overrides)


def raw(text: str, **fields: Any) -> Body:
    return {"type": "raw", "text": text, **fields}


async def agree(backends: Backends, tenant: Tenant, **overrides: Any) -> None:
    await backends.db.write(lambda session: set_plan(session, tenant.organization_id, plan=None, overrides=overrides))


def test_an_override_wins_over_the_plan_and_an_unknown_one_is_passed_over() -> None:
    plan = resolve("growth", {"per_minute": 120, "projects": None, "of_a_later_version": 1})

    assert (plan.per_minute, plan.per_day, plan.projects) == (120, PLANS["growth"].per_day, None)


async def test_an_organisations_own_rate_is_what_binds_it(app: Application, backends: Backends) -> None:
    tenant = await customer(backends, per_minute=2, per_day=None)

    async with calling(app, tenant.key) as http:
        answers = [await http.get(f"{tenant.base}/sources") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"minute";q=2;w=60'


async def test_starter_may_be_granted_the_api(app: Application, backends: Backends) -> None:
    granted = await make_tenant(backends.db, plan="starter", api_access=True)
    withheld = await make_tenant(backends.db, plan="growth", api_access=False)

    async with calling(app, None) as http:
        answers = [
            await http.get(f"{tenant.base}/sources", headers={"Authorization": f"Bearer {tenant.key}"})
            for tenant in (granted, withheld)
        ]

    assert answers[0].status_code == 200
    assert_error(answers[1], 403, "api_access_required")


async def test_of_many_sources_at_once_exactly_as_many_are_taken_as_there_is_room(
    app: Application, backends: Backends
) -> None:
    tenant = await customer(backends, sources_per_project=3)

    async with calling(app, tenant.key) as http:
        answers = await asyncio.gather(
            *(http.post(f"{tenant.base}/sources", json=raw(f"Text {number}.")) for number in range(10))
        )

    refused = [answer for answer in answers if answer.status_code != 202]
    assert len(refused) == 7
    for answer in refused:
        assert "3 sources in a project" in assert_error(answer, 403, "plan_limit_reached")


async def test_a_known_source_needs_no_room_and_a_deleted_one_makes_some(app: Application, backends: Backends) -> None:
    tenant = await customer(backends, sources_per_project=1)

    async with calling(app, tenant.key) as http:
        api = Client(http=http, tenant=tenant)
        source = await api.add(text="First.", external_id="a")
        again = await api.post("sources", raw("First, better.", external_id="a"))
        full = await api.post("sources", raw("Second."))
        await api.delete(f"sources/{source['id']}")
        freed = await api.post("sources", raw("Second."))

    assert again.status_code == 200
    assert_error(full, 403, "plan_limit_reached")
    assert freed.status_code == 202


async def test_a_source_with_more_passages_than_there_is_room_for_fails_and_says_so(
    app: Application, backends: Backends, settle: Settle
) -> None:
    tenant = await customer(backends, chunks_per_project=1)
    long = "\n\n".join(f"# Part {n}\n\n" + f"Sentence {n} about kettles and cups. " * 40 for n in range(3))

    async with calling(app, tenant.key) as http:
        api = Client(http=http, tenant=tenant)
        short = await api.add(text="The shop opens at nine.")
        await settle()
        failed = await api.add(text=long, format="markdown")
        await settle()
        failed = await api.source(failed["id"])
        await agree(backends, tenant, chunks_per_project=RESET)
        await api.post(f"sources/{failed['id']}/sync")
        await settle()
        mended = await api.source(failed["id"])

    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "plan_limit_reached"
    assert "1 passages in a project" in failed["error"]["message"]
    assert failed["error"]["retryable"] is False
    assert mended["status"] == "ready"
    assert short["id"] != mended["id"]


async def test_what_is_there_may_be_synced_also_after_the_plan_was_made_smaller(
    app: Application, backends: Backends, settle: Settle
) -> None:
    tenant = await customer(backends)

    async with calling(app, tenant.key) as http:
        api = Client(http=http, tenant=tenant)
        sources = [await api.add(text=f"Fact {number}.", external_id=str(number)) for number in range(2)]
        await settle()
        await agree(backends, tenant, chunks_per_project=1, sources_per_project=1)
        await api.post("sources", raw("Fact 0, corrected.", external_id="0"))
        await settle()
        synced = await api.source(sources[0]["id"])

    assert (synced["status"], synced["version"]) == ("ready", 2)


async def test_a_deleted_source_frees_its_passages(app: Application, backends: Backends, settle: Settle) -> None:
    tenant = await customer(backends, chunks_per_project=1)

    async with calling(app, tenant.key) as http:
        api = Client(http=http, tenant=tenant)
        source = await api.add(text="The shop opens at nine.")
        await settle()
        await api.delete(f"sources/{source['id']}")
        await settle()
        other = await api.add(text="The shop opens at ten.")
        await settle()

        assert (await api.source(other["id"]))["status"] == "ready"


@pytest.mark.parametrize("stream", [False, True])
async def test_of_many_questions_at_once_exactly_as_many_are_answered_as_the_month_holds(
    app: Application, backends: Backends, stream: bool
) -> None:
    tenant = await customer(backends, messages_per_month=3)
    question = {"message": "Hello?", "stream": stream}

    async with calling(app, tenant.key) as http:
        answers = await asyncio.gather(*(http.post(f"{tenant.base}/query", json=question) for _ in range(6)))
        later = await http.post(f"{tenant.base}/query", json=question)
        conversations = read(await http.get(f"{tenant.base}/conversations"))["data"]

    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == 3
    for answer in (*refused, later):
        assert "3 questions a month" in assert_error(answer, 403, "plan_limit_reached")
    assert len(conversations) == 3


async def test_the_month_of_the_plan_is_the_whole_organisations_and_begins_anew(backends: Backends) -> None:
    now = utc_now()
    last_month = now.replace(day=1, year=now.year - 1)

    def work(session: WriteSession) -> int | None:
        meter(session, "org_A", "prj_A", {"questions": 2}, now=now)
        meter(session, "org_A", "prj_B", {"questions": 3, "input_tokens": 70}, now=now)
        meter(session, "org_A", "prj_A", {"questions": 5}, now=last_month)
        meter(session, "org_B", "prj_C", {"questions": 7}, now=now)
        return session.scalar(questions_this_month("org_A", now))

    assert await backends.db.write(work) == 5


async def test_an_unbounded_plan_always_has_room_and_a_bounded_one_to_the_last(backends: Backends) -> None:
    bounded = await customer(backends, members=5)
    free = await make_tenant(backends.db, plan="enterprise")
    used = questions_this_month("org_A", utc_now())  # any count will do: it is 0

    def work(session: WriteSession) -> None:
        require_room(session, free.organization_id, "members", used, adding=1_000_000)
        require_room(session, bounded.organization_id, "members", used, adding=5)
        require_room(session, bounded.organization_id, "members", used, adding=6)

    with pytest.raises(PlanLimitReached, match="The growth plan holds 5 members"):
        await backends.db.write(work)


async def test_the_operators_minute_overrides_what_was_agreed_on(backends: Backends) -> None:
    tenant = await customer(backends, per_minute=50)

    async with calling(create_app(backends, rate_limit_per_minute=1), tenant.key) as http:
        answers = [await http.get(f"{tenant.base}/sources") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
