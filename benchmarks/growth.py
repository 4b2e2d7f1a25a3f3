"""How things grow, on SQLite and on PostgreSQL: one project from 1,000 chunks up, an install of more and more projects.

A base grows in place, and its server is started anew at each size. Further projects are copies of the first, made
by the database itself (`benchmarks/copies.py`): to write a million chunks one by one would take an hour.
"""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import LiteralString

import psycopg
from rich.console import Console
from sqlalchemy import func, select

from aivastark.backends.embedding.minilm import MiniLm
from aivastark.database import ReadSession
from aivastark.postgresql import libpq_url
from aivastark.sources.models import ChunkRow
from benchmarks.client import Connection, Load, ask_for, query, warm_up
from benchmarks.copies import copy_projects
from benchmarks.ingest import take_in
from benchmarks.knowledge import SEED, Passage, filler, markdown_documents, questions, real_passages, write
from benchmarks.opened import Opened
from benchmarks.processes import proportional_mb, resident_mb
from benchmarks.report import Measured, Spot
from benchmarks.sizes import Sizes
from evals.metrics import percentile
from evals.server import Install, Server, fresh_install, running
from tests.postgres import own_server

notices = Console(stderr=True, highlight=False)

CHUNKS_A_PROJECT = 1_000
MANY_CLIENTS = 8
IDLE_S = 2.0
# As who runs it for others has it: nothing acknowledged is lost. What is not said is PostgreSQL's own default.
DURABLE = {
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "8GB",
    "max_connections": "200",
    "listen_addresses": "",
}
CHUNKS = "chunks of one project"
PROJECTS = "projects of 1,000 chunks"
UNITS = {
    "query p50": "ms",
    "query p99": "ms",
    "query p50, 8 clients": "ms",
    "query p99, 8 clients": "ms",
    "query p50, all projects in turn": "ms",
    "questions a second, 8 clients": "",
    "ingest, chunks a second": "",
    "memory of the server, idle": "MB",
    "memory of the server, all projects asked": "MB",
    "memory of PostgreSQL": "MB",
    "disk": "MB",
    "tending the index": "s",
    "cold start → ready": "s",
    "cold start → first answer": "s",
}
DRAWN = ("query p50", "query p99", "memory of the server, idle", "disk")
FLOORS = {CHUNKS: (4.0, 2.0), PROJECTS: (1.3, 1.1)}
"""Of the p50 at the largest size ÷ at the smallest, from the design: what to reach, and what would be fine."""


