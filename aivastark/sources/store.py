"""Sources and their documents in the database: finding, listing, patching."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import undefer

from aivastark import jobs
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict, InvalidRequest, NotFound
from aivastark.kit.clock import utc_now
from aivastark.kit.metadata import merged_metadata
from aivastark.sources.add import INGEST, next_sync, queue_sync, subject_of
from aivastark.sources.models import ChunkRow, Document, Source, published_of
from aivastark.sources.staging import come_to_nothing
from aivastark.sources.stored import count_troubles, count_unserved
from aivastark.tags import carries_any


def find_source(session: ReadSession, project_id: str, source_id: str) -> Source:
    """One source of this project, or `NotFound`."""
    source = session.get(Source, (project_id, source_id))
    if source is None:
        raise NotFound
    return source


def state_of(session: ReadSession, project_id: str, source_id: str) -> tuple[datetime, str] | None:
    """When a source changed last, and its status; cheaper than the whole of it."""
    row = session.execute(
        select(Source.updated_at, Source.status).where(Source.project_id == project_id, Source.id == source_id)
    ).first()
    return None if row is None else (row.updated_at, row.status)


def list_sources(
    session: ReadSession,
    project_id: str,
    *,
    limit: int,
    after: str | None = None,
    status: str | None = None,
    type_: str | None = None,
    tag: str | None = None,
    q: str | None = None,
) -> list[Source]:
    """Newest first, at most `limit` + 1 rows: the extra one says that there is more."""
    query = select(Source).where(Source.project_id == project_id)
    if status is not None:
        query = query.where(Source.status == status)
    if type_ is not None:
        query = query.where(Source.type == type_)
    if tag is not None:
        query = query.where(Source.id.in_(_tagged(project_id, [tag])))
    if q is not None:
        pattern = f"%{_literally(q)}%"
        query = query.where(
            or_(
                Source.title.ilike(pattern, escape="\\"),
                Source.found_title.ilike(pattern, escape="\\"),
                Source.locator.ilike(pattern, escape="\\"),
                Source.external_id.ilike(pattern, escape="\\"),
            )
        )
    if after is not None:
        query = query.where(Source.id < after)
    return list(session.scalars(query.order_by(Source.id.desc()).limit(limit + 1)))


def sources_with_tags(session: ReadSession, project_id: str, tags: list[str]) -> frozenset[str]:
    """Ids of the sources that carry any of the tags."""
    return frozenset(session.scalars(_tagged(project_id, tags)))


def patch_source(session: WriteSession, project_id: str, source_id: str, changes: Mapping[str, Any]) -> Source:
    """Merge patch: only what is named changes.

    Where a new title is indexed with the content it queues a sync, but not after a rollback, which it would undo.
    """
    source = find_source(session, project_id, source_id)
    if source.status == "deleting":
        raise Conflict("This source is being deleted.")
    if "external_id" in changes and changes["external_id"] is not None:
        taken = session.scalar(
            select(Source.id).where(
                Source.project_id == project_id,
                Source.external_id == changes["external_id"],
                Source.id != source_id,
            )
        )
        if taken is not None:
            raise Conflict(f"This external_id belongs to {taken}.", param="external_id")
    retitled = "title" in changes and changes["title"] != source.title
    for name, value in changes.items():
        if name == "metadata":
            source.details = {} if value is None else _merged_metadata(source.details, value)
        else:
            setattr(source, name, [] if value is None and name == "tags" else value)
    source.updated_at = utc_now()
    if retitled and not source.holds_many and not source.refresh_paused and not _comes_back(session, source):
        queue_sync(session, source)
    elif "refresh_interval" in changes:
        _plan_refresh(session, source)
    return source


def _comes_back(session: ReadSession, source: Source) -> bool:
    """An older version was asked for and is not there yet: a sync in its place would lose it."""
    return "rollback" in jobs.asked_for(session, source.project_id, subject_of(source.id))


def sync_again(
    session: WriteSession,
    source: Source,
    *,
    only: str | None,
    accept_removals: bool,
    accept_failing_tests: bool = False,
) -> Source:
    """Queue a look at the origin; ends the pause after a rollback. Raises `Conflict` where there is nothing to try."""
    if source.status == "deleting":
        raise Conflict("This source is being deleted.")
    if only is not None and not count_troubles(session, source)[0]:
        raise Conflict("No document of this source failed in the last sync.", param="only")
    asked: dict[str, object] = {"only": only} if only else {"accept_removals": True} if accept_removals else {}
    if accept_failing_tests:
        asked["accept_failing_tests"] = True
    source.refresh_paused = False
    queue_sync(session, source, **asked)
    return source


def cancel_sync(session: WriteSession, project_id: str, source_id: str) -> Source:
    """Stop the sync under way or waiting. What was published stays, and what is held; one never published fails."""
    source = find_source(session, project_id, source_id)
    if source.status == "deleting" or not jobs.cancel(session, project_id, subject_of(source_id)):
        return source
    come_to_nothing(session, source)
    source.stage, source.updated_at = None, utc_now()
    if source.version:
        failed, skipped = count_troubles(session, source)
        source.status, source.error = "held" if source.held else "partial" if failed else "ready", None
        source.documents_done = session.scalar(_published(source).with_only_columns(func.count())) or 0
        source.documents_total = source.documents_done + count_unserved(session, source)
        source.documents_failed, source.documents_skipped = failed, skipped
        _plan_refresh(session, source)
        return source
    source.status = "failed"
    source.error = {
        "code": "cancelled",
        "message": "The sync was cancelled before anything was published. Sync again to take it up.",
        "retryable": False,
        "attempts": 1,
        "next_retry_at": None,
    }
    return source


def _plan_refresh(session: WriteSession, source: Source) -> None:
    """The next refresh by the interval, from now on. A sync that is queued or will be retried plans it itself."""
    if source.status in ("pending", "processing") or (source.error or {}).get("next_retry_at"):
        return
    source.next_sync_at = next_sync(source, utc_now())
    subject = subject_of(source.id)
    if source.next_sync_at is None:
        jobs.cancel(session, source.project_id, subject)
        return
    arguments = {"source_id": source.id}
    jobs.enqueue(session, source.project_id, INGEST, subject, arguments=arguments, run_at=source.next_sync_at)


def list_documents(session: ReadSession, source: Source, *, limit: int, after: str | None) -> list[Document]:
    """Published documents of a source, at most `limit` + 1, newest first."""
    query = _published(source).order_by(Document.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(Document.id < after)
    return list(session.scalars(query))


def find_document(session: ReadSession, source: Source, document_id: str) -> tuple[Document, list[ChunkRow]]:
    """A published document with its text, and its chunks in reading order."""
    document: Document | None = session.scalar(
        _published(source).where(Document.id == document_id).options(undefer(Document.text))
    )
    if document is None:
        raise NotFound
    chunks = session.scalars(
        select(ChunkRow)
        .where(ChunkRow.project_id == source.project_id, ChunkRow.document_id == document_id)
        .order_by(ChunkRow.ordinal)
    )
    return document, list(chunks)


def _published(source: Source) -> Select[Document]:
    return select(Document).where(published_of(source))


def _tagged(project_id: str, tags: list[str]) -> Select[str]:
    return select(Source.id).where(Source.project_id == project_id, carries_any(Source.tags, tags))


def _literally(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _merged_metadata(kept: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return merged_metadata(kept, patch)
    except ValueError as error:
        raise InvalidRequest(f"metadata {error}", param="metadata") from error
