"""The uploaded bytes behind sources: kept as long as any source of the project refers to them."""

from sqlalchemy import select

from aivastark import jobs
from aivastark.backends.base import Backends
from aivastark.backends.blobs.base import BlobNotFound
from aivastark.database import ReadSession, WriteSession
from aivastark.jobs import Job, JobRow
from aivastark.sources.models import Source

FORGET_UPLOAD = "forget_upload"


def drop_unused_blob(session: WriteSession, project_id: str, key: str | None) -> None:
    """Have uploaded bytes forgotten that no source refers to any more: by a job, since no transaction waits for a
    store, and what it undoes would be gone there for good.
    """
    if key is None:
        return
    session.flush()
    if not _is_used(session, project_id, key):
        jobs.enqueue(session, project_id, FORGET_UPLOAD, f"upload:{key}", arguments={"blob": key})


async def forget_upload(backends: Backends, job: Job) -> None:
    """Take the bytes out, unless a source refers to them again. May be repeated after a crash.

    Was one added between the look and the deletion, they come back. Whoever sent them is not told that they are kept
    (`is_being_forgotten`), since a crash or the store may stop us before that.
    """
    project_id, key = job.project_id, str(job.arguments["blob"])
    if not await backends.db.read(lambda session: _is_used(session, project_id, key)):
        content = await _content(backends, project_id, key)
        await backends.blobs.delete(project_id, key)
        if content is not None and await backends.db.read(lambda session: _is_used(session, project_id, key)):
            await backends.blobs.put(project_id, content)
    await backends.db.write(lambda session: jobs.finish(session, job))


def is_being_forgotten(session: ReadSession, project_id: str, key: str) -> bool:
    """Whether a worker is at it, which may have looked before the caller's source was there. One that begins later
    sees that source.
    """
    job = select(JobRow.id).where(JobRow.project_id == project_id, JobRow.subject == f"upload:{key}")
    return session.scalar(job.where(JobRow.lease.is_not(None))) is not None


async def _content(backends: Backends, project_id: str, key: str) -> bytes | None:
    try:
        return await backends.blobs.get(project_id, key)
    except BlobNotFound:
        return None


def _is_used(session: ReadSession, project_id: str, key: str) -> bool:
    used = select(Source.id).where(Source.project_id == project_id, Source.blob == key).limit(1)
    return session.scalar(used) is not None
