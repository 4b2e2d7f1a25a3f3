"""The bare cost of the parts a question cannot do without, measured beside the product in the same minute.

Query embedding and search are called as the product calls them, from an event loop; the web framework is a
FastAPI application of one endpoint that answers a constant, served by uvicorn in a process of its own.
"""

import contextlib
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import Response

from aivastark.backends.embedding.minilm import MiniLm
from aivastark.backends.search.base import SearchQuery
from aivastark.backends.search.sqlite import SqliteSearch
from benchmarks.client import load
from benchmarks.processes import cpu_seconds
from evals.metrics import percentile

HOST = "127.0.0.1"
LIMIT = 12
STARTED_WITHIN_S = 30.0

app = FastAPI()


@app.post("/")
async def answer() -> Response:
    """What costs nothing but the framework."""
    return Response(b'{"answer":"constant"}', media_type="application/json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """Medians of a round: milliseconds on the clock, and of processor time, of one of each."""

    embedding_ms: float
    search_ms: float
    framework_ms: float
    quiet_ms: float
    """The sum again, of 10th percentiles: what it is when nothing else runs on the machine."""
    cpu_ms: float

    @property
    def total_ms(self) -> float:
        """What a question would take if nothing of ours were around it."""
        return self.embedding_ms + self.search_ms + self.framework_ms


class BareParts:
    """The parts, open on an install's data directory."""

    def __init__(self, data_dir: Path, *, port: int, pid: int) -> None:
        self.embedder = MiniLm()
        self._search = SqliteSearch(data_dir / "search")
        self._port = port
        self._pid = pid

    async def round(self, project_id: str, questions: Sequence[str], *, seconds: float) -> Costs:
        """One of each for every question, one after the other; then the framework for `seconds`."""
        embedding, searching = [], []
        await self._one(project_id, questions[0])  # loads what is loaded late
        cpu = time.process_time()
        for question in questions:
            embedding_s, search_s = await self._one(project_id, question)
            embedding.append(embedding_s)
            searching.append(search_s)
        cpu = (time.process_time() - cpu) / len(questions)
        framework_cpu = cpu_seconds(self._pid)
        framework = await load(HOST, self._port, [_REQUEST], clients=1, seconds=seconds)
        framework_cpu = (cpu_seconds(self._pid) - framework_cpu) / len(framework.milliseconds)
        return Costs(
            embedding_ms=statistics.median(embedding) * 1000,
            search_ms=statistics.median(searching) * 1000,
            framework_ms=statistics.median(framework.milliseconds),
            quiet_ms=quiet(embedding) * 1000 + quiet(searching) * 1000 + quiet(framework.milliseconds),
            cpu_ms=(cpu + framework_cpu) * 1000,
        )

    async def _one(self, project_id: str, question: str) -> tuple[float, float]:
        """Seconds of embedding and of searching for one question."""
        begun = time.perf_counter()
        vector = await self.embedder.embed_query(question)
        embedded = time.perf_counter()
        await self._search.search(
            project_id,
            SearchQuery(
                text=question,
                vector=vector,
                limit=LIMIT,
                model_languages=self.embedder.languages,
                model_id=self.embedder.model_id,
            ),
        )
        return embedded - begun, time.perf_counter() - embedded

    async def close(self) -> None:
        """Let threads and files go."""
        await self.embedder.close()
        await self._search.close()


def quiet(values: Sequence[float]) -> float:
    """The 10th percentile: other load on the machine only ever adds."""
    return percentile(values, 0.1)


@contextlib.contextmanager
def bare_framework() -> Iterator[tuple[int, int]]:
    """Port and process id of the constant's server."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    options = ["--port", str(port), "--log-level", "error", "--no-access-log"]
    process = subprocess.Popen([sys.executable, "-m", "uvicorn", "benchmarks.bare:app", *options])
    try:
        _wait(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port)):
            return
        time.sleep(0.05)
    raise RuntimeError("the bare framework did not start")


_BODY = b'{"message":"What is the capital of France?"}'
_REQUEST = (
    b"POST / HTTP/1.1\r\nHost: bare\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY)
) + _BODY
