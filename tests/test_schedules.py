"""What is done again and again for the install as a whole."""

import asyncio
from datetime import timedelta

from sqlalchemy import select, update

from aivastark import jobs
from aivastark.backends.base import Backends
from aivastark.jobs import JobRow
from aivastark.kit.clock import utc_now
from aivastark.worker import TEND_SEARCH, TEND_SEARCH_EVERY_S, Worker, _scheduled
from tests.make import working


async def rows(backends: Backends) -> list[JobRow]:
    return await backends.db.read(lambda session: list(session.scalars(select(JobRow))))


async def test_scheduled_work_is_done_at_the_first_start_and_planned_again(backends: Backends) -> None:
    done: list[int] = []
    kind = _scheduled(backends.db, 60.0, lambda session: done.append(1))
    stop = asyncio.Event()
    one = Worker(backends=backends, kinds={"tidy": kind}, schedules=("tidy",), concurrency=1)

    for _ in range(2):
        running = asyncio.create_task(one.run(stop))
        async with asyncio.timeout(5):
            while not done or not all(row.run_at > utc_now() for row in await rows(backends)):  # noqa: ASYNC110 - of a thread
                await asyncio.sleep(0.01)
        stop.set()
        await running
        stop.clear()

    [row] = await rows(backends)
    assert (row.subject, done) == ("schedule:tidy", [1])


async def test_search_is_tended_again_and_again_also_after_it_failed(backends: Backends) -> None:
    tended: list[bool] = []

    async def tend() -> None:
        tended.append(len(tended) > 0)
        if not tended[-1]:
            raise RuntimeError("the database went away")

    backends.search.tend = tend  # type: ignore[method-assign]
    async with working(backends) as worker_:
        assert TEND_SEARCH in worker_.schedules
        for times in (1, 2):
            now = utc_now()
            await backends.db.write(lambda session: jobs.ensure(session, "install", TEND_SEARCH, "schedule:tend"))
            await worker_.run_until_idle()
            [row] = await rows(backends)
            assert row.leased_until is None
            assert row.run_at >= now + timedelta(seconds=TEND_SEARCH_EVERY_S)
            assert len(tended) == times
            past = update(JobRow).values(run_at=now)
            await backends.db.write(lambda session: session.execute(past))  # noqa: B023
