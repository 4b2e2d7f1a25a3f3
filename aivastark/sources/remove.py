"""Deleting a source: out of sight in the request, out of index and tables by a job, and its upload by another."""

from sqlalchemy import delete, func, select

from aivastark import events, jobs
from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.jobs import Job
from aivastark.kit.clock import utc_now
from aivastark.sources.add import REMOVE, subject_of
from aivastark.sources.models import Document, Source, published_of
from aivastark.sources.uploads import drop_unused_blob


def mark_for_removal(session: WriteSession, source: Source) -> None:
    """From now on no answer uses it; a running sync finds its lease gone."""
    if source.status == "deleting":
        return
    source.status, source.stage, source.updated_at = "deleting", None, utc_now()
    subject = subject_of(source.id)
    jobs.cancel(session, source.project_id, subject)
    session.flush()
    jobs.enqueue(session, source.project_id, REMOVE, subject, arguments={"source_id": source.id})


async def remove(backends: Backends, job: Job) -> None:
    """Take the source out everywhere. Each step may be repeated after a crash."""
    project_id, source_id = job.project_id, str(job.arguments["source_id"])
    await backends.search.remove(project_id, source_id)

    def work(session: WriteSession) -> None:
        jobs.hold(session, job)
        source = session.get(Source, (project_id, source_id))
        if source is not None:
            if documents := _published_documents(session, source):
                events.publish(
                    session,
                    project_id,
                    "knowledge.updated",
                    {
                        "source_id": source_id,
                        "source_version": source.version,
                        "title": source.title or source.found_title,
                        "documents": {"added": 0, "changed": 0, "removed": documents},
                    },
                )
            session.execute(delete(Source).where(Source.project_id == project_id, Source.id == source_id))
            drop_unused_blob(session, project_id, source.blob)
        jobs.finish(session, job)

    await backends.db.write(work)


def _published_documents(session: WriteSession, source: Source) -> int:
    return session.scalar(select(func.count(Document.id)).where(published_of(source))) or 0
