"""Work for later: one job a subject, leases that end, crashes that are counted, nothing that hangs."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from aivastark import jobs, worker
from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.jobs import ATTEMPTS_MAX, LEASE_S, Job, JobRow, LeaseLost
from aivastark.kit.clock import utc_now
from aivastark.worker import Kind, Worker, try_later
from tests.conftest import Settle
from tests.make import Client, working

PROJECT = "prj_A"


async def ask(backends: Backends, subject: str = "source:a", *, run_at: datetime | None = None) -> None:
    await backends.db.write(
        lambda session: jobs.enqueue(session, PROJECT, "work", subject, arguments={"of": subject}, run_at=run_at)
    )


async def claim(backends: Backends) -> Job | None:
    return await backends.db.write(lambda session: jobs.claim(session))


async def claimed(backends: Backends) -> Job:
    job = await claim(backends)
    assert job is not None
    return job


async def rows(backends: Backends) -> list[JobRow]:
    return await backends.db.read(lambda session: list(session.scalars(select(JobRow))))


async def let_leases_end(backends: Backends) -> None:
    """As if the time of all leases had passed."""

    def work(session: WriteSession) -> None:
        past = utc_now() - timedelta(seconds=1)
        session.execute(update(JobRow).where(JobRow.leased_until.is_not(None)).values(leased_until=past))

    await backends.db.write(work)


async def test_a_job_is_claimed_once(backends: Backends) -> None:
    await ask(backends)

    claims = await asyncio.gather(*(claim(backends) for _ in range(5)))

    assert sum(job is not None for job in claims) == 1


async def test_a_job_is_not_claimed_before_its_time(backends: Backends) -> None:
    await ask(backends, run_at=utc_now() + timedelta(minutes=1))

    assert await claim(backends) is None


async def test_the_longest_due_comes_first(backends: Backends) -> None:
    await ask(backends, "source:b", run_at=utc_now() - timedelta(seconds=1))
    await ask(backends, "source:a", run_at=utc_now() - timedelta(seconds=2))

    assert [(await claimed(backends)).subject for _ in range(2)] == ["source:a", "source:b"]


async def test_a_lease_that_ends_is_taken_over_and_the_first_holder_finds_out(backends: Backends) -> None:
    await ask(backends)
    first = await claimed(backends)
    assert await claim(backends) is None
    await let_leases_end(backends)

    second = await claimed(backends)

    assert (second.id, second.attempts) == (first.id, 2)

    def work(session: WriteSession) -> None:
        jobs.hold(session, second)
        for forbidden in (jobs.hold, jobs.heartbeat, jobs.finish):
            with pytest.raises(LeaseLost):
                forbidden(session, first)

    await backends.db.write(work)


async def test_jobs_like_a_claimed_one_are_taken_along_but_no_others(backends: Backends) -> None:
    def work(session: WriteSession) -> list[str]:
        for project_id, name, subject, run_at in (
            (PROJECT, "work", "a", None),
            (PROJECT, "work", "b", None),
            (PROJECT, "work", "c", utc_now() + timedelta(minutes=1)),
            (PROJECT, "other work", "d", None),
            ("prj_B", "work", "e", None),
        ):
            jobs.enqueue(session, project_id, name, subject, arguments={"of": subject}, run_at=run_at)
        first = jobs.claim(session)
        assert first is not None
        jobs.enqueue(session, PROJECT, "work", "f", arguments={"of": "f"})
        second = jobs.claim(session, names=["work"])
        assert second is not None
        along = jobs.take_along(session, first, limit=10)
        return [arguments["of"] for arguments in along]

    assert await backends.db.write(work) == ["f"]
    assert sorted(row.subject for row in await rows(backends)) == ["a", "b", "c", "d", "e"]


async def test_a_heartbeat_keeps_the_lease(backends: Backends) -> None:
    await ask(backends)
    job = await claimed(backends)
    await backends.db.write(
        lambda session: session.execute(update(JobRow).values(leased_until=utc_now() + timedelta(seconds=1)))
    )

    await backends.db.write(lambda session: jobs.heartbeat(session, job))

    [row] = await rows(backends)
    assert row.leased_until is not None
    assert row.leased_until > utc_now() + timedelta(seconds=LEASE_S - 2)


async def test_after_a_crash_a_job_stands_behind_those_that_waited(backends: Backends) -> None:
    await ask(backends, "source:deadly", run_at=utc_now() - timedelta(minutes=2))
    await claimed(backends)
    await ask(backends, "source:patient", run_at=utc_now() - timedelta(minutes=1))
    await let_leases_end(backends)

    assert (await claimed(backends)).subject == "source:patient"


async def test_a_finished_job_is_gone_or_waits_for_its_next_time(backends: Backends) -> None:
    await ask(backends, "source:a")
    await ask(backends, "source:b")
    later = utc_now() + timedelta(hours=1)

    def work(session: WriteSession) -> None:
        first, second = jobs.claim(session), jobs.claim(session)
        assert first is not None
        assert second is not None
        jobs.finish(session, first)
        jobs.finish(session, second, next_run_at=later)

    await backends.db.write(work)

    [row] = await rows(backends)
    assert (row.subject, row.run_at, row.attempts, row.leased_until) == ("source:b", later, 0, None)


@pytest.mark.parametrize("failed", [False, True])
async def test_a_job_asked_for_while_it_runs_runs_once_more(backends: Backends, failed: bool) -> None:
    await ask(backends)
    job = await claimed(backends)
    await ask(backends)
    await ask(backends)

    def end(session: WriteSession) -> bool:
        if failed:
            return jobs.postpone(session, job, run_at=utc_now() + timedelta(hours=1))
        return jobs.finish(session, job)

    assert await backends.db.write(end)
    second = await claimed(backends)
    assert second.attempts == 1

    def work(session: WriteSession) -> None:
        assert not jobs.finish(session, second)

    await backends.db.write(work)
    assert await rows(backends) == []


async def test_a_cancelled_job_is_gone_under_its_worker(backends: Backends) -> None:
    await ask(backends)
    job = await claimed(backends)

    def work(session: WriteSession) -> None:
        assert jobs.cancel(session, PROJECT, job.subject)
        assert not jobs.cancel(session, PROJECT, job.subject)

    await backends.db.write(work)
    with pytest.raises(LeaseLost):
        await backends.db.read(lambda session: jobs.hold(session, job))


async def test_what_is_due_next_is_a_waiting_job_or_the_end_of_a_lease(backends: Backends) -> None:
    later = utc_now() + timedelta(minutes=5)
    await ask(backends)
    await claimed(backends)
    await ask(backends, "source:b", run_at=later)
    due = await backends.db.read(lambda session: jobs.next_due(session))

    assert due is not None
    assert utc_now() < due <= utc_now() + timedelta(seconds=LEASE_S)


async def test_after_a_restart_leases_end_at_once_but_a_repeated_crash_waits_longer(backends: Backends) -> None:
    waits: list[int] = []
    for _ in range(4):

        def work(session: WriteSession) -> None:
            session.execute(update(JobRow).values(run_at=utc_now()))
            if not waits:
                jobs.enqueue(session, PROJECT, "work", "source:a")

        await backends.db.write(work)
        await claimed(backends)
        await backends.db.write(lambda session: jobs.release_all(session))
        [row] = await rows(backends)
        assert row.leased_until is None
        waits.append(round((row.run_at - utc_now()).total_seconds()))

    assert waits == [0, 3, 12, 27]


# --- the worker


def one_kind_of_work(backends: Backends, run: Callable[[Job], Awaitable[None]]) -> Worker:
    kinds = {"work": Kind(run=run, failed=partial(try_later, backends.db))}
    return Worker(backends=backends, kinds=kinds, concurrency=2)


def with_a_bug(worker: Worker, name: str, *, source_id: str) -> Worker:
    """The worker, but for this source its work of this name raises what nobody expects."""

    async def run(job: Job) -> None:
        if job.arguments["source_id"] == source_id:
            raise ZeroDivisionError
        await worker.kinds[name].run(job)

    broken = Kind(run=run, failed=worker.kinds[name].failed)
    return replace(worker, kinds={**worker.kinds, name: broken})


async def test_a_job_whose_lease_is_lost_is_stopped(backends: Backends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "HEARTBEAT_S", 0.05)
    steps: list[str] = []

    async def endless(job: Job) -> None:
        steps.append("begun")
        await backends.db.write(lambda session: jobs.cancel(session, job.project_id, job.subject))
        try:
            await asyncio.sleep(30)
        finally:
            steps.append("stopped")

    await ask(backends)

    async with asyncio.timeout(5):
        await one_kind_of_work(backends, endless).run_until_idle()

    assert steps == ["begun", "stopped"]


async def test_a_running_worker_takes_several_jobs_and_gives_back_what_it_could_not_end(backends: Backends) -> None:
    begun: list[str] = []
    stop, all_begun = asyncio.Event(), asyncio.Event()

    async def endless(job: Job) -> None:
        begun.append(job.subject)
        if len(begun) == 2:
            all_begun.set()
        await asyncio.sleep(30)

    await ask(backends, "source:a")
    await ask(backends, "source:b")
    running = asyncio.create_task(one_kind_of_work(backends, endless).run(stop))
    async with asyncio.timeout(5):
        await all_begun.wait()

        stop.set()
        await running

    assert {(row.leased_until, row.attempts) for row in await rows(backends)} == {(None, 0)}


async def test_a_bug_in_one_job_does_not_stop_the_next(api: Client, backends: Backends) -> None:
    first = await api.add(text="The first text.")
    second = await api.add(text="The second text.")

    async with working(backends) as sound:
        await with_a_bug(sound, "ingest", source_id=first["id"]).run_until_idle()

    broken = await api.source(first["id"])
    assert (broken["status"], broken["error"]["code"]) == ("failed", "internal_error")
    assert broken["error"]["next_retry_at"] is not None
    assert (await api.source(second["id"]))["status"] == "ready"


async def test_a_job_that_keeps_ending_its_worker_is_given_up(api: Client, backends: Backends, settle: Settle) -> None:
    source = await api.add(text="A text that brings the process down.")
    for _ in range(ATTEMPTS_MAX):
        await claimed(backends)
        await let_leases_end(backends)

    await settle()

    given_up = await api.source(source["id"])
    assert (given_up["status"], given_up["error"]["code"]) == ("failed", "processing_crashed")
    assert given_up["error"]["retryable"] is False
    assert await rows(backends) == []


async def test_a_removal_that_fails_brings_nothing_back(api: Client, backends: Backends, settle: Settle) -> None:
    source = await api.add(text="The shop is open from nine to five.")
    await settle()
    await api.delete(f"sources/{source['id']}")

    async with working(backends) as sound:
        await with_a_bug(sound, "remove", source_id=source["id"]).run_until_idle()
    failed = await api.source(source["id"])
    await backends.db.write(lambda session: session.execute(update(JobRow).values(run_at=utc_now())))
    await settle()

    assert failed["status"] == "deleting"
    assert (await api.get(f"sources/{source['id']}")).status_code == 404


async def test_a_job_of_a_newer_version_waits_for_a_worker_that_knows_it(backends: Backends) -> None:
    await ask(backends)

    async with working(backends) as older:
        await older.run_until_idle()

    [row] = await rows(backends)
    assert (row.attempts, row.leased_until) == (0, None)


async def test_a_full_lane_does_not_hold_up_another(backends: Backends) -> None:
    stop, delivered = asyncio.Event(), asyncio.Event()
    begun: list[str] = []

    async def endless(job: Job) -> None:
        begun.append(job.subject)
        await asyncio.sleep(30)

    async def quick(job: Job) -> None:
        await backends.db.write(lambda session: jobs.finish(session, job))
        delivered.set()

    failed = partial(try_later, backends.db)
    kinds = {"work": Kind(run=endless, failed=failed), "quick": Kind(run=quick, failed=failed, lane="deliveries")}
    for subject in ("source:a", "source:b", "source:c"):
        await ask(backends, subject)
    await backends.db.write(lambda session: jobs.enqueue(session, PROJECT, "quick", "webhook:a"))
    running = asyncio.create_task(Worker(backends=backends, kinds=kinds, concurrency=2).run(stop))

    async with asyncio.timeout(5):
        await delivered.wait()
    stop.set()
    await running

    assert begun == ["source:a", "source:b"]
    assert {row.subject for row in await rows(backends)} == {"source:a", "source:b", "source:c"}


async def test_a_text_replaced_while_it_is_taken_in_is_taken_in_once_more(
    api: Client, backends: Backends, settle: Settle
) -> None:
    await api.add(text="We open at nine.", external_id="hours")
    await claimed(backends)
    await api.add(text="We open at ten.", external_id="hours")
    await let_leases_end(backends)

    await settle()

    [hit] = (await api.post("search", {"query": "open"})).json()["data"]
    assert hit["text"] == "We open at ten."
    assert await rows(backends) == []
