"""The bare cost of the parts a question cannot do without, measured beside the product in the same minute.

Query embedding is called as the product calls it, from an event loop. The search is what the engines give by
themselves: FTS5's own ranking, one product with the matrix of vectors, the best of both added up; the product's own
search is measured beside it. The web framework is a FastAPI application of one endpoint that answers a constant, served
by uvicorn in a process of its own.
"""

import asyncio
import contextlib
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fastapi import FastAPI
from fastapi.responses import Response
from numpy.typing import NDArray

from aivastark.backends.embedding.minilm import MiniLm
from aivastark.backends.search.base import SearchQuery
from aivastark.backends.search.sqlite import SqliteSearch
from aivastark.kit.analysis import analyse
from benchmarks.client import load
from benchmarks.processes import cpu_seconds
from evals.metrics import percentile

HOST = "127.0.0.1"
LIMIT = 12
CANDIDATES = 200
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
    our_search_ms: float
    """The product's, which is not in the sum."""
    framework_ms: float
    quiet_ms: float
    """The sum again, of 10th percentiles: what it is when nothing else runs on the machine."""
    cpu_ms: float

    @property
    def total_ms(self) -> float:
        """What a question would take if nothing of ours were around it."""
        return self.embedding_ms + self.search_ms + self.framework_ms

    @property
    def total_with_our_search_ms(self) -> float:
        """The same with the product's search in it."""
        return self.embedding_ms + self.our_search_ms + self.framework_ms


class PlainSearch:
    """One project's chunks in FTS5 and in a matrix, asked as anybody would ask them."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        rows = self._connection.execute("SELECT id, data FROM vector ORDER BY id").fetchall()
        self._ids = np.array([id_ for id_, _ in rows])
        self._matrix = np.frombuffer(b"".join(data for _, data in rows), np.float32).reshape(len(rows), -1)

    def search(self, question: str, vector: NDArray[np.float32]) -> list[str]:
        """Ids of the `LIMIT` best chunks, the shares of both halves added up."""
        terms = " OR ".join(f'"{term}"' for term in dict.fromkeys(analyse(question, "en")))
        by_words = self._connection.execute(
            "SELECT rowid, -rank FROM terms WHERE terms MATCH ? ORDER BY rank LIMIT ?", (terms or '""', CANDIDATES)
        ).fetchall()
        cosines = self._matrix @ vector
        near = np.argpartition(-cosines, CANDIDATES)[:CANDIDATES]
        scores = dict(zip(self._ids[near].tolist(), cosines[near].tolist(), strict=True))
        for row_id, score in by_words:
            scores[row_id] = scores.get(row_id, 0.0) + score / by_words[0][1]
        best = sorted(scores, key=lambda row_id: -scores[row_id])[:LIMIT]
        named = self._connection.execute(f"SELECT chunk_id FROM chunk WHERE id IN ({','.join(map(str, best))})")
        return [chunk_id for (chunk_id,) in named]

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()


class BareParts:
    """The parts, open on an install's data directory."""

    def __init__(self, data_dir: Path, project_id: str, *, port: int, pid: int) -> None:
        self.embedder = MiniLm()
        self._plain = PlainSearch(data_dir / "search" / f"{project_id}.db")
        self._search = SqliteSearch(data_dir / "search")
        self._project_id = project_id
        self._port = port
        self._pid = pid

    async def round(self, questions: Sequence[str], *, seconds: float) -> Costs:
        """One of each for every question, one after the other; then the framework for `seconds`."""
        vector, *_ = await self._one(questions[0])  # loads what is loaded late
        await self._by_ours(questions[0], vector)
        cpu = time.process_time()
        found = [await self._one(question) for question in questions]
        cpu = (time.process_time() - cpu) / len(questions)
        embedding, searching = [one[1] for one in found], [one[2] for one in found]
        ours = [await self._by_ours(question, vector) for question, (vector, *_) in zip(questions, found, strict=True)]
        framework_cpu = cpu_seconds(self._pid)
        framework = await load(HOST, self._port, [_REQUEST], clients=1, seconds=seconds)
        framework_cpu = (cpu_seconds(self._pid) - framework_cpu) / len(framework.milliseconds)
        return Costs(
            embedding_ms=statistics.median(embedding) * 1000,
            search_ms=statistics.median(searching) * 1000,
            our_search_ms=statistics.median(ours) * 1000,
            framework_ms=statistics.median(framework.milliseconds),
            quiet_ms=quiet(embedding) * 1000 + quiet(searching) * 1000 + quiet(framework.milliseconds),
            cpu_ms=(cpu + framework_cpu) * 1000,
        )

    async def _one(self, question: str) -> tuple[NDArray[np.float32], float, float]:
        """The vector, and the seconds of embedding and of searching for one question."""
        begun = time.perf_counter()
        vector = await self.embedder.embed_query(question)
        embedded = time.perf_counter()
        await asyncio.to_thread(self._plain.search, question, vector)
        return vector, embedded - begun, time.perf_counter() - embedded

    async def _by_ours(self, question: str, vector: NDArray[np.float32]) -> float:
        """Seconds of the product's search for one question."""
        asked = SearchQuery(
            text=question,
            vector=vector,
            limit=LIMIT,
            model_languages=self.embedder.languages,
            model_id=self.embedder.model_id,
        )
        begun = time.perf_counter()
        await self._search.search(self._project_id, asked)
        return time.perf_counter() - begun

    async def close(self) -> None:
        """Let threads and files go."""
        await self.embedder.close()
        await self._search.close()
        self._plain.close()


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