@dataclass(kw_only=True, slots=True)
class _Base:
    """An install that grows."""

    install: Install
    database_url: str | None
    projects: list[str] = field(default_factory=list)

    @property
    def engine(self) -> str:
        return "SQLite" if self.database_url is None else "PostgreSQL"

    @property
    def settings(self) -> Mapping[str, str]:
        return {} if self.database_url is None else {"DATABASE_URL": self.database_url}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Opened]:
        """To be filled; PostgreSQL's planner counts afterwards, as it does by itself in time."""
        opened = Opened(self.install, self.database_url)
        try:
            yield opened
        finally:
            await opened.close()
        if self.database_url is not None:
            with psycopg.connect(libpq_url(self.database_url), autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")


async def measure(sizes: Sizes) -> list[Measured]:
    """All rows about growth."""
    rows: list[Measured] = []
    embedder = MiniLm()
    real = await real_passages(embedder)
    await embedder.close()
    for on_postgres in (False, True):
        with _base(on_postgres=on_postgres) as base:
            rows += await _more_chunks(base, sizes, real)
        with _base(on_postgres=on_postgres) as base:
            rows += await _more_projects(base, sizes, real)
    return rows


@contextmanager
def _base(*, on_postgres: bool) -> Iterator[_Base]:
    """An empty install, on a PostgreSQL server of its own or on none."""
    if not on_postgres:
        with fresh_install() as install:
            yield _Base(install=install, database_url=None, projects=[install.project_id])
        return
    with own_server(DURABLE) as url, fresh_install({"DATABASE_URL": url}) as install:
        yield _Base(install=install, database_url=url, projects=[install.project_id])


async def _more_chunks(base: _Base, sizes: Sizes, real: Sequence[Passage]) -> list[Measured]:
    taken = 0
    stream = itertools.chain(real, filler(sizes.growth_chunks[-1] - len(real)))
    measured = {}
    documents = markdown_documents(sizes.documents * len(sizes.growth_chunks))
    for place, size in enumerate(sizes.growth_chunks):
        begun = time.perf_counter()
        async with base.opened() as opened:
            await write(opened.db, opened.search, base.projects[0], itertools.islice(stream, size - taken))
            rate = (size - taken) / (time.perf_counter() - begun)
            begun = time.perf_counter()
            await opened.search.tend()  # as a worker does within minutes
            tended = time.perf_counter() - begun
        taken = size
        new = documents[place * sizes.documents :][: sizes.documents]
        measured[size] = await _measured(base, sizes, taken_in=new)
        measured[size] |= {"written barely, chunks a second": rate, "tending the index": tended}
    return _rows(base.engine, CHUNKS, measured)


async def _more_projects(base: _Base, sizes: Sizes, real: Sequence[Passage]) -> list[Measured]:
    measured = {}
    for size in sizes.growth_projects:
        async with base.opened() as opened:
            if size == 1:
                passages = itertools.chain(real, filler(CHUNKS_A_PROJECT - len(real)))
                await write(opened.db, opened.search, base.projects[0], passages)
            new = [await opened.new_project() for _ in range(size - len(base.projects))]
        if new:
            begun = time.perf_counter()
            copy_projects(base.projects[0], new, data_dir=base.install.data_dir, database_url=base.database_url)
            rate = len(new) * CHUNKS_A_PROJECT / (time.perf_counter() - begun)
            async with base.opened():
                base.projects += new
        last = size == sizes.growth_projects[-1]  # what is taken in stays, and would be copied
        documents = markdown_documents(sizes.documents) if last else ()
        measured[size] = await _measured(base, sizes, taken_in=documents)
        if new:
            measured[size]["copied, chunks a second"] = rate
    return _rows(base.engine, PROJECTS, measured)


async def _measured(base: _Base, sizes: Sizes, *, taken_in: Sequence[str]) -> dict[str, float]:
    """All numbers of a size."""
    disk = _disk_mb(base)
    begun = time.perf_counter()
    with running(base.install, settings=base.settings) as server:
        asked = [query(server, text) for text in questions()]
        connection = await Connection.open(server.host, server.port)
        await connection.send(asked[0])
        await connection.close()
        first = time.perf_counter() - begun
        await warm_up(server, asked)
        await asyncio.sleep(IDLE_S)
        resident = resident_mb(server.pid)
        seconds = sizes.rounds * sizes.seconds
        one = await ask_for(server, asked, seconds=seconds)
        many = await ask_for(server, asked, clients=MANY_CLIENTS, seconds=seconds)
        found = {
            "cold start → ready": server.ready_after_s,
            "cold start → first answer": first,
            "disk": disk,
            "memory of the server, idle": resident,
            **_loads(one, many),
        }
        if len(base.projects) > 1:
            found["query p50, all projects in turn"] = median((await _spread(base, server, seconds)).milliseconds)
            found["memory of the server, all projects asked"] = resident_mb(server.pid)
        if base.database_url is not None:
            found["memory of PostgreSQL"] = proportional_mb(_postmaster(base.database_url))
        if taken_in:
            found["ingest, chunks a second"] = await _ingest_rate(base, server, taken_in)
    said = ", ".join(f"{what} {value:.4g}" for what, value in found.items())
    took = time.perf_counter() - begun
    notices.print(f"[dim]{base.engine}, {len(base.projects):,} projects ({took:.0f} s): {said}[/dim]")
    return found


def _loads(one: Load, many: Load) -> dict[str, float]:
    return {
        "query p50": median(one.milliseconds),
        "query p99": percentile(one.milliseconds, 0.99),
        "query p50, 8 clients": median(many.milliseconds),
        "query p99, 8 clients": percentile(many.milliseconds, 0.99),
        "questions a second, 8 clients": many.per_second,
    }


async def _spread(base: _Base, server: Server, seconds: float) -> Load:
    """Each question to another project: what an install of many tenants sees."""
    order = list(base.projects)
    random.Random(SEED).shuffle(order)
    texts = questions()
    asked = [query(server, texts[place % len(texts)], project_id=project_id) for place, project_id in enumerate(order)]
    return await ask_for(server, asked, seconds=seconds)


async def _ingest_rate(base: _Base, server: Server, texts: Sequence[str]) -> float:
    """Chunks a second of whole documents, embedding and all, from the first post to the last one being ready."""
    before = await _chunk_count(base)
    _, seconds = await take_in(server, [{"text": text, "format": "markdown"} for text in texts])
    return (await _chunk_count(base) - before) / seconds


async def _chunk_count(base: _Base) -> int:
    opened = Opened(base.install, base.database_url)

    def work(session: ReadSession) -> int:
        mine = ChunkRow.project_id == base.projects[0]
        return session.scalar(select(func.count()).select_from(ChunkRow).where(mine)) or 0

    count = await opened.db.read(work)
    await opened.close()
    return count


def _disk_mb(base: _Base) -> float:
    """The data directory, and the database where it is elsewhere (without its log, which is bounded by a setting)."""
    size = sum(place.stat().st_size for place in base.install.data_dir.rglob("*") if place.is_file())
    if base.database_url is not None:
        size += int(_asked(base.database_url, "SELECT pg_database_size(current_database())"))
    return size / 1_000_000


def _postmaster(database_url: str) -> int:
    return int(_asked(database_url, "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"))


def _asked(database_url: str, statement: LiteralString) -> str:
    with psycopg.connect(libpq_url(database_url)) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return str(row[0])


def _rows(engine: str, axis: str, measured: Mapping[int, Mapping[str, float]]) -> list[Measured]:
    rows = []
    for size, numbers in measured.items():
        for what, value in numbers.items():
            spot = Spot(chart=what, axis=axis, line=engine, at=size) if what in DRAWN else None
            name = f"{engine}, {size:,} {axis}: {what}"
            rows.append(Measured(name=name, value=value, unit=UNITS.get(what, ""), spot=spot))
    least, most = min(measured), max(measured)
    floor, stretch = FLOORS[axis]
    large, small = measured[most]["query p50"], measured[least]["query p50"]
    ratio = Measured(
        name=f"{engine}, {axis}, query p50, {most:,} ÷ {least:,}",
        value=large / small,
        floor=floor,
        stretch=stretch,
        note=f"{large:.1f} ÷ {small:.1f} ms",
    )
    return [*rows, ratio]
