"""Deliveries over real sockets: nothing is missed, everything is logged, one receiver never holds up another."""

import asyncio
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from aivastark import worker
from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from aivastark.kit.clock import utc_now
from aivastark.settings import Settings
from aivastark.webhooks import deliver
from aivastark.webhooks.deliver import RESPONSE_MAX_BYTES, RETRY_AFTER_S
from aivastark.webhooks.models import Webhook
from tests.conftest import Settle
from tests.loopback import Page, page, serving
from tests.make import Body, Client, assert_error, read, working
from tests.webhooks.hooks import (
    OK,
    ask_the_unanswerable,
    attempts,
    bodies,
    deliveries,
    endless,
    hung_up,
    in_turn,
    let_time_pass,
    silent,
    subscribe,
)


async def test_a_fact_arrives_as_the_contract_says(api: Client, settle: Settle) -> None:
    async with serving({"/hook": OK}) as site:
        webhook = await subscribe(api, site.url("/hook?from=aivastark"))
        answer = await ask_the_unanswerable(api)
        await settle()

        [request], [body] = site.requests, bodies(site)
        [delivery] = await deliveries(api, webhook)

    assert request.path == "/hook?from=aivastark"
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.headers["x-aivastark-event"] == body["type"] == "low_confidence.detected"
    assert request.headers["x-aivastark-delivery"] == request.headers["webhook-id"] == delivery["id"]
    assert list(body) == ["id", "type", "api_version", "created_at", "project_id", "data"]
    assert (body["api_version"], body["project_id"]) == ("v1", api.tenant.project_id)
    assert body["data"]["message_id"] == answer["id"]
    assert (delivery["status"], delivery["event_id"], delivery["attempt_count"]) == ("delivered", body["id"], 1)
    [event] = read(await api.get("events"))["data"]
    assert event == body


async def test_a_receiver_that_is_down_for_three_attempts_misses_nothing(
    api: Client, backends: Backends, settle: Settle
) -> None:
    flaky = in_turn(hung_up, page(503, b"not now"), page(500), OK)
    async with serving({"/": flaky}) as site:
        webhook = await subscribe(api, site.url())
        await ask_the_unanswerable(api)
        await settle()
        for _ in range(3):
            await settle()  # not before its time
            await let_time_pass(backends)
            await settle()

        [delivery] = await deliveries(api, webhook)
        tried = await attempts(api, webhook, delivery["id"])

        assert len(site.requests) == 4
        assert len({request.body for request in site.requests}) == 1
        assert {request.headers["webhook-id"] for request in site.requests} == {delivery["id"]}
    assert (delivery["status"], delivery["next_attempt_at"], delivery["error"]) == ("delivered", None, None)
    assert [attempt["response_status"] for attempt in tried] == [None, 503, 500, 200]
    codes = [attempt["error"] and attempt["error"]["code"] for attempt in tried]
    assert codes == ["connect_failed", "http_error", "http_error", None]
    assert tried[1]["response_body"] == "not now"
    assert all(attempt["latency_ms"] >= 0 for attempt in tried)
    assert read(await api.get(f"webhooks/{webhook['id']}"))["failing_since"] is None


async def test_retries_keep_the_schedule_with_jitter_and_end_with_it(
    api: Client, backends: Backends, settle: Settle
) -> None:
    async with serving({"/": page(500)}) as site:
        webhook = await subscribe(api, site.url())
        await ask_the_unanswerable(api)
        waits = []
        for _ in RETRY_AFTER_S:
            await settle()
            [delivery] = await deliveries(api, webhook)
            waits.append(await _wait_after_the_last_attempt(api, webhook, delivery))
            await let_time_pass(backends)
        await settle()

        [delivery] = await deliveries(api, webhook)
        assert len(site.requests) == 10

    assert waits == [pytest.approx(planned, rel=0.11, abs=0.5) for planned in RETRY_AFTER_S]
    assert waits != [pytest.approx(planned, rel=0.001) for planned in RETRY_AFTER_S]
    assert (delivery["status"], delivery["next_attempt_at"], delivery["attempt_count"]) == ("failed", None, 10)
    assert read(await api.get(f"webhooks/{webhook['id']}"))["enabled"] is True


