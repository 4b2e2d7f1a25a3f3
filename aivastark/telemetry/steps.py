"""A step of an answer: how long it took, and a span of the trace where traces are collected."""

import time
from types import TracebackType
from typing import Literal

from aivastark.telemetry.metrics import STEP_SECONDS
from aivastark.telemetry.tracing import OpenSpan, open_span

Step = Literal["recall", "embed", "search", "read", "rerank", "compose", "cite", "write", "record"]


class step:
    """Measures the block. A class, for it costs half of what a generator does."""

    __slots__ = ("_began", "_name", "_span")

    def __init__(self, name: Step) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._span: OpenSpan | None = open_span(self._name)
        self._began = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        STEP_SECONDS.labels(self._name).observe(time.perf_counter() - self._began)
        if self._span is not None:
            self._span.end(error)
