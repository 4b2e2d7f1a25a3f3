"""From stored rows back into the index: an older version as a new one, or the published one after a loss."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import undefer

from aivastark.backends.base import Backends
from aivastark.database import ReadSession
from aivastark.jobs import Job, LeaseLost
from aivastark.kit.ids import new_id
from aivastark.sources.embedding import Indexing
from aivastark.sources.failures import NothingTaken
from aivastark.sources.models import ChunkRow, Document, Source, documents_of
from aivastark.sources.progress import Progress
from aivastark.sources.publish import finish, settle_lost_swap
from aivastark.sources.staging import Staging
from aivastark.sources.stored import passages_of
from aivastark.sources.versions import find_version, hold_the_same


async def roll_back(backends: Backends, job: Job, source: Source, *, to: int, progress: Progress) -> None:
    """Publish what version `to` held as a new version; what is the same in both stays as it is.

    Raises `NothingTaken` when that version is not kept any more.
    """
    there = await backends.db.read(lambda session: find_version(session, source, to))
    if there is None or to > source.version:
        raise NothingTaken("version_gone", f"Version {to} is not kept any more.")
    then = await backends.db.read(lambda session: _sizes(session, source, to))
    now = await backends.db.read(lambda session: _sizes(session, source, source.version))

    async def report() -> None:
        await progress.at("embedding", chunk_count=indexing.done)

    keep = [id_ for id_ in now if id_ in then]
    kept = sum(now[id_] for id_ in keep)
    staging = Staging(backends, job, source, kept=kept)
    indexing = Indexing(backends, source.project_id, report=report)
    try:
        await _bring(backends, source, [id_ for id_ in then if id_ not in now], staging, indexing, progress)
        version = await staging.withdraw([id_ for id_ in now if id_ not in then], kept=kept)
        entries = await indexing.finish()
    finally:
        await indexing.stop()
    await progress.at("publishing", at_once=True)
    await backends.search.publish(source.project_id, source.id, version=version, chunks=entries, keep=keep)
    try:
        await finish(backends, job, version=version, rolled_back_to=to)
    except LeaseLost:
        await settle_lost_swap(backends, source)
        raise


async def close_rollback(backends: Backends, job: Job, source: Source) -> bool:
    """Close the books of a rollback whose process ended when the index was swapped; False where it was no rollback.

    It may have been a sync, during which the rollback was asked for: what is staged tells.
    """
    to = job.arguments.get("rollback")
    coming = source.version + 1
    if to is None or not await backends.db.read(lambda session: hold_the_same(session, source, coming, int(to))):
        return False
    await finish(backends, job, version=coming, rolled_back_to=int(to))
    return True


async def rebuild_index(backends: Backends, source: Source, progress: Progress) -> None:
    """The published version into an index that lost it or holds another: from the stored rows, without its origin."""

    async def report() -> None:
        await progress.at("embedding", chunk_count=indexing.done)

    ids = await backends.db.read(lambda session: list(_sizes(session, source, source.version)))
    indexing = Indexing(backends, source.project_id, report=report)
    try:
        for document_id in ids:
            await indexing.add(await _passages(backends, source, document_id), {})
        entries = await indexing.finish()
    finally:
        await indexing.stop()
    await backends.search.remove(source.project_id, source.id)
    if source.version:
        await backends.search.publish(source.project_id, source.id, version=source.version, chunks=entries)


async def _bring(
    backends: Backends,
    source: Source,
    document_ids: Sequence[str],
    staging: Staging,
    indexing: Indexing,
    progress: Progress,
) -> None:
    """Copies of withdrawn documents as documents of the coming version."""
    for done, document_id in enumerate(document_ids):
        await progress.at("embedding", documents_total=len(document_ids), documents_done=done)
        row, chunks = await backends.db.read(lambda session: _copy(session, source, document_id))  # noqa: B023
        await staging.add_rows(row, chunks)
        await indexing.add(await _passages(backends, source, row.id), {})


async def _passages(backends: Backends, source: Source, document_id: str) -> Any:
    return await backends.db.read(lambda session: passages_of(session, source.project_id, document_id))


def _sizes(session: ReadSession, source: Source, version: int) -> dict[str, int]:
    """Documents of a version, with how many passages each has."""
    query = select(Document.id, Document.chunk_count).where(documents_of(source, version)).order_by(Document.id)
    return {row.id: row.chunk_count for row in session.execute(query)}


def _copy(session: ReadSession, source: Source, document_id: str) -> tuple[Document, list[dict[str, Any]]]:
    """A document and its passages under new ids: an id in the index means one thing for good."""
    stored = session.get_one(Document, (source.project_id, document_id), options=[undefer(Document.text)])
    fields = {column.key: getattr(stored, column.key) for column in inspect(Document).column_attrs}
    copy = Document(**(fields | {"id": new_id("doc")}))
    query = select(ChunkRow).where(ChunkRow.project_id == source.project_id, ChunkRow.document_id == document_id)
    names = [column.key for column in inspect(ChunkRow).column_attrs]
    chunks = [
        {name: getattr(row, name) for name in names} | {"id": new_id("chk"), "document_id": copy.id}
        for row in session.scalars(query.order_by(ChunkRow.ordinal))
    ]
    return copy, chunks
