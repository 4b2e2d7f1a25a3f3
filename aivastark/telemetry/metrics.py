"""What is counted in this process. Labels come from lists that the code bounds: never an id, never what somebody wrote.

One state of the process, as the logger is. Where several processes serve one address, `PROMETHEUS_MULTIPROC_DIR` names
an empty folder they share; the library reads it when it is imported, and whoever answers tells of all of them.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.values import ValueClass

SHARED_NUMBERS = "PROMETHEUS_MULTIPROC_DIR"  # the library's own variable
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_ANSWERS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32)
_WORK = (0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200)
_TENTHS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)

REGISTRY = CollectorRegistry()
# When each series began: half as many numbers again, and nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no word for it

REQUESTS = Counter(
    "aivastark_http_requests", "Requests, by the route they took.", ("method", "route", "status"), registry=REGISTRY
)
REQUEST_SECONDS = Histogram(
    "aivastark_http_request_seconds",
    "From a request to the beginning of its answer.",
    ("method", "route"),
    buckets=_FAST,
    registry=REGISTRY,
)
STREAMS_OPEN = Gauge(
    "aivastark_http_streams_open", "Event streams somebody reads.", registry=REGISTRY, multiprocess_mode="livesum"
)
RATE_LIMITED = Counter(
    "aivastark_rate_limit_refusals", "Requests refused as too many, by window.", ("window",), registry=REGISTRY
)

ANSWERS = Counter("aivastark_answers", "Questions, by what came of them.", ("outcome", "channel"), registry=REGISTRY)
ANSWER_SECONDS = Histogram(
    "aivastark_answer_seconds", "From a question to its whole answer.", buckets=_ANSWERS, registry=REGISTRY
)
FIRST_WORD_SECONDS = Histogram(
    "aivastark_answer_first_word_seconds",
    "From a question asked as a stream to its first proven word.",
    buckets=_ANSWERS,
    registry=REGISTRY,
)
CONFIDENCE = Histogram(
    "aivastark_answer_confidence", "Probability that an answer is right.", buckets=_TENTHS, registry=REGISTRY
)
STEP_SECONDS = Histogram(
    "aivastark_answer_step_seconds", "Steps of an answer.", ("step",), buckets=_FAST, registry=REGISTRY
)

MODEL_CALLS = Counter(
    "aivastark_model_calls", "Calls to models, by what came of them.", ("role", "outcome"), registry=REGISTRY
)
MODEL_TOKENS = Counter("aivastark_model_tokens", "Tokens models took.", ("role", "direction"), registry=REGISTRY)
MODEL_DOLLARS = Counter("aivastark_model_cost_dollars", "What models cost.", ("role",), registry=REGISTRY)

JOBS_DONE = Counter("aivastark_jobs_done", "Jobs worked on, by how it ended.", ("kind", "outcome"), registry=REGISTRY)
JOB_SECONDS = Histogram("aivastark_job_seconds", "Work on a job.", ("kind",), buckets=_WORK, registry=REGISTRY)
WEBHOOK_ATTEMPTS = Counter(
    "aivastark_webhook_attempts", "Attempts to deliver, by what came of them.", ("outcome",), registry=REGISTRY
)
WEBHOOK_SECONDS = Histogram("aivastark_webhook_seconds", "Attempts to deliver.", buckets=_FAST, registry=REGISTRY)
DOCUMENTS = Counter("aivastark_documents_published", "Documents published.", ("change",), registry=REGISTRY)
PASSAGES = Counter("aivastark_passages_embedded", "Passages that were embedded.", registry=REGISTRY)
VIEWS = Counter(
    "aivastark_search_cache_looks", "Looks for a project's vectors in memory.", ("found",), registry=REGISTRY
)
BLOB_CALLS = Counter(
    "aivastark_blob_calls",
    "Calls to the store of uploads, by what came of them.",
    ("operation", "outcome"),
    registry=REGISTRY,
)
BLOB_SECONDS = Histogram(
    "aivastark_blob_seconds", "Calls to the store of uploads.", ("operation",), buckets=_FAST, registry=REGISTRY
)

ProcessCollector(registry=REGISTRY)


class _Given(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        """What it was given."""
        yield from self._families


def is_shared() -> bool:
    """Whether the numbers are those of several processes together."""
    return bool(getattr(ValueClass, "_multiprocess", False))


def forget_dead_processes() -> None:
    """Of those that share the folder and are gone: what they have under way does not count any more.

    What they counted stays. Called by each that begins; nothing where none is shared.
    """
    if not is_shared():
        return
    for file in Path(os.environ[SHARED_NUMBERS]).glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if not pid.isdigit() or not _is_there(int(pid)):
            file.unlink(missing_ok=True)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def written(also: Iterable[Metric] = ()) -> bytes:
    """All numbers in Prometheus' text format, with those that were looked up for this reading."""
    counted = REGISTRY
    if is_shared():
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]  # the library's own word for it
    looked_up = CollectorRegistry()
    looked_up.register(_Given(also))
    return generate_latest(counted) + generate_latest(looked_up)
