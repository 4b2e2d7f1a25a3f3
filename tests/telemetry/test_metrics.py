"""`/metrics`: what it counts, in which words, and who may read it."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from aivastark.accounts.gate import Application
from aivastark.app import create_app, create_probes
from aivastark.backends.base import Backends
from aivastark.settings import Settings
from aivastark.telemetry.requests import Observed
from aivastark.telemetry.steps import step
from tests.conftest import Settle
from tests.make import Tenant, assert_error
from tests.telemetry.day import LOCAL, METRICS_TOKEN, a_day, scraped

Numbers = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]
# No label has more values than this, whatever customers do: routes are the most there are.
VALUES_MAX = 200
COST_MAX_S = 200e-6  # of a question; 24 µs by themselves, and a machine does other things too


def numbers(text: str) -> Numbers:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class Since:
    """How far numbers grew: they are of the whole process, which has run other tests."""

    def __init__(self, before: Numbers, after: Numbers) -> None:
        self._before, self._after = before, after

    def __call__(self, name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return self._after.get(key, 0.0) - self._before.get(key, 0.0)


async def test_a_day_is_counted(backends: Backends, tenant: Tenant, settle: Settle, settings: Settings) -> None:
    async with httpx.AsyncClient(transport=_to(create_app(backends, metrics_token=METRICS_TOKEN))) as http:
        http.base_url = httpx.URL(LOCAL)
        before = numbers(await scraped(http))

    async with a_day(backends, tenant, settle, settings) as day:
        text = await scraped(day.api.http)

    grown = Since(before, numbers(text))
    asked = {"method": "POST", "route": "/v1/projects/{project_id}/query"}
    assert grown("aivastark_http_requests_total", **asked, status="200") == 3
    assert grown("aivastark_http_request_seconds_count", **asked) == 3
    assert grown("aivastark_http_requests_total", method="GET", route="none", status="404") == 1
    assert grown("aivastark_http_streams_open") == 0
    assert grown("aivastark_answers_total", outcome="answered", channel="api") == 2
    assert grown("aivastark_answers_total", outcome="refused", channel="api") == 1
    assert grown("aivastark_answer_seconds_count") == grown("aivastark_answer_confidence_count") == 3
    assert grown("aivastark_answer_first_word_seconds_count") == 1
    for name in ("embed", "search", "read", "compose", "cite", "write", "record"):
        assert grown("aivastark_answer_step_seconds_count", step=name) >= 2, name
    assert grown("aivastark_model_calls_total", role="first", outcome="rejected") >= 2
    assert grown("aivastark_model_calls_total", role="fallback", outcome="done") >= 2
    assert grown("aivastark_model_tokens_total", role="fallback", direction="input") >= 180
    assert grown("aivastark_model_cost_dollars_total", role="fallback") == pytest.approx(
        (grown("aivastark_model_tokens_total", role="fallback", direction="input") * 3
         + grown("aivastark_model_tokens_total", role="fallback", direction="output") * 15) / 1e6
    )  # fmt: skip
    assert grown("aivastark_model_calls_total", role="embedding", outcome="done") >= 3
    assert grown("aivastark_jobs_done_total", kind="ingest", outcome="done") == 1
    assert grown("aivastark_documents_published_total", change="added") == 1
    assert grown("aivastark_passages_embedded_total") >= 1
    assert grown("aivastark_webhook_attempts_total", outcome="delivered") == len(day.hooks.requests) > 0
    assert numbers(text)["aivastark_webhook_deliveries_waiting", ()] == 0
    assert ("aivastark_database_connections_used", (("door", "read"),)) in numbers(text)
    own = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for what in (tenant.project_id, tenant.organization_id, tenant.key, day.webhook["id"], "gift card", "127.0.0.1"):
        assert what not in own
    assert_few(numbers(text))


def assert_few(told: Numbers) -> None:
    """Every label has few values, and every name is ours or the process's."""
    values: dict[tuple[str, str], set[str]] = {}
    for name, labels in told:
        assert re.fullmatch(r"aivastark_\w+|process_\w+", name)
        for label, value in labels:
            values.setdefault((name, label), set()).add(value)
    assert {which: len(some) for which, some in values.items() if len(some) > VALUES_MAX} == {}


@pytest.mark.parametrize("sent", [None, "Bearer wrong", METRICS_TOKEN, f"Basic {METRICS_TOKEN}"])
async def test_with_a_token_nobody_reads_them_without_it(backends: Backends, sent: str | None) -> None:
    async with httpx.AsyncClient(transport=_to(create_app(backends, metrics_token=METRICS_TOKEN))) as http:
        answer = await http.get(f"{LOCAL}/metrics", headers={} if sent is None else {"Authorization": sent})

    assert_error(answer, 401, "unauthenticated")


async def test_without_a_token_this_machine_alone_reads_them(app: Application) -> None:
    async with httpx.AsyncClient(transport=_to(app)) as here, httpx.AsyncClient(transport=_to(app, "10.0.0.7")) as far:
        mine = await here.get(f"{LOCAL}/metrics")
        others = [
            await far.get(f"{LOCAL}/metrics"),
            await here.get("https://support.example.com/metrics"),
            await here.get(f"{LOCAL}/metrics", headers={"X-Forwarded-For": "203.0.113.9"}),
        ]

    assert mine.status_code == 200
    assert mine.headers["content-type"].startswith("text/plain; version=0.0.4")
    for answer in others:
        assert_error(answer, 403, "permission_denied")


async def test_a_worker_answers_probes_and_nothing_else(backends: Backends, tenant: Tenant) -> None:
    probes = create_probes(backends, metrics_token=METRICS_TOKEN)
    async with httpx.AsyncClient(transport=_to(probes), base_url=LOCAL) as http:
        ready = await http.get("/v1/health/ready")
        told = await scraped(http)
        stranger, other = await http.get("/metrics"), await http.get(tenant.base)

    assert ready.json()["status"] == "ok"
    assert "aivastark_jobs_oldest_due_seconds" in told
    assert (stranger.status_code, stranger.json()["error"]["code"]) == (401, "unauthenticated")
    assert (other.status_code, other.json()["error"]["code"]) == (404, "not_found")


def test_several_processes_are_told_as_one(tmp_path: Path) -> None:
    """As `serve` with several processes does it: all are told by whoever is asked."""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    ask = "from aivastark.telemetry import metrics; metrics.PASSAGES.inc(3); print(metrics.written().decode())"
    run = [sys.executable, "-c", ask]

    said = [subprocess.run(run, env=environment, check=True, capture_output=True, text=True).stdout for _ in range(2)]

    assert numbers(said[0])["aivastark_passages_embedded_total", ()] == 3
    assert numbers(said[1])["aivastark_passages_embedded_total", ()] == 6


async def test_a_request_pays_next_to_nothing(backends: Backends) -> None:
    async def answers(scope: object, receive: object, send: object) -> None:
        assert callable(send)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b"{}"})

    async def nothing(*_: object) -> None:
        return None

    scope = {"type": "http", "path": "/v1/x", "method": "GET", "headers": []}
    times, rounds = [], 200
    for _ in range(5):
        began = time.process_time()
        for _ in range(rounds):
            await Observed(answers)(dict(scope), nothing, nothing)  # type: ignore[arg-type]
            for _ in range(7):  # steps of an answer
                with step("search"):
                    pass
        times.append((time.process_time() - began) / rounds)

    assert min(times) < COST_MAX_S


def _to(app: Application, client: str = "127.0.0.1") -> httpx.ASGITransport:
    return httpx.ASGITransport(app=app, client=(client, 5_000))
