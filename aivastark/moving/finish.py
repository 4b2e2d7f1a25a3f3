"""The end of an import: a project gets its row, its sources their jobs, and everybody sees it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, select

from aivastark import jobs
from aivastark.accounts import audit
from aivastark.accounts.bounds import plan_in, refuse_above
from aivastark.database import ReadSession, WriteSession
from aivastark.moving.begin import Run, hold
from aivastark.projects.models import Project
from aivastark.sources.add import INGEST, REMOVE, queue_sync, subject_of
from aivastark.sources.models import ChunkRow, Document, Source


def finish(session: WriteSession, run: Run, own: Mapping[str, Any] | None) -> None:
    """`own` is the row of a project, which nobody found until now. Raises `Overtaken` and `PlanLimitReached`."""
    note = hold(session, run)
    if own is not None:
        assert run.place.organization_id is not None  # looked at when it began
        _must_have_room(session, run.place.organization_id, own["id"])
        session.execute(insert(Project), [{**own, "organization_id": run.place.organization_id}])
        for source in session.scalars(select(Source).where(Source.project_id == own["id"])):
            _queue_work(session, source)
        audit.record(
            session,
            run.place.organization_id,
            run.place.actor_id,
            "project.imported",
            own["id"],
            {"project_id": own["id"], "name": own["name"]},
        )
    session.delete(note)


def _queue_work(session: WriteSession, source: Source) -> None:
    """What its job would have been: to be taken out, in, or looked at again when it is time."""
    about = {"source_id": source.id}
    if source.status == "deleting":
        jobs.enqueue_new(session, source.project_id, REMOVE, subject_of(source.id), arguments=about)
    elif source.status in ("pending", "processing"):
        source.status = "pending"
        queue_sync(session, source)
    elif source.next_sync_at is not None:
        run_at = source.next_sync_at
        jobs.enqueue_new(session, source.project_id, INGEST, subject_of(source.id), arguments=about, run_at=run_at)


def _must_have_room(session: ReadSession, organization_id: str, project_id: str) -> None:
    """By what is there, whatever the rows say of themselves. Raises `PlanLimitReached`."""
    plan = plan_in(session, organization_id)
    sources = select(func.count()).select_from(Source).where(Source.project_id == project_id)
    refuse_above(plan, "sources_per_project", session.scalar(sources) or 0)
    passages = (
        select(func.count())
        .select_from(ChunkRow)
        .join(Document, (Document.project_id == ChunkRow.project_id) & (Document.id == ChunkRow.document_id))
        .join(Source, (Source.project_id == Document.project_id) & (Source.id == Document.source_id))
        .where(ChunkRow.project_id == project_id, Document.version <= Source.version)
        .where(Document.until.is_(None) | (Document.until > Source.version))
    )
    refuse_above(plan, "chunks_per_project", session.scalar(passages) or 0)
