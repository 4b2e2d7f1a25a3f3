"""OpenTelemetry's traces, where an endpoint is set that takes them. Without one nothing of it is imported.

Names and attributes of spans are those of the code: routes, jobs, steps, ids. What people wrote is in none of them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

TRACEPARENT = "traceparent"
LATE_SPANS_MS = 5_000  # for what is not sent yet when the process ends


class TracingMissing(Exception):
    """Traces are asked for, and the packages that send them are not installed."""


class _State:
    provider: "TracerProvider | None" = None
    tracer: "Tracer | None" = None


class OpenSpan:
    """A span that is the current one until its `end`."""

    __slots__ = ("_token", "span")

    def __init__(self, span: "Span", token: Any) -> None:
        self.span = span
        self._token = token

    def end(self, error: BaseException | None = None) -> None:
        """It is over. Of an error only its kind is told: its words may be somebody's."""
        from opentelemetry import context
        from opentelemetry.trace import StatusCode

        if error is not None:
            self.span.set_attribute("error.type", type(error).__name__)
            self.span.set_status(StatusCode.ERROR)
        self.span.end()
        context.detach(self._token)


def start_tracing(*, service: str) -> None:
    """From here on spans are made, and sent to where the environment's `OTEL_EXPORTER_OTLP_…` say, in a thread apart.

    Raises `TracingMissing`. `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_TRACES_SAMPLER` count as well.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise TracingMissing("OTEL_EXPORTER_OTLP_ENDPOINT is set: pip install 'aivastark[otel]'") from error
    from aivastark import __version__

    own = Resource({SERVICE_NAME: service, SERVICE_VERSION: __version__})
    provider = TracerProvider(resource=own.merge(OTELResourceDetector().detect()))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _State.provider, _State.tracer = provider, provider.get_tracer("aivastark", __version__)


def stop_tracing() -> None:
    """Send what is left, as far as it goes within `LATE_SPANS_MS`; no span is made afterwards."""
    provider, _State.provider, _State.tracer = _State.provider, None, None
    if provider is not None:
        provider.force_flush(LATE_SPANS_MS)
        provider.shutdown()


def open_span(
    name: str,
    attributes: Mapping[str, str | int] | None = None,
    *,
    parent: Mapping[str, str] | None = None,
    kind: str = "INTERNAL",
) -> OpenSpan | None:
    """A span below the current one or, with `parent`, below the one its `traceparent` names; None while off."""
    if _State.tracer is None:
        return None
    from opentelemetry import context
    from opentelemetry.trace import SpanKind, set_span_in_context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    above = None if parent is None else TraceContextTextMapPropagator().extract(dict(parent), context.Context())
    span = _State.tracer.start_span(name, above, SpanKind[kind], attributes)
    return OpenSpan(span, context.attach(set_span_in_context(span, above)))


@contextmanager
def span(
    name: str,
    attributes: Mapping[str, str | int] | None = None,
    *,
    parent: Mapping[str, str] | None = None,
    kind: str = "INTERNAL",
) -> Iterator[None]:
    """The block as a span; see `open_span`."""
    opened = open_span(name, attributes, parent=parent, kind=kind)
    try:
        yield
    except BaseException as error:  # a span ends however its block does
        if opened is not None:
            opened.end(error)
        raise
    if opened is not None:
        opened.end()


def trace_headers() -> dict[str, str]:
    """`traceparent` for whoever is called now; nothing while off."""
    headers: dict[str, str] = {}
    if _State.tracer is not None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        TraceContextTextMapPropagator().inject(headers)
    return headers


def trace_ids() -> dict[str, str]:
    """The current trace's and span's ids, for lines of the log; nothing while off."""
    header = trace_headers().get(TRACEPARENT)
    if header is None:
        return {}
    _, trace_id, span_id, _ = header.split("-")
    return {"trace_id": trace_id, "span_id": span_id}
