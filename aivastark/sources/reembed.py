"""All knowledge of a project embedded with another model, from its stored passages, while the old vectors serve.

The vectors of the model that is set are gathered in the index beside those that serve, batch by batch: what a crash
leaves is gone on with. When every passage has one, one swap makes them serve. What is published meanwhile brings its
own; vectors of two models are never compared.
"""

import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

import numpy as np
import structlog
from sqlalchemy import delete, select

from aivastark import jobs
from aivastark.backends.base import Backends
from aivastark.backends.embedding.base import EmbeddingFailed
from aivastark.backends.search.base import StoredVectors
from aivastark.database import ReadSession, WriteSession
from aivastark.jobs import Job
from aivastark.kit.clock import to_wire, utc_now
from aivastark.sources.embedding import Vector, embed_passages
from aivastark.sources.embedding_models import Reembedding
from aivastark.sources.models import Source
from aivastark.sources.serving_model import name_model
from aivastark.sources.stored import passages_by_id

SUBJECT = "reembed"
BATCH_PASSAGES = 64
BATCH_PROJECTS = 500
HEADINGS_KEPT = 10_000  # vectors of titles that many passages share
NOTE_EVERY_S = 0.5
LOG_EVERY_S = 10.0
TRY_AGAIN_AFTER_S = 30.0  # where the model cannot be asked
TRY_AGAIN_AFTER_MAX_S = 3_600.0

Also = Callable[[Backends, Job], Awaitable[None]]
log = structlog.get_logger()


def job_name(model_id: str) -> str:
    """The name of the job for this model: only a worker that is set to it takes it."""
    return f"reembed:{hashlib.sha256(model_id.encode()).hexdigest()[:16]}"


async def queue_reembedding(backends: Backends, also: Iterable[str] = ()) -> None:
    """At a worker's start: a job for each project that another model serves, or whose change of models has not ended.

    Nothing is read but a line of each project's index. `also` are projects with other reasons.
    """
    model_id, after, wanted = backends.embedder.model_id, "", set(also)
    while project_ids := await backends.db.read(lambda session: _projects(session, after)):  # noqa: B023
        for project_id in project_ids:
            models = await backends.search.models(project_id)
            if models is None:
                continue
            serving = models.serving or await name_model(backends, project_id)
            if serving != model_id or models.coming:
                wanted.add(project_id)
        after = project_ids[-1]
    for project_id in sorted(wanted):
        await backends.db.write(lambda session: _queue(session, project_id, model_id))  # noqa: B023
    if wanted:
        log.info("knowledge will be embedded anew", projects=len(wanted), model=model_id)
        backends.work_waiting.set()


async def reembed(backends: Backends, job: Job, *, also: Also) -> None:
    """Embed all of a project that the model which is set has not embedded, then search by it. `also`: what else is.

    Where the model cannot be asked, it is tried again later, for as long as it takes.
    """
    run = _Run(backends, job)
    try:
        await also(backends, job)
        await run.gather()
        await also(backends, job)  # of what came in meanwhile
    except EmbeddingFailed as failure:
        await backends.db.write(partial(_wait, job=job, failure=failure))
        log.warning("embedding_failed", project=job.project_id, code=failure.code, reason=failure.message)
        return
    await backends.db.write(lambda session: _end(session, job))
    backends.other_models.remember(job.project_id, None)


