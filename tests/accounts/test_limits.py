"""How often a caller may ask: exact under concurrency, told on every answer, undone for what was refused."""

import asyncio
import time
from collections import Counter

import httpx
import pytest
from sqlalchemy import text

from aivastark.accounts import limits
from aivastark.accounts.gate import Application
from aivastark.accounts.limits import DAY_S, MICRO, look, take
from aivastark.accounts.plans import PLANS, Plan
from aivastark.app import create_app
from aivastark.backends.base import Backends
from tests.make import Client, Tenant, assert_error, assert_limit_headers, calling, make_key, make_tenant


@pytest.fixture
async def growing(backends: Backends) -> Tenant:
    return await make_tenant(backends.db, plan="growth")


async def test_of_a_hundred_at_once_exactly_sixty_pass(app: Application, growing: Tenant) -> None:
    async with calling(app, growing.key) as http:
        answers = await asyncio.gather(*(http.get(f"{growing.base}/sources") for _ in range(100)))

    assert Counter(answer.status_code for answer in answers) == {200: 60, 429: 40}
    passed = sorted(int(answer.headers["x-ratelimit-remaining"]) for answer in answers if answer.status_code == 200)
    assert passed == list(range(60))


async def test_over_the_minute_it_is_a_429_that_says_when_to_come_back(app: Application, growing: Tenant) -> None:
    async with calling(app, growing.key) as http:
        for _ in range(60):
            await http.get(f"{growing.base}/sources")
        answer = await http.get(f"{growing.base}/sources")

    assert "60 requests a minute" in assert_error(answer, 429, "rate_limited")
    assert answer.headers["x-ratelimit-limit"] == "60"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    wait = int(answer.headers["retry-after"])
    assert 1 <= wait <= 60
    assert abs(int(answer.headers["x-ratelimit-reset"]) - time.time() - wait) < 2


async def test_more_keys_do_not_mean_more_calls(app: Application, backends: Backends, growing: Tenant) -> None:
    _, second = await make_key(backends.db, growing, "*")

    async with calling(app, growing.key) as http:
        await http.get(f"{growing.base}/sources")
        answer = await http.get(f"{growing.base}/sources", headers={"Authorization": f"Bearer {second}"})

    assert answer.headers["x-ratelimit-remaining"] == "58"


async def test_the_day_is_a_window_of_its_own(backends: Backends) -> None:
    plan = Plan(per_minute=60, per_day=2, api_access=True)

    admitted = [await take(backends.db, "prj_A", plan) for _ in range(2)]
    refused = await take(backends.db, "prj_A", plan)

    assert [allowance.refused_by for allowance in admitted] == [None, None]
    assert refused.refused_by is not None
    assert refused.refused_by.name == "day"
    assert refused.binding.resets_at % DAY_S == 0
    assert 0 < refused.retry_after_s <= DAY_S


async def test_what_the_day_refused_the_minute_does_not_count(backends: Backends) -> None:
    plan = Plan(per_minute=60, per_day=1, api_access=True)

    for _ in range(5):
        await take(backends.db, "prj_A", plan)

    minute, day = (await look(backends.db, "prj_A", plan)).windows
    assert (minute.remaining, day.remaining) == (59, 0)


async def test_over_the_day_it_is_quota_exceeded(app: Application, backends: Backends, growing: Tenant) -> None:
    per_day = PLANS["growth"].per_day
    today = int(time.time()) // DAY_S * DAY_S * MICRO
    await backends.db.write(
        lambda session: session.execute(
            text("INSERT INTO rate_windows VALUES (:bucket, :start, :used)"),
            {"bucket": f"{growing.project_id}:day", "start": today, "used": per_day},
        )
    )

    async with calling(app, growing.key) as http:
        answer = await http.get(f"{growing.base}/sources")

    assert "10000 requests a day" in assert_error(answer, 429, "quota_exceeded")
    assert answer.headers["x-ratelimit-limit"] == "10000"
    assert int(answer.headers["retry-after"]) <= DAY_S