@pytest.mark.parametrize(("asked", "waited"), [("3600", 3_600), ("1", 5), ("9999999", 86_400), ("soon", 5)])
async def test_a_receiver_may_ask_for_a_later_retry(api: Client, settle: Settle, asked: str, waited: int) -> None:
    async with serving({"/": page(429, headers={"Retry-After": asked})}) as site:
        webhook = await subscribe(api, site.url())
        await ask_the_unanswerable(api)
        await settle()
        [delivery] = await deliveries(api, webhook)

        wait = await _wait_after_the_last_attempt(api, webhook, delivery)
    assert wait == pytest.approx(waited, rel=0.11, abs=0.5)


async def test_a_redirect_is_a_failure_and_is_not_followed(api: Client, settle: Settle) -> None:
    async with serving({"/": page(307, headers={"Location": "/elsewhere"}), "/elsewhere": OK}) as site:
        webhook = await subscribe(api, site.url())
        await ask_the_unanswerable(api)
        await settle()
        [delivery] = await deliveries(api, webhook)

        assert [request.path for request in site.requests] == ["/"]
    assert (delivery["status"], delivery["response_status"], delivery["error"]) == ("pending", 307, "redirect")


async def test_410_ends_the_delivery_and_disables_the_webhook(api: Client, settle: Settle) -> None:
    async with serving({"/": page(410)}) as site:
        webhook = await subscribe(api, site.url())
        await ask_the_unanswerable(api)
        await settle()
        await ask_the_unanswerable(api)
        await settle()
        [delivery] = await deliveries(api, webhook)
        after = read(await api.get(f"webhooks/{webhook['id']}"))

        assert len(site.requests) == 1
    assert (delivery["status"], delivery["response_status"]) == ("failed", 410)
    assert (after["status"], after["disabled_reason"]) == ("disabled", "gone")
    refused = await api.post(f"webhooks/{webhook['id']}/deliveries/{delivery['id']}/redeliver")
    assert_error(refused, 409, "conflict")


async def test_five_days_of_nothing_but_failures_disable_a_webhook_and_enabling_it_sends_what_waited(
    api: Client, backends: Backends, settle: Settle
) -> None:
    pages: dict[str, Page] = {"/": page(500)}
    async with serving(pages) as site:
        webhook = await subscribe(api, site.url())
        for number in range(2):
            await ask_the_unanswerable(api, number)
        await settle()
        failing = read(await api.get(f"webhooks/{webhook['id']}"))
        five_days_ago = utc_now() - timedelta(days=5)
        await backends.db.write(lambda session: session.execute(update(Webhook).values(failing_since=five_days_ago)))
        await let_time_pass(backends)
        await settle()
        disabled = read(await api.get(f"webhooks/{webhook['id']}"))

        pages["/"] = OK
        await api.patch(f"webhooks/{webhook['id']}", {"enabled": True})
        await let_time_pass(backends)
        await settle()

        assert {delivery["status"] for delivery in await deliveries(api, webhook)} == {"delivered"}
        enabled = read(await api.get(f"webhooks/{webhook['id']}"))
    assert failing["enabled"] is True
    assert failing["failing_since"] is not None
    assert (disabled["enabled"], disabled["disabled_reason"]) == (False, "failing")
    assert (enabled["enabled"], enabled["failing_since"]) == (True, None)


async def test_a_receiver_that_takes_too_long_has_failed(
    api: Client, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "DEADLINE_S", 0.2)
    async with serving({"/": silent}) as site:
        webhook = await subscribe(api, site.url())
        await ask_the_unanswerable(api)
        await settle()
        [delivery] = await deliveries(api, webhook)
        [attempt] = await attempts(api, webhook, delivery["id"])

    assert (delivery["status"], delivery["response_status"], delivery["error"]) == ("pending", None, "timeout")
    assert attempt["error"]["message"] == "127.0.0.1 did not answer within 0.2 seconds."
    assert attempt["latency_ms"] >= 200


async def test_of_an_endless_answer_the_status_counts_and_its_beginning_is_kept(api: Client, settle: Settle) -> None:
    async with serving({"/": endless}) as site:
        webhook = await subscribe(api, site.url())
        await ask_the_unanswerable(api)
        await settle()
        [delivery] = await deliveries(api, webhook)
        [attempt] = await attempts(api, webhook, delivery["id"])

    assert delivery["status"] == "delivered"
    assert len(attempt["response_body"]) == RESPONSE_MAX_BYTES


