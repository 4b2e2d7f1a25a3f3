"""Around every job: counted by its name, timed, and a span below the one in which it was asked for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, Protocol

from aivastark.telemetry.metrics import JOB_SECONDS, JOBS_DONE
from aivastark.telemetry.tracing import TRACEPARENT, OpenSpan, open_span


class Job(Protocol):
    """What is known of a job here."""

    @property
    def name(self) -> str:
        """Its kind; behind a colon, what may be of any number."""
        ...

    @property
    def project_id(self) -> str:
        """Whose it is."""
        ...

    @property
    def arguments(self) -> dict[str, Any]:
        """With the trace it was asked for in."""
        ...


class Seen:
    """How a job ends: let go, unless somebody says otherwise."""

    def __init__(self, span: OpenSpan | None) -> None:
        self.outcome: Literal["done", "failed", "given_up", "let_go"] = "let_go"
        self.error: BaseException | None = None
        self.span = span

    def fail(self, error: BaseException) -> None:
        """It failed."""
        self.outcome, self.error = "failed", error


@contextmanager
def observed(job: Job) -> Iterator[Seen]:
    """Work on a job."""
    name = job.name.partition(":")[0]
    parent = {TRACEPARENT: str(job.arguments[TRACEPARENT])} if TRACEPARENT in job.arguments else {}
    seen = Seen(open_span(f"job {name}", {"aivastark.project_id": job.project_id}, parent=parent, kind="CONSUMER"))
    began = time.perf_counter()
    try:
        yield seen
    finally:
        JOBS_DONE.labels(name, seen.outcome).inc()
        JOB_SECONDS.labels(name).observe(time.perf_counter() - began)
        if seen.span is not None:
            seen.span.end(seen.error)
