"""Works off the job table: job name → function, a few at a time, each under a lease it keeps renewing."""

import asyncio
import contextlib
import fcntl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import structlog

from aivastark import jobs
from aivastark.backends.base import Backends
from aivastark.backends.blobs.base import BlobNotFound
from aivastark.fetching import FetchFailed
from aivastark.jobs import ATTEMPTS_MAX, HEARTBEAT_S, Job, LeaseLost
from aivastark.kit.clock import utc_now
from aivastark.sources.add import INGEST, REMOVE
from aivastark.sources.connectors import open_connectors
from aivastark.sources.extract.base import ExtractionFailed
from aivastark.sources.extract.sandbox import ExtractionSandbox
from aivastark.sources.failures import give_up, note_failure
from aivastark.sources.ingest import ingest
from aivastark.sources.remove import remove

WORKER_LOCK = "worker.lock"  # in the data directory
LOOK_EVERY_S = 1.0  # for work that another process queued

log = structlog.get_logger()
Work = Callable[[Job], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Takes jobs until told to stop."""

    backends: Backends
    work: Mapping[str, Work]
    concurrency: int
    lock: Path | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; what is under way then is given back."""
        if self.lock is None:
            await self._run(stop)
            return
        with self.lock.open("w") as file:
            if _is_alone(file):
                # Then whoever holds a lease has died: its jobs need not wait for the leases to run out.
                await self.backends.db.write(jobs.release_all)
            fcntl.flock(file, fcntl.LOCK_SH)
            await self._run(stop)

    async def _run(self, stop: asyncio.Event) -> None:
        running: set[asyncio.Task[None]] = set()
        while not stop.is_set():
            self.backends.work_waiting.clear()
            job = await self._claim_or_wait() if len(running) < self.concurrency else None
            if job is not None:
                running.add(task := asyncio.create_task(self._do(job)))
                task.add_done_callback(running.discard)
                task.add_done_callback(lambda _: self.backends.work_waiting.set())
                continue
            await _first_of(self.backends.work_waiting, stop, timeout_s=LOOK_EVERY_S)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def run_until_idle(self) -> None:
        """Work off everything that is due now, one after the other; for the command line and tests."""
        while (job := await self._claim()) is not None:
            await self._do(job)

    async def _claim_or_wait(self) -> Job | None:
        try:
            return await self._claim()
        except Exception:  # a database that is busy or away for a while must not end the worker for good
            log.exception("could not look for work")
            return None

    async def _claim(self) -> Job | None:
        # A look costs the readers nothing; only a find is worth the writer's time.
        due = await self.backends.db.read(jobs.next_due)
        if due is None or due > utc_now():
            return None
        return await self.backends.db.write(jobs.claim)

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
        db = self.backends.db
        try:
            if job.attempts > ATTEMPTS_MAX:
                await give_up(db, job)
            else:
                await self.work[job.name](job)
        except LeaseLost:
            raise
        except FetchFailed as failure:
            await note_failure(
                db,
                job,
                code=failure.code,
                message=failure.message,
                retryable=failure.retryable,
                retry_after_s=failure.retry_after,
            )
        except ExtractionFailed as failure:
            await note_failure(db, job, code=failure.code, message=failure.message)
        except BlobNotFound:
            await note_failure(db, job, code="upload_lost", message="The uploaded content is gone. Send it again.")
        except Exception:  # one job's bug must not stop the others; it is logged whole
            log.exception("job failed", job=job.subject, name=job.name)
            await note_failure(
                db, job, code="internal_error", message="Something went wrong on our side.", retryable=True
            )


def make_worker(
    backends: Backends, *, sandbox: ExtractionSandbox, concurrency: int, lock: Path | None = None
) -> Worker:
    """The worker with all it can do. `lock` is a file that all workers of this data directory share."""
    connectors = open_connectors(blobs=backends.blobs, fetcher=backends.fetcher)

    async def take_in(job: Job) -> None:
        await ingest(backends, job, connectors=connectors, sandbox=sandbox)

    async def take_out(job: Job) -> None:
        await remove(backends, job)

    return Worker(backends=backends, work={INGEST: take_in, REMOVE: take_out}, concurrency=concurrency, lock=lock)


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


def _is_alone(file: TextIO) -> bool:
    """Whether no other worker of this machine has the file locked; the system frees a dead one's lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _first_of(*events: asyncio.Event, timeout_s: float) -> None:
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiting:
            waiter.cancel()
