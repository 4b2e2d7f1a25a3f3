"""How far a sync has come, written where a person can watch it, under the job's lease."""

import time
from collections.abc import Mapping

from sqlalchemy.orm import undefer

from aivastark import jobs
from aivastark.backends.broadcast.base import Broadcast
from aivastark.database import Database, WriteSession
from aivastark.jobs import Job
from aivastark.kit.clock import utc_now
from aivastark.sources.models import Source

WRITE_EVERY_S = 0.25


class Progress:
    """Writes stage and counts of one running sync, at most four times a second."""

    def __init__(self, db: Database, broadcast: Broadcast, job: Job) -> None:
        self._db = db
        self._broadcast = broadcast
        self._job = job
        self._written_at = 0.0

    async def begin(self) -> Source | None:
        """The source, marked as being worked on; None when it is gone or going."""
        source = await self._db.write(self._begin)
        self._broadcast.tell(self._job.subject)
        self._written_at = time.monotonic()
        return source

    def _begin(self, session: WriteSession) -> Source | None:
        jobs.hold(session, self._job)
        source = session.get(
            Source,
            (self._job.project_id, self._job.arguments["source_id"]),
            options=[undefer(Source.sync_state)],
        )
        if source is None or source.status == "deleting":
            jobs.finish(session, self._job)
            return None
        source.status, source.stage, source.updated_at = "processing", "fetching", utc_now()
        source.documents_total, source.documents_done = 1, 0
        source.documents_failed = source.documents_skipped = 0
        source.sync_started_at = utc_now()
        return source

    async def at(self, stage: str, *, at_once: bool = False, **counts: int) -> None:
        """Note the stage and any of `documents_total`, `_done`, `_failed`, `_skipped` and `chunk_count`.

        Skipped when something was written a moment ago, unless `at_once`. Raises `LeaseLost`.
        """
        now = time.monotonic()
        if not at_once and now - self._written_at < WRITE_EVERY_S:
            return
        self._written_at = now
        await self._db.write(lambda session: self._note(session, stage, counts))
        self._broadcast.tell(self._job.subject)

    def _note(self, session: WriteSession, stage: str, counts: Mapping[str, int]) -> None:
        jobs.hold(session, self._job)
        source = session.get(Source, (self._job.project_id, self._job.arguments["source_id"]))
        if source is None:
            raise jobs.LeaseLost(self._job.subject)
        source.stage, source.updated_at = stage, utc_now()
        for name, value in counts.items():
            setattr(source, name, value)
