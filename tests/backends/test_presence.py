"""Workers know of each other: on one machine by a file, on several by a lock of their database."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select

from aivastark import jobs
from aivastark.backends import postgresql_presence
from aivastark.backends.base import Backends
from aivastark.backends.held_connection import Pooled, hold_connection
from aivastark.backends.postgresql_presence import LOCK
from aivastark.backends.presence import present
from aivastark.bootstrap import direct_url
from aivastark.database import WriteSession
from aivastark.jobs import Job, JobRow
from aivastark.kit.clock import utc_now
from aivastark.settings import Settings
from aivastark.worker import Kind, Worker, try_later
from tests.make import make_settings

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
# A worker in a process of its own: says so when it works, and stops with its input.
WORKER = """
import asyncio, json, sys
from pathlib import Path
from aivastark.backends.presence import present
from aivastark.database import Database

async def work(url, folder):
    db = Database(url)
    async def alone():
        print("alone", flush=True)
    async with present(db, Path(folder) / "worker.lock", if_alone=alone):
        print("works", flush=True)
        await asyncio.to_thread(sys.stdin.read)
    await db.close()

asyncio.run(work(*json.loads(sys.argv[1])))
"""


@contextlib.asynccontextmanager
async def working(backends: Backends, data_dir: Path) -> AsyncIterator[None]:
    """A worker with a data directory of its own, which has begun to work."""
    data_dir.mkdir(exist_ok=True)
    stop, works = asyncio.Event(), asyncio.Event()

    async def say_so(job: Job) -> None:
        await backends.db.write(lambda session: jobs.finish(session, job))
        works.set()

    kinds = {"say_so": Kind(run=say_so, failed=partial(try_later, backends.db))}
    worker = Worker(backends=backends, kinds=kinds, schedules=("say_so",), concurrency=1, lock=data_dir / "worker.lock")
    running = asyncio.create_task(worker.run(stop))
    await asyncio.wait_for(works.wait(), 20)
    try:
        yield
    finally:
        stop.set()
        await running


async def leased(backends: Backends) -> None:
    """A job that somebody has under a lease."""

    def work(session: WriteSession) -> None:
        jobs.enqueue(session, "prj_1", "long", "source:a")
        jobs.claim(session, names=["long"])

    await backends.db.write(work)


async def is_leased(backends: Backends) -> bool:
    of_it = select(JobRow.leased_until).where(JobRow.project_id == "prj_1")
    until = await backends.db.read(lambda session: session.scalar(of_it))
    return until is not None and until > utc_now() + timedelta(seconds=1)


@BOTH
async def test_a_worker_alone_ends_the_leases_of_dead_ones(backends: Backends, tmp_path: Path) -> None:
    await leased(backends)

    async with working(backends, tmp_path / "one"):
        assert not await is_leased(backends)


@ON_POSTGRESQL
async def test_a_worker_on_another_machine_leaves_them_alone(backends: Backends, tmp_path: Path) -> None:
    async with working(backends, tmp_path / "one"):
        await leased(backends)
        async with working(backends, tmp_path / "two"):
            assert await is_leased(backends)
    async with working(backends, tmp_path / "two"):
        assert not await is_leased(backends)


@BOTH
async def test_processes_know_of_each_other_and_of_a_killed_one(backends: Backends, tmp_path: Path) -> None:
    async def alone() -> None:
        heard.append("alone")

    file = tmp_path / "worker.lock"
    there, heard = _worker(backends.db.url, tmp_path), list[str]()
    try:
        assert await _said(there) == "alone"
        assert await _said(there) == "works"
        async with present(backends.db, file, if_alone=alone):
            assert heard == []
        there.kill()
        there.wait()
        async with asyncio.timeout(10):
            while not heard:  # PostgreSQL hears of it a moment later
                async with present(backends.db, file, if_alone=alone):
                    await asyncio.sleep(0.05)
    finally:
        there.kill()
        there.communicate()


@ON_POSTGRESQL
async def test_a_worker_whose_connection_broke_takes_the_lock_again(
    backends: Backends, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_presence, "LOOK_EVERY_S", 0.05)

    async with working(backends, tmp_path / "one"):
        with _connected(backends.db.url) as other:
            [before] = _holders(other)
            other.execute("SELECT pg_terminate_backend(%s)", (before,))
            async with asyncio.timeout(10):
                while _holders(other) in ([], [before]):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        await leased(backends)
        async with working(backends, tmp_path / "two"):
            assert await is_leased(backends)


@ON_POSTGRESQL
async def test_nothing_is_held_through_a_pooler(
    backends: Backends, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a pooler says of itself: the process it names at the start is not the one that answers.
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", 1)
    await leased(backends)

    with pytest.raises(Pooled):
        await hold_connection(backends.db.url)
    async with working(backends, tmp_path / "one"):
        assert await is_leased(backends)


def test_the_way_past_a_pooler_is_a_setting_of_its_own(tmp_path: Path) -> None:
    pooler, server = "postgresql://pooler/aivastark", "postgres://server/aivastark"

    assert direct_url(make_settings(tmp_path, database_url=server)) == "postgresql+psycopg://server/aivastark"
    chosen = make_settings(tmp_path, database_url=pooler, database_direct_url=server)
    assert direct_url(chosen) == "postgresql+psycopg://server/aivastark"
    for url, direct in ((None, server), ("sqlite:///a.db", server), (pooler, "sqlite:///a.db")):
        with pytest.raises(ValueError, match="database_direct_url"):
            Settings(data_dir=tmp_path, database_url=url, database_direct_url=direct)


def _worker(url: str, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, json.dumps([url, str(folder)])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def _said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return (await asyncio.to_thread(process.stdout.readline)).strip()


@contextlib.contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[tuple[int]]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


def _holders(connection: psycopg.Connection[tuple[int]]) -> list[int]:
    """Sessions of this database that have the lock."""
    here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    held = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s AND {here}"
    return [pid for (pid,) in connection.execute(held, (LOCK,)).fetchall()]
