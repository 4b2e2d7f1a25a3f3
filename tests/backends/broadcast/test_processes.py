"""Two processes' worth of the app on one PostgreSQL: what happens in one is known in the other without looking."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from aivastark import jobs, worker
from aivastark.backends.base import Backends
from aivastark.backends.broadcast.postgres import PostgresBroadcast
from aivastark.bootstrap import open_backends
from aivastark.conversations.live import announce, announce_typing
from aivastark.jobs import Job
from aivastark.settings import Settings
from aivastark.worker import Kind, Worker, try_later

SOON_S = 10.0
NEVER_S = 3_600.0  # by looking it would not be found in this test
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
async def other(settings: Settings, backends: Backends) -> AsyncIterator[Backends]:
    """Another process's, on the records of `backends`; each hears the other."""
    async with open_backends(settings) as opened:
        for one in (backends, opened):
            assert isinstance(one.broadcast, PostgresBroadcast)
            with one.broadcast.listen("anything"):
                await asyncio.wait_for(one.broadcast.is_heard.wait(), SOON_S)
        yield opened


@dataclass(frozen=True)
class Working:
    """A worker, and what it did."""

    backends: Backends
    done: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)

    async def do(self, job: Job) -> None:
        await self.backends.db.write(lambda session: jobs.finish(session, job))
        self.done.put_nowait(job.subject)


@asynccontextmanager
async def working(backends: Backends, lock: Path) -> AsyncIterator[Working]:
    """It did the work that was there at its start, and found nothing more."""
    stop, at_work = asyncio.Event(), Working(backends)
    kinds = {"test": Kind(run=at_work.do, failed=partial(try_later, backends.db))}
    running = asyncio.create_task(
        Worker(backends=backends, kinds=kinds, schedules=("test",), concurrency=1, lock=lock).run(stop)
    )
    try:
        await asyncio.wait_for(at_work.done.get(), SOON_S)
        await asyncio.sleep(0.3)
        yield at_work
    finally:
        stop.set()
        await running


async def test_work_that_one_queues_is_done_by_the_others_worker_without_a_look(
    backends: Backends, other: Backends, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK_EVERY_S", NEVER_S)
    async with working(other, tmp_path / "worker.lock") as at_work:
        await backends.db.write(lambda session: jobs.enqueue(session, "prj_1", "test", "source:a"))
        with pytest.raises(TimeoutError):  # it sleeps
            await asyncio.wait_for(at_work.done.get(), 0.3)

        backends.work_waiting.set()

        assert await asyncio.wait_for(at_work.done.get(), SOON_S) == "source:a"


async def test_what_one_says_of_a_conversation_wakes_those_who_watch_it_at_the_other(
    backends: Backends, other: Backends
) -> None:
    with other.broadcast.listen("conversation:cnv_1") as visitor, other.broadcast.listen("inbox:prj_1") as inbox:
        announce(backends.broadcast, "prj_1", "cnv_1")

        assert await visitor.wait(SOON_S)
        assert await inbox.wait(SOON_S)
        announce_typing(backends.broadcast, "prj_1", "cnv_1", "user")

        assert await inbox.wait(SOON_S)
        assert inbox.take_named() == {"cnv_1"}
