"""When a sync does not work out: the reason on the source, a later try where that may help.

Whatever was published before keeps serving.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from aivastark import jobs
from aivastark.backends.blobs.base import BlobNotFound, BlobsFailed
from aivastark.backends.embedding.base import EmbeddingFailed
from aivastark.database import Database, WriteSession
from aivastark.errors import PlanLimitReached
from aivastark.fetch_failures import FetchFailed
from aivastark.jobs import Job
from aivastark.kit.clock import to_wire, utc_now
from aivastark.sources.add import next_sync
from aivastark.sources.credentials import CredentialsUnreadable
from aivastark.sources.extract.base import ExtractionFailed
from aivastark.sources.models import Source
from aivastark.sources.staging import come_to_nothing

log = structlog.get_logger()

RETRY_AFTER_S = (10.0, 60.0, 600.0, 3600.0)
REMOVE_AGAIN_AFTER_S = 60.0


class NothingTaken(Exception):
    """A sync that brought nothing to publish. `message` is for people."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.retryable = retryable


async def note_failure(
    db: Database,
    job: Job,
    *,
    code: str,
    message: str,
    retryable: bool = False,
    retry_after_s: float | None = None,
    was_asked_to_wait: bool = False,
) -> None:
    """Mark the source failed with a sentence a person understands; queue another try if one may help.

    `was_asked_to_wait`: nothing is wrong but the time (a limit of calls), so the try does not count.
    """
    now = utc_now()
    retry_at: datetime | None = None
    if was_asked_to_wait:
        retry_at = now + timedelta(seconds=max(RETRY_AFTER_S[0], retry_after_s or 0.0))
    elif retryable and job.attempts <= len(RETRY_AFTER_S):
        retry_at = now + timedelta(seconds=max(RETRY_AFTER_S[job.attempts - 1], retry_after_s or 0.0))

    def note(session: WriteSession) -> None:
        jobs.hold(session, job)
        source = session.get(Source, (job.project_id, job.arguments["source_id"]))
        if source is None:
            jobs.finish(session, job)
            return
        if source.status == "deleting":  # what was asked to go goes, however many tries it takes
            jobs.finish(session, job, next_run_at=now + timedelta(seconds=REMOVE_AGAIN_AFTER_S))
            return
        _mark(session, source, now, counts=job.attempts == 1 and not was_asked_to_wait)
        source.error = {
            "code": code,
            "message": message,
            "retryable": retryable,
            "attempts": job.attempts,
            "next_retry_at": None if retry_at is None else to_wire(retry_at),
        }
        source.next_sync_at = retry_at or next_sync(source, now)
        if retry_at is not None:
            runs_again = jobs.postpone(session, job, run_at=retry_at, counts=not was_asked_to_wait)
        else:
            again = {"source_id": source.id}
            runs_again = jobs.finish(session, job, next_run_at=source.next_sync_at, next_arguments=again)
        if runs_again:
            source.status, source.stage, source.error = "pending", "queued", None

    await db.write(note)


def _mark(session: WriteSession, source: Source, now: datetime, *, counts: bool) -> None:
    come_to_nothing(session, source)
    source.status, source.stage, source.updated_at = "failed", None, now
    source.last_synced_at = now
    source.failures_in_a_row += counts
    source.documents_failed = source.documents_total


async def attempt(db: Database, job: Job, work: Callable[[Job], Awaitable[None]]) -> None:
    """Do a source's work; what a server, a document or a lost upload is to blame for ends on the source."""
    try:
        await work(job)
    except FetchFailed as failure:
        await note_failure(
            db,
            job,
            code=failure.code,
            message=failure.message,
            retryable=failure.retryable,
            retry_after_s=failure.retry_after,
            was_asked_to_wait=failure.code == "rate_limited",
        )
    except ExtractionFailed as failure:
        await note_failure(db, job, code=failure.code, message=failure.message)
    except NothingTaken as nothing:
        await note_failure(db, job, code=nothing.code, message=nothing.message, retryable=nothing.retryable)
    except EmbeddingFailed as failure:
        # No fault of the source: whatever it was, it is tried again. The provider's name is the operator's to know.
        log.warning("source_not_embedded", subject=job.subject, code=failure.code, reason=failure.message)
        message = "The embedding model could not be asked. What was published before stays."
        await note_failure(
            db, job, code="embedding_failed", message=message, retryable=True, retry_after_s=failure.retry_after_s
        )
    except PlanLimitReached as reached:
        message = f"{reached.message} Delete what is not needed, or move to a larger plan, and sync again."
        await note_failure(db, job, code=reached.code, message=message)
    except CredentialsUnreadable as unreadable:
        await note_failure(db, job, code=unreadable.code, message=unreadable.message)
    except BlobsFailed:
        message = "The upload could not be read just now. What was published before stays."
        await note_failure(db, job, code=BlobsFailed.code, message=message, retryable=True)
    except BlobNotFound:
        await note_failure(db, job, code="upload_lost", message="The uploaded content is gone. Send it again.")


async def note_bug(db: Database, job: Job, *, given_up: bool) -> None:
    """Our own mistake, or (`given_up`) a job that ended its worker again and again: then leave the source alone."""
    if given_up:
        message = "This source stopped the worker several times and was set aside. Try a smaller part of it."
        await note_failure(db, job, code="processing_crashed", message=message)
    else:
        await note_failure(db, job, code="internal_error", message="Something went wrong on our side.", retryable=True)
