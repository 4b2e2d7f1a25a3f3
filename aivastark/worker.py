"""Works off the job table: job name → function, a few at a time, each under a lease it keeps renewing."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import structlog

from aivastark import jobs, wall
from aivastark.accounts.kept_answers import forget_old_answers
from aivastark.accounts.limits import forget_old_windows
from aivastark.accounts.mails import SEND_MAIL, mail_failed, send_queued
from aivastark.accounts.tokens import forget_expired
from aivastark.analytics.refit import refit_for
from aivastark.answer_tests.run import run_answer_tests
from aivastark.answers.elsewhere import forget_dead_answers
from aivastark.answers.reembed_questions import asked_in_another_model, reembed_questions
from aivastark.backends.base import WORK, Backends
from aivastark.backends.presence import present
from aivastark.backends.search.messages import forget_erased_words
from aivastark.conversations.attachments import FORGET_FILES, forget_files
from aivastark.conversations.grade import REFIT
from aivastark.conversations.resolution import settle_idle
from aivastark.database import Database, WriteSession
from aivastark.events import FAN_OUT
from aivastark.jobs import ATTEMPTS_MAX, HEARTBEAT_S, INSTALL, Job, LeaseLost
from aivastark.kit.clock import utc_now
from aivastark.leads.retention import EVERY_S as RETENTION_EVERY_S
from aivastark.leads.retention import forget_old_conversations
from aivastark.projects.erase import ERASE_PROJECT, erase_project
from aivastark.sources.add import INGEST, REMOVE
from aivastark.sources.connected_accounts import AccountBook
from aivastark.sources.connectors import open_connectors
from aivastark.sources.connectors.drive import DriveConnector
from aivastark.sources.extract.sandbox import ExtractionSandbox
from aivastark.sources.failures import attempt, note_bug
from aivastark.sources.ingest import ingest
from aivastark.sources.mend import MEND, mend_indexes
from aivastark.sources.reembed import job_name, queue_reembedding, reembed
from aivastark.sources.remove import remove
from aivastark.sources.tested import TEST_ANSWERS
from aivastark.sources.uploads import FORGET_UPLOAD, forget_upload
from aivastark.telemetry.work import observed
from aivastark.webhooks.deliver import deliver, deliver_later
from aivastark.webhooks.fan_out import fan_out
from aivastark.webhooks.store import DELIVER, DELIVER_TO_FAILING, forget_old_deliveries
from aivastark.widgets.counts import forget_old_counts
from aivastark.widgets.store import forget_old_embed_keys
from aivastark.widgets.visitors import forget_old_visitors

WORKER_LOCK = "worker.lock"  # in the data directory
LOOK_EVERY_S = 1.0  # for work that falls due, and for what nobody told
TRY_AGAIN_AFTER_S = 10.0  # growing with the square of the attempts

# Done for the install as a whole: seconds between two runs, and what is done in one short transaction.
SCHEDULES: Mapping[str, tuple[float, Callable[[WriteSession], None]]] = {
    "forget_old_windows": (3_600.0, forget_old_windows),
    "forget_old_visitors": (3_600.0, forget_old_visitors),
    "forget_old_widget_counts": (86_400.0, forget_old_counts),
    "forget_old_embed_keys": (3_600.0, forget_old_embed_keys),
    "forget_erased_words": (86_400.0, forget_erased_words),
    "settle_idle": (300.0, settle_idle),
    "forget_old_deliveries": (3_600.0, forget_old_deliveries),
    "forget_expired_tokens": (3_600.0, forget_expired),
    "forget_old_conversations": (RETENTION_EVERY_S, forget_old_conversations),
    "forget_old_answers": (3_600.0, forget_old_answers),
    "forget_dead_answers": (3_600.0, forget_dead_answers),
}
TEND_SEARCH = "tend_search"
TEND_SEARCH_EVERY_S = 300.0

# Jobs wait for others of their lane only, so that neither a long ingest nor a slow server holds up the rest.
Lane = Literal["work", "tending", "reembedding", "fan_out", "deliveries", "failing_deliveries"]
REEMBEDDINGS_AT_ONCE = 1  # a change of models concerns every project
FAN_OUTS_AT_ONCE = 2
WEBHOOKS_AT_ONCE = 32  # more than one project may have; each with its own bound, see webhooks/deliver.py
FAILING_WEBHOOKS_AT_ONCE = 16

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """How jobs of one name are done."""

    run: Callable[[Job], Awaitable[None]]
    """Does the job and finishes it; what it raises is taken for a bug."""
    failed: Callable[[Job, bool], Awaitable[None]]
    """Says so where people look, and finishes or postpones the job; True means it was given up for good."""
    lane: Lane = "work"


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Takes jobs of the kinds it knows until told to stop; others are left to whoever knows them."""

    backends: Backends
    kinds: Mapping[str, Kind]
    schedules: tuple[str, ...] = ()
    """Names of the kinds that are done again and again, for the install as a whole."""
    concurrency: int
    """How many jobs of the lane `work` run at the same time."""
    lock: Path | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; what is under way then is given back."""
        if self.lock is None:
            await self._run(stop)
            return
        db = self.backends.db
        # Alone: then whoever holds a lease has died, and its jobs need not wait for the leases to run out.
        async with present(db, self.lock, if_alone=lambda: db.write(jobs.release_all)):
            await self._run(stop)

    async def _run(self, stop: asyncio.Event) -> None:
        await self.backends.db.write(self._plan)
        running: dict[asyncio.Task[None], Lane] = {}
        with self.backends.broadcast.listen(WORK) as work:
            while not stop.is_set():
                job = await self._claim_or_wait(self._with_room(running.values()))
                if job is not None:
                    task = asyncio.create_task(self._do(job))
                    running[task] = self.kinds[job.name].lane
                    task.add_done_callback(running.pop)
                    task.add_done_callback(lambda _: work.wake())
                    continue
                await _first_of(work.wait(LOOK_EVERY_S), stop.wait())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _with_room(self, running: Collection[Lane]) -> list[str]:
        """Names of the jobs that may be taken now: those whose lane is not full."""
        slots: dict[Lane, int] = {
            "work": self.concurrency,
            "tending": 1,
            "reembedding": REEMBEDDINGS_AT_ONCE,
            "fan_out": FAN_OUTS_AT_ONCE,
            "deliveries": WEBHOOKS_AT_ONCE,
            "failing_deliveries": FAILING_WEBHOOKS_AT_ONCE,
        }
        taken = Counter(running)
        return [name for name, kind in self.kinds.items() if taken[kind.lane] < slots[kind.lane]]

    def _plan(self, session: WriteSession) -> None:
        for name in self.schedules:
            jobs.ensure(session, INSTALL, name, f"schedule:{name}")
        if MEND in self.kinds:
            jobs.enqueue(session, INSTALL, MEND, "mend")

    async def run_until_idle(self) -> None:
        """Work off everything that is due now, one after the other; for the command line and tests."""
        while (job := await self._claim(list(self.kinds))) is not None:
            await self._do(job)

    async def _claim_or_wait(self, names: Collection[str]) -> Job | None:
        try:
            return await self._claim(names)
        except Exception:  # a database that is busy or away for a while must not end the worker for good
            log.exception("could not look for work")
            return None

    async def _claim(self, names: Collection[str]) -> Job | None:
        # A look costs the readers nothing; only a find is worth the writer's time.
        due = await self.backends.db.read(lambda session: jobs.next_due(session, names=names))
        if due is None or due > utc_now():
            return None
        return await self.backends.db.write(lambda session: jobs.claim(session, names=names))

    async def _do(self, job: Job) -> None:
        working = asyncio.ensure_future(self._attempt(job))
        beating = asyncio.create_task(_beat(self.backends, job, working))
        try:
            await working
        except LeaseLost:
            log.info("job let go", job=job.subject)
        except asyncio.CancelledError:
            working.cancel()
            if beating.done():
                log.info("job let go", job=job.subject)
                return
            await asyncio.wait([working])
            await self.backends.db.write(lambda session: jobs.release(session, job))
            raise
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating

    async def _attempt(self, job: Job) -> None:
        kind = self.kinds[job.name]
        with _seeing(job), observed(job) as seen:
            try:
                if job.attempts > ATTEMPTS_MAX:
                    seen.outcome = "given_up"
                    log.error("job given up", job=job.subject, name=job.name)
                    await kind.failed(job, True)
                else:
                    await kind.run(job)
                    seen.outcome = "done"
            except LeaseLost:
                raise
            except Exception as error:  # one job's bug must not stop the others; it is logged whole
                seen.fail(error)
                log.exception("job failed", job=job.subject, name=job.name)
                await kind.failed(job, False)
            finally:
                self.backends.broadcast.tell(job.subject)


def make_worker(
    backends: Backends, *, sandbox: ExtractionSandbox, concurrency: int, lock: Path | None = None
) -> Worker:
    """The worker with all it can do. `lock` is a file that all workers of this data directory share; see `presence`."""
    scheduled = {name: _scheduled(backends.db, every_s, work) for name, (every_s, work) in SCHEDULES.items()}
    scheduled[TEND_SEARCH] = _tending(backends)
    kinds = _kinds(backends, sandbox) | scheduled
    return Worker(backends=backends, kinds=kinds, schedules=tuple(scheduled), concurrency=concurrency, lock=lock)


def _kinds(backends: Backends, sandbox: ExtractionSandbox) -> dict[str, Kind]:
    db = backends.db
    accounts = AccountBook(db=db, secret_key=backends.secret_key)
    connectors = open_connectors(
        blobs=backends.blobs,
        fetcher=backends.fetcher,
        github_api_url=backends.github_api_url,
        drive=DriveConnector(backends.fetcher, backends.google, accounts),
    )

    async def take_in(job: Job) -> None:
        await attempt(db, job, lambda job: ingest(backends, job, connectors=connectors, sandbox=sandbox))

    async def take_out(job: Job) -> None:
        await attempt(db, job, lambda job: remove(backends, job))

    async def source_failed(job: Job, given_up: bool) -> None:
        await note_bug(db, job, given_up=given_up)

    async def mend(job: Job) -> None:
        asked = await db.read(lambda session: asked_in_another_model(session, backends.embedder.model_id))
        await queue_reembedding(backends, also=asked)
        await mend_indexes(backends, job)

    send, later = partial(deliver, backends), partial(deliver_later, db)
    return {
        INGEST: Kind(run=take_in, failed=source_failed),
        REMOVE: Kind(run=take_out, failed=source_failed),
        TEST_ANSWERS: Kind(run=partial(run_answer_tests, backends), failed=partial(try_later, db)),
        MEND: Kind(run=mend, failed=partial(try_later, db)),
        job_name(backends.embedder.model_id): Kind(
            run=partial(reembed, backends, also=reembed_questions),
            failed=partial(never_give_up, db),
            lane="reembedding",
        ),
        FAN_OUT: Kind(run=partial(fan_out, db), failed=partial(try_later, db), lane="fan_out"),
        DELIVER: Kind(run=send, failed=later, lane="deliveries"),
        DELIVER_TO_FAILING: Kind(run=send, failed=later, lane="failing_deliveries"),
        SEND_MAIL: Kind(run=partial(send_queued, backends), failed=partial(mail_failed, db)),
        FORGET_FILES: Kind(run=partial(forget_files, backends), failed=partial(never_give_up, db)),
        FORGET_UPLOAD: Kind(run=partial(forget_upload, backends), failed=partial(never_give_up, db)),
        REFIT: Kind(run=partial(refit_for, db), failed=partial(try_later, db)),
        ERASE_PROJECT: Kind(run=partial(erase_project, backends), failed=partial(never_give_up, db)),
    }


def _tending(backends: Backends) -> Kind:
    """Search is kept quick. It may take minutes, so others do not wait for it."""
    plan_again = partial(_plan_again, backends.db, TEND_SEARCH_EVERY_S)

    async def run(job: Job) -> None:
        await backends.search.tend()
        await plan_again(job, False)

    return Kind(run=run, failed=plan_again, lane="tending")


def _scheduled(db: Database, every_s: float, work: Callable[[WriteSession], None]) -> Kind:
    async def run(job: Job) -> None:
        def once(session: WriteSession) -> None:
            jobs.hold(session, job)
            work(session)
            jobs.finish(session, job, next_run_at=utc_now() + timedelta(seconds=every_s))

        await db.write(once)

    return Kind(run=run, failed=partial(_plan_again, db, every_s))


async def _plan_again(db: Database, every_s: float, job: Job, _given_up: bool) -> None:
    later = utc_now() + timedelta(seconds=every_s)
    await db.write(lambda session: jobs.finish(session, job, next_run_at=later))


async def try_later(db: Database, job: Job, given_up: bool) -> None:
    """For jobs that nobody watches: another try, each time later; when given up, the log has it."""
    if given_up:
        await db.write(lambda session: jobs.finish(session, job))
        return
    at = utc_now() + timedelta(seconds=TRY_AGAIN_AFTER_S * job.attempts**2)
    await db.write(lambda session: jobs.postpone(session, job, run_at=at))


async def never_give_up(db: Database, job: Job, _given_up: bool) -> None:
    """For what was promised to go: another try, however many it takes."""
    at = utc_now() + timedelta(seconds=TRY_AGAIN_AFTER_S * job.attempts**2)
    await db.write(lambda session: jobs.finish(session, job, next_run_at=at))


async def _beat(backends: Backends, job: Job, working: asyncio.Future[None]) -> None:
    """Renew the lease while the job runs; stop the job when the lease is gone."""
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        try:
            await backends.db.write(lambda session: jobs.heartbeat(session, job))
        except LeaseLost:
            working.cancel()
            return
        except Exception:  # a busy database for once must not end the beat, and with it the lease
            log.exception("heartbeat failed", job=job.subject)


def _seeing(job: Job) -> AbstractContextManager[None]:
    """The wall around a job: it sees its project."""
    return wall.everything() if job.project_id == INSTALL else wall.only(job.project_id)


async def _first_of(*events: Awaitable[object]) -> None:
    waiting = [asyncio.ensure_future(event) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiting:
            waiter.cancel()
