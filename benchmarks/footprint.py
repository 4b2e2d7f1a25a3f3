"""What an install costs before anybody asks: seconds to start, memory, disk, and open streams."""

import asyncio
import itertools
import time
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from statistics import median

from packaging.requirements import Requirement

from benchmarks.client import Connection, ask_json, query, request
from benchmarks.knowledge import filler, questions, real_passages, write
from benchmarks.opened import Opened
from benchmarks.processes import cpu_seconds, resident_mb
from benchmarks.report import Measured
from benchmarks.sizes import Sizes
from evals.server import Install, Server, fresh_install, running

PACKAGE = "aivastark"
CHUNKS = 10_000
IDLE_S = 2.0
STREAMS_HELD_S = 5.0


async def measure(sizes: Sizes) -> list[Measured]:
    """All rows about cost at rest."""
    ready, first, resident = [], [], []
    with fresh_install() as install:
        await fill(install)
        for _ in range(max(1, sizes.rounds // 2)):
            begun = time.perf_counter()
            with running(install) as server:
                ready.append(server.ready_after_s)
                await _ask_once(server)
                first.append(time.perf_counter() - begun)
                await asyncio.sleep(IDLE_S)
                resident.append(resident_mb(server.pid))
    return [
        Measured(name="cold start → ready", value=median(ready), unit="s", floor=3, stretch=1.5),
        Measured(name="cold start → first answer, 10,000 chunks", value=median(first), unit="s"),
        Measured(
            name="resident when idle, model and 10,000 chunks loaded",
            value=median(resident),
            unit="MB",
            floor=350,
            stretch=220,
        ),
        Measured(name="installed size, default dependencies", value=_installed_mb(), unit="MB", floor=350, stretch=220),
        *await _streams(sizes.streams),
    ]


async def fill(install: Install) -> None:
    """Write 10,000 chunks into the install's project."""
    opened = Opened(install)
    real = await real_passages(opened.embedder)
    await write(opened.db, opened.search, install.project_id, itertools.chain(real, filler(CHUNKS - len(real))))
    await opened.close()


async def _ask_once(server: Server) -> None:
    connection = await Connection.open(server.host, server.port)
    await connection.send(query(server, questions()[0]))
    await connection.close()


async def _streams(count: int) -> list[Measured]:
    """Streams of a source's progress, held open on a server whose worker is off, so that the sync never ends."""
    with fresh_install() as install, running(install, "--no-worker") as server:
        connection = await Connection.open(server.host, server.port)
        posted = await ask_json(connection, request(server, "POST", "/sources", {"type": "raw", "text": "Waiting."}))
        watching = request(server, "GET", f"/sources/{posted['id']}/events")
        before = resident_mb(server.pid)
        streams = [await Connection.open(server.host, server.port) for _ in range(count)]
        for stream in streams:
            await stream.begin(watching)
        cpu = cpu_seconds(server.pid)
        await asyncio.sleep(STREAMS_HELD_S)
        busy = (cpu_seconds(server.pid) - cpu) / STREAMS_HELD_S
        kilobytes = (resident_mb(server.pid) - before) * 1000 / count
        for stream in [*streams, connection]:
            await stream.close()
    return [
        Measured(
            name=f"memory of an open SSE stream, {count} open",
            value=kilobytes,
            unit="KB",
            floor=60,
            note=f"source progress; {busy:.0%} of one core at {count}, so one core carries about {count / busy:,.0f}",
        )
    ]


def _installed_mb() -> float:
    """Files of the package and of everything it needs at run time, without development tools, in MB."""
    own = Path(__file__).parents[1] / PACKAGE
    size = sum(place.stat().st_size for place in own.rglob("*") if place.is_file() and "__pycache__" not in place.parts)
    for name in _needed(PACKAGE) - {PACKAGE}:
        files = metadata.distribution(name).files or ()
        size += sum(Path(str(file.locate())).stat().st_size for file in files if Path(str(file.locate())).is_file())
    return size / 1_000_000


def _needed(root: str) -> set[str]:
    """The distribution and, transitively, what it requires on this machine, extras included where asked for."""
    found: set[tuple[str, frozenset[str]]] = set()
    looking: list[tuple[str, frozenset[str]]] = [(root, frozenset())]
    while looking:
        name, extras = looking.pop()
        if (name, extras) in found:
            continue
        found.add((name, extras))
        wanted = map(Requirement, metadata.distribution(name).requires or ())
        looking += [(one.name.lower(), frozenset(one.extras)) for one in wanted if _applies(one, extras)]
    return {name for name, _ in found}


def _applies(requirement: Requirement, extras: Iterable[str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({"extra": extra}) for extra in (*extras, ""))