async def test_a_flood_is_refused_without_asking_the_database_until_its_window_ends(
    backends: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MINUTE_S", 2)
    flooding = await make_tenant(backends.db, plan="growth", per_minute=2)
    everything = text("DELETE FROM rate_windows")

    async with calling(create_app(backends), flooding.key) as http:
        before = [await http.get(f"{flooding.base}/sources") for _ in range(3)]
        await backends.db.write(lambda session: session.execute(everything))
        still = await http.get(f"{flooding.base}/sources")
        await asyncio.sleep(float(before[-1].headers["x-ratelimit-reset"]) - time.time() + 0.05)
        after = await http.get(f"{flooding.base}/sources")

    assert [answer.status_code for answer in before] == [200, 200, 429]
    assert_error(still, 429, "rate_limited")
    told = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
    assert [still.headers[name] for name in told] == [before[-1].headers[name] for name in told]
    assert after.status_code == 200


async def test_a_window_that_has_passed_begins_anew(backends: Backends) -> None:
    plan = Plan(per_minute=2, per_day=None, api_access=True)
    await backends.db.write(
        lambda session: session.execute(
            text("INSERT INTO rate_windows VALUES ('prj_A:minute', :start, 2)"),
            {"start": int((time.time() - 61) * MICRO)},
        )
    )

    allowance = await take(backends.db, "prj_A", plan)

    assert allowance.refused_by is None
    assert allowance.binding.remaining == 1


async def test_the_operator_may_set_the_minute_for_all(backends: Backends, growing: Tenant) -> None:
    async with calling(create_app(backends, rate_limit_per_minute=2), growing.key) as http:
        answers = [await http.get(f"{growing.base}/sources") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


async def test_zero_switches_limits_off_but_not_the_headers(backends: Backends, growing: Tenant) -> None:
    async with calling(create_app(backends, rate_limit_per_minute=0), growing.key) as http:
        answers = [await http.get(f"{growing.base}/sources") for _ in range(70)]

    assert {answer.status_code for answer in answers} == {200}
    assert_limit_headers(answers[-1])


async def test_calls_without_a_key_are_counted_by_address(app: Application) -> None:
    async with calling(app, None) as http:
        answers = [await http.get("/v1/projects/prj_A/sources") for _ in range(3)]

    remaining = [int(answer.headers["x-ratelimit-remaining"]) for answer in answers]
    assert remaining == [299, 298, 297]


async def test_a_flood_without_a_key_ends_in_429_but_probes_pass(app: Application, backends: Backends) -> None:
    await backends.db.write(
        lambda session: session.execute(
            text("INSERT INTO rate_windows VALUES ('ip:127.0.0.1:minute', :start, 300)"),
            {"start": int(time.time() * MICRO)},
        )
    )

    async with calling(app, None) as http:
        unknown = await http.get("/nothing")
        probe = await http.get("/v1/health/live")

    assert_error(unknown, 429, "rate_limited")
    assert probe.status_code == 200
    assert "retry-after" not in probe.headers


async def test_every_kind_of_answer_has_the_headers(api: Client) -> None:
    answers: list[httpx.Response] = [
        await api.get("sources"),
        await api.get("sources/src_X"),
        await api.get("/v1/nothing"),
        await api.get("/openapi.json"),
        await api.get("/docs"),
        await api.post("sources", {}),
        await api.http.put(api.at("sources")),
        await api.http.head(api.at("sources")),
        await api.http.options(api.at("sources")),
        await api.http.get(api.at("sources"), headers={"Authorization": "Bearer wrong"}),
        await api.http.post(api.at("query"), json={"message": "Hello?", "stream": True}),
    ]

    for answer in answers:
        assert_limit_headers(answer)
        assert answer.headers["x-request-id"].startswith("req_")


async def test_the_starter_plan_comes_without_api_access(app: Application, backends: Backends) -> None:
    starting = await make_tenant(backends.db, plan="starter")

    async with calling(app, starting.key) as http:
        answer = await http.get(f"{starting.base}/sources")

    assert_error(answer, 403, "api_access_required")


async def test_a_host_name_that_is_not_ours_is_refused_in_the_same_envelope(backends: Backends, tenant: Tenant) -> None:
    app = create_app(backends, allowed_hosts=["aivastark.test"])

    async with calling(app, tenant.key) as http:
        ours = await http.get(f"{tenant.base}/sources")
        foreign = await http.get(f"{tenant.base}/sources", headers={"Host": "elsewhere.example:8080"})

    assert ours.status_code == 200
    assert_error(foreign, 400, "invalid_request", param="Host")
