"""Traces as a collector on loopback gets them: one question is one trace, down to the calls of others."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from aivastark.backends.base import Backends
from aivastark.settings import Settings
from aivastark.telemetry.tracing import start_tracing, stop_tracing, trace_headers
from tests.answers.priced import KNOWN, QUESTION
from tests.conftest import Settle
from tests.loopback import Site, page, serving
from tests.make import Tenant
from tests.telemetry.day import LLM_KEY, a_day, asked_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture
async def collector(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    async with serving({"/v1/traces": page(200)}) as site:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", site.url().rstrip("/"))
        start_tracing(service="aivastark")
        yield site
        stop_tracing()


def spans(site: Site) -> list[Span]:
    found: list[Span] = []
    for request in site.requests:
        for resource in ExportTraceServiceRequest.FromString(request.body).resource_spans:
            for scope in resource.scope_spans:
                found += scope.spans
    return found


def attributes(span: Span) -> dict[str, str]:
    return {one.key: one.value.string_value or str(one.value.int_value) for one in span.attributes}


async def test_a_question_is_one_trace_down_to_models_and_webhooks(
    collector: Site, backends: Backends, tenant: Tenant, settle: Settle, settings: Settings
) -> None:
    async with a_day(backends, tenant, settle, settings, headers={"traceparent": TRACEPARENT}) as day:
        await asyncio.to_thread(stop_tracing)

    found = spans(collector)
    by_name = {span.name: span for span in found}
    question = by_name["POST /v1/projects/{project_id}/query"]
    assert question.trace_id.hex() == TRACE
    assert question.kind == Span.SPAN_KIND_SERVER
    assert attributes(question)["http.response.status_code"] == "200"
    assert attributes(question)["aivastark.request_id"].startswith("req_")
    ids = {span.span_id for span in found if span.name == question.name}
    for name in ("embed", "search", "compose", "cite", "write", "record"):
        assert any(span.parent_span_id in ids for span in found if span.name == name), name
    job = by_name["job ingest"]
    assert job.trace_id.hex() == TRACE
    assert job.parent_span_id in {span.span_id for span in found if span.name.endswith("/sources")}
    sent = {request.headers["traceparent"] for request in day.hooks.requests}
    attempts = {f"00-{TRACE}-{span.span_id.hex()}-01" for span in found if span.name == "webhook"}
    assert sent
    assert sent <= attempts
    writing = {f"00-{TRACE}-{span.span_id.hex()}-01" for span in found if span.name == "write"}
    assert {asked.headers["traceparent"] for asked in asked_of(day.models)} == writing
    told = b"".join(request.body for request in collector.requests)
    for secret in (QUESTION, KNOWN, "gift card", LLM_KEY, tenant.key):
        assert secret.encode() not in told


def test_without_a_collector_nothing_of_it_is_there() -> None:
    script = (
        "import sys, aivastark.telemetry.requests, aivastark.telemetry.work, aivastark.telemetry.tracing as tracing; "
        "assert tracing.open_span('x') is None and tracing.trace_headers() == {}; "
        "print([name for name in sys.modules if name.startswith('opentelemetry.sdk') or 'otlp' in name])"
    )

    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert said.stdout.strip() == "[]"
    assert trace_headers() == {}