async def test_an_answer_of_any_bytes_is_logged_as_text(api: Client, settle: Settle) -> None:
    async with serving({"/": page(200, b"\x00\xff ok")}) as site:
        webhook = await subscribe(api, site.url())
        await ask_the_unanswerable(api)
        await settle()
        [delivery] = await deliveries(api, webhook)
        [attempt] = await attempts(api, webhook, delivery["id"])

    assert attempt["response_body"] == "�� ok"


async def test_a_name_that_leads_off_the_public_internet_is_refused_when_it_is_called(
    api: Client, backends: Backends, settings: Settings, settle: Settle
) -> None:
    """The row was written while the operator allowed private networks; now he does not."""
    async with serving({"/": OK}) as site:
        webhook = await subscribe(api, site.url())
        await ask_the_unanswerable(api)
        shut = settings.model_copy(update={"allow_private_networks": False})
        async with open_backends(shut) as closed, working(closed) as worker:
            await worker.run_until_idle()
        [delivery] = await deliveries(api, webhook)

        assert site.requests == []
    assert (delivery["status"], delivery["error"]) == ("pending", "blocked_address")


async def test_a_slow_receiver_does_not_hold_up_another(api: Client, backends: Backends) -> None:
    stop = asyncio.Event()
    async with serving({"/slow": silent, "/prompt": OK}) as site, working(backends) as worker:
        slow = await subscribe(api, site.url("/slow"))
        await subscribe(api, site.url("/prompt"))
        running = asyncio.create_task(worker.run(stop))
        for number in range(30):
            await ask_the_unanswerable(api, number)
        began = time.monotonic()
        while sum(request.path == "/prompt" for request in site.requests) < 30:
            assert time.monotonic() - began < 8
            await asyncio.sleep(0.02)
        hanging = sum(request.path == "/slow" for request in site.requests)
        stop.set()
        await running
        log = await deliveries(api, slow, limit=100)

    assert 1 <= hanging <= deliver.AT_ONCE
    assert {delivery["status"] for delivery in log} == {"pending"}
    assert len(log) == 30


async def test_receivers_that_hang_lose_their_places_to_those_that_answer(
    api: Client, backends: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One place for all: who held it and failed goes on elsewhere."""
    monkeypatch.setattr(worker, "WEBHOOKS_AT_ONCE", 1)
    monkeypatch.setattr(deliver, "DEADLINE_S", 0.5)
    monkeypatch.setattr(deliver, "RETRY_AFTER_S", (0.1,) * 100)
    stop = asyncio.Event()
    async with serving({"/slow": silent, "/prompt": OK}) as site, working(backends) as one:
        for _ in range(5):
            await subscribe(api, site.url("/slow"))
        await subscribe(api, site.url("/prompt"))
        running = asyncio.create_task(one.run(stop))
        for number in range(10):
            await ask_the_unanswerable(api, number)
        began = time.monotonic()
        while sum(request.path == "/prompt" for request in site.requests) < 10:
            assert time.monotonic() - began < 20
            await asyncio.sleep(0.02)
        await api.add(text="We open at nine.")
        began = time.monotonic()
        while sum(request.path == "/prompt" for request in site.requests) < 11:
            assert time.monotonic() - began < 5
            await asyncio.sleep(0.02)
        stop.set()
        await running


async def test_a_round_ends_in_time_and_the_rest_is_sent_in_the_next(
    api: Client, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "ROUND_MAX", 3)
    async with serving({"/": OK}) as site:
        webhook = await subscribe(api, site.url())
        for number in range(8):
            await ask_the_unanswerable(api, number)
        await settle()

        assert len({request.headers["webhook-id"] for request in site.requests}) == len(site.requests) == 8
    assert {delivery["status"] for delivery in await deliveries(api, webhook)} == {"delivered"}


async def _wait_after_the_last_attempt(api: Client, webhook: Body, delivery: Body) -> float:
    """Seconds between the last attempt's answer and the next attempt, however slow this machine is in between."""
    last = (await attempts(api, webhook, delivery["id"]))[-1]
    answered_at = datetime.fromisoformat(last["started_at"]) + timedelta(milliseconds=last["latency_ms"])
    return (datetime.fromisoformat(delivery["next_attempt_at"]) - answered_at).total_seconds()