class _Run:
    """One attempt: goes over what has no vector yet until nothing is left."""

    def __init__(self, backends: Backends, job: Job) -> None:
        self._backends, self._job = backends, job
        self._model_id = backends.embedder.model_id
        self._headings: dict[str, Vector] = {}
        self._noted_at = self._logged_at = 0.0

    async def gather(self) -> None:
        """Return when the project is searched by the new vectors."""
        search, project_id = self._backends.search, self._job.project_id
        while not await search.switch_model(project_id, self._model_id):
            total, done = await search.count_vectors(project_id, self._model_id)
            after = ""
            while True:
                await self._note(total, done)
                ids = await search.without_vectors(project_id, self._model_id, after=after, limit=BATCH_PASSAGES)
                if not ids:
                    break
                await search.add_vectors(project_id, self._model_id, await self._vectors(list(ids)))
                done, after = done + len(ids), ids[-1]
        log.info("knowledge embedded anew", project=project_id, model=self._model_id)

    async def _vectors(self, chunk_ids: list[str]) -> dict[str, StoredVectors]:
        """By the model that is set. What is in the index alone, on its way out of it, gets one that is near nothing."""
        found = await self._backends.db.read(lambda session: passages_by_id(session, self._job.project_id, chunk_ids))
        if len(self._headings) > HEADINGS_KEPT:
            self._headings.clear()
        embedder, passages = self._backends.embedder, list(found.values())
        if not embedder.dimensions:  # an endpoint tells with its first answer
            await embedder.embed_documents([SUBJECT])
        vectors = await embed_passages(embedder, passages, self._headings)
        nothing = StoredVectors(vector=np.zeros(embedder.dimensions, np.float32), heading_vector=None)
        made = {one.chunk_id: vector for one, vector in zip(passages, vectors, strict=True)}
        return {chunk_id: made.get(chunk_id, nothing) for chunk_id in chunk_ids}

    async def _note(self, total: int, done: int) -> None:
        """Where people look, and now and then in the log. Raises `LeaseLost`."""
        now = time.monotonic()
        if now - self._noted_at < NOTE_EVERY_S:
            return
        self._noted_at = now
        if now - self._logged_at >= LOG_EVERY_S:
            self._logged_at = now
            log.info("knowledge being embedded anew", project=self._job.project_id, passages=total, done=done)
        await self._backends.db.write(
            lambda session: _progress(session, self._job, self._model_id, total=total, done=min(done, total))
        )


def _projects(session: ReadSession, after: str) -> list[str]:
    """Projects with published sources, in order."""
    query = select(Source.project_id).where(Source.project_id > after, Source.version > 0).distinct()
    return list(session.scalars(query.order_by(Source.project_id).limit(BATCH_PROJECTS)))


def _queue(session: WriteSession, project_id: str, model_id: str) -> None:
    jobs.enqueue(session, project_id, job_name(model_id), SUBJECT)
    _row(session, project_id, model_id)


def _row(session: WriteSession, project_id: str, model_id: str) -> Reembedding:
    row, now = session.get(Reembedding, (project_id,)), utc_now()
    if row is None or row.model_id != model_id:
        if row is not None:
            session.delete(row)
            session.flush()
        row = Reembedding(
            project_id=project_id, model_id=model_id, passages_total=0, passages_done=0, started_at=now, updated_at=now
        )
        session.add(row)
    return row


def _progress(session: WriteSession, job: Job, model_id: str, *, total: int, done: int) -> None:
    jobs.hold(session, job)
    row = _row(session, job.project_id, model_id)
    row.passages_total, row.passages_done, row.error, row.updated_at = total, done, None, utc_now()


def _wait(session: WriteSession, *, job: Job, failure: EmbeddingFailed) -> None:
    """Say why, and try again: soon at first, and when the provider says so."""
    seconds = min(max(TRY_AGAIN_AFTER_S * job.attempts, failure.retry_after_s or 0.0), TRY_AGAIN_AFTER_MAX_S)
    at: datetime = utc_now() + timedelta(seconds=seconds)
    jobs.postpone(session, job, run_at=at)
    row = session.get(Reembedding, (job.project_id,))
    if row is not None:
        row.error = {"code": failure.code, "message": failure.message, "next_retry_at": to_wire(at)}
        row.updated_at = utc_now()


def _end(session: WriteSession, job: Job) -> None:
    session.execute(delete(Reembedding).where(Reembedding.project_id == job.project_id))
    jobs.finish(session, job)
