"""The last steps of a sync: stage rows nobody sees yet, make the index entries, and close the books."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import delete, insert, select

from aivastark import events, jobs
from aivastark.backends.base import Backends
from aivastark.backends.search.base import IndexedChunk
from aivastark.database import WriteSession
from aivastark.jobs import Job
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.sources.add import next_sync
from aivastark.sources.chunk import Chunk
from aivastark.sources.connectors.base import FetchedDocument
from aivastark.sources.extract.base import Extracted, ExtractionFailed
from aivastark.sources.models import ChunkRow, Document, Source
from aivastark.sources.progress import Progress
from aivastark.sources.room import reserve_passages, text_bytes

EMBED_BATCH_CHUNKS = 64
STAGE_BATCH_CHUNKS = 1_000  # rows in one transaction: others wait for the writer meanwhile


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A document ready to be stored. Its ids are made here, so that rows and index agree."""

    fetched: FetchedDocument
    title: str | None
    language: str | None
    extracted: Extracted
    chunks: Sequence[Chunk]
    content_hash: str
    document_id: str = field(default_factory=lambda: new_id("doc"))
    chunk_ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """One id a chunk."""
        self.chunk_ids.extend(new_id("chk") for _ in self.chunks)


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentFailure:
    """A document that could not be read, and why."""

    locator: str
    reason: ExtractionFailed


async def stage(
    backends: Backends, job: Job, source: Source, prepared: Sequence[Prepared], *, version: int, recipe: str
) -> None:
    """Store documents and chunks of the coming version beside the published one.

    Raises `PlanLimitReached` when the plan holds no more passages: then nothing is stored.
    """
    passages = sum(len(document.chunks) for document in prepared)
    await backends.db.write(lambda session: _clear_stage(session, job, version, passages))
    for document in prepared:
        row = _document_row(source, document, version, recipe)
        chunks = _chunk_rows(source.project_id, document)
        await backends.db.write(partial(_stage, job=job, document=row, chunks=chunks[:STAGE_BATCH_CHUNKS]))
        for start in range(STAGE_BATCH_CHUNKS, len(chunks), STAGE_BATCH_CHUNKS):
            further = chunks[start : start + STAGE_BATCH_CHUNKS]
            await backends.db.write(partial(_stage, job=job, document=None, chunks=further))


async def index(backends: Backends, prepared: Sequence[Prepared], *, progress: Progress) -> list[IndexedChunk]:
    """Embed every chunk with its context; what is found by is more than what is cited."""
    indexed: list[IndexedChunk] = []
    for done, document in enumerate(prepared):
        for start in range(0, len(document.chunks), EMBED_BATCH_CHUNKS):
            await progress.at("embedding", documents_done=done, chunk_count=len(indexed))
            batch = range(start, min(start + EMBED_BATCH_CHUNKS, len(document.chunks)))
            indexed.extend(await _embed(backends, document, batch))
    return indexed


async def settle_unchanged(backends: Backends, job: Job, *, state: Mapping[str, object] | None = None) -> None:
    """Nothing new: note that it was looked at, and when to look again."""

    def settle(session: WriteSession) -> None:
        source = _held_source(session, job)
        published = _content(session, source, source.version)
        source.documents_total = source.documents_done = len(published)
        _remember(source, state)
        _settle(source, status="ready")
        _finish(session, job, source)

    await backends.db.write(settle)


async def finish(
    backends: Backends,
    job: Job,
    *,
    version: int,
    failures: Sequence[DocumentFailure] = (),
    state: Mapping[str, object] | None = None,
    keep_job: bool = False,
) -> None:
    """The index has been swapped: drop the old rows, move the source on, and say so to the world.

    `keep_job` leaves the job running: there is more to do for it.
    """
    closing = partial(_close_the_books, job=job, version=version, failures=failures, state=state, keep_job=keep_job)
    await backends.db.write(closing)


def _close_the_books(
    session: WriteSession,
    *,
    job: Job,
    version: int,
    failures: Sequence[DocumentFailure],
    state: Mapping[str, object] | None,
    keep_job: bool,
) -> None:
    source = _held_source(session, job)
    before = _content(session, source, source.version)
    after = _content(session, source, version)
    session.execute(
        delete(Document).where(
            Document.project_id == source.project_id,
            Document.source_id == source.id,
            Document.version < version,
        )
    )
    now = utc_now()
    source.version, source.last_changed_at = version, now
    source.found_title = _first_title(session, source, version)
    source.content_hash = _digest(after)
    _remember(source, state)
    source.documents_done = len(after)
    source.documents_failed = len(failures)
    source.documents_total = len(after) + len(failures)
    source.chunk_count = source.held_chunks = sum(chunks for _, chunks in after.values())
    source.text_bytes = text_bytes(session, source, version)
    _settle(source, status="partial" if failures else "ready")
    source.error = _error(failures)
    change = _change(before, after)
    if any(change.values()):
        events.publish(
            session,
            source.project_id,
            "knowledge.updated",
            {
                "source_id": source.id,
                "source_version": version,
                "title": source.title or source.found_title,
                "documents": change,
            },
        )
    if not keep_job:
        _finish(session, job, source)


def _remember(source: Source, state: Mapping[str, object] | None) -> None:
    if state is not None:
        source.sync_state = dict(state)


def _finish(session: WriteSession, job: Job, source: Source) -> None:
    if jobs.finish(session, job, next_run_at=source.next_sync_at):
        source.status, source.stage = "pending", "queued"


async def _embed(backends: Backends, document: Prepared, batch: range) -> list[IndexedChunk]:
    chunks = [document.chunks[position] for position in batch]
    headings = list(dict.fromkeys(chunk.context for chunk in chunks if chunk.context))
    passages = [f"{chunk.context}\n{chunk.text}" if chunk.context else chunk.text for chunk in chunks]
    vectors = await backends.embedder.embed_documents([*passages, *headings])
    heading_vectors = dict(zip(headings, vectors[len(passages) :], strict=True))
    return [
        IndexedChunk(
            chunk_id=document.chunk_ids[position],
            document_id=document.document_id,
            heading=chunk.context,
            text=chunk.text,
            language=document.language,
            vector=vector,
            heading_vector=heading_vectors.get(chunk.context),
        )
        for position, chunk, vector in zip(batch, chunks, vectors, strict=False)
    ]


def _held_source(session: WriteSession, job: Job) -> Source:
    jobs.hold(session, job)
    source = session.get(Source, (job.project_id, job.arguments["source_id"]))
    if source is None:
        raise jobs.LeaseLost(job.subject)
    return source


def _content(session: WriteSession, source: Source, version: int) -> dict[str, tuple[str, int]]:
    """Per document of a version, by locator: the hash of its bytes and its number of chunks."""
    rows = session.execute(
        select(Document.locator, Document.content_hash, Document.chunk_count).where(
            Document.project_id == source.project_id,
            Document.source_id == source.id,
            Document.version == version,
        )
    )
    return {row.locator: (row.content_hash, row.chunk_count) for row in rows}


def _first_title(session: WriteSession, source: Source, version: int) -> str | None:
    title: str | None = session.scalar(
        select(Document.title)
        .where(Document.project_id == source.project_id, Document.source_id == source.id, Document.version == version)
        .order_by(Document.id)
        .limit(1)
    )
    return title


def _settle(source: Source, *, status: str) -> None:
    now = utc_now()
    source.status, source.stage, source.error = status, None, None
    source.last_synced_at, source.updated_at = now, now
    source.next_sync_at = next_sync(source, now)


def _change(before: dict[str, tuple[str, int]], after: dict[str, tuple[str, int]]) -> dict[str, int]:
    return {
        "added": len(after.keys() - before.keys()),
        "changed": sum(after[key][0] != before[key][0] for key in after.keys() & before.keys()),
        "removed": len(before.keys() - after.keys()),
    }


def _digest(content: dict[str, tuple[str, int]]) -> str:
    lines = (f"{locator}\x00{hashed}\n" for locator, (hashed, _) in sorted(content.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _error(failures: Sequence[DocumentFailure]) -> dict[str, object] | None:
    if not failures:
        return None
    first = failures[0]
    return {
        "code": first.reason.code,
        "message": f"{len(failures)} documents could not be read, the first is {first.locator}: {first.reason.message}",
        "retryable": False,
        "attempts": 1,
        "next_retry_at": None,
    }


def _document_row(source: Source, document: Prepared, version: int, recipe: str) -> Document:
    fetched = document.fetched
    return Document(
        project_id=source.project_id,
        id=document.document_id,
        source_id=source.id,
        version=version,
        locator=fetched.locator,
        title=document.title,
        url=fetched.url,
        media_type=document.extracted.media_type,
        language=document.language,
        text=document.extracted.text,
        content_hash=document.content_hash,
        recipe=recipe,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        chunk_count=len(document.chunks),
        fetched_at=fetched.fetched_at,
    )


def _chunk_rows(project_id: str, document: Prepared) -> list[dict[str, object]]:
    return [
        {
            "project_id": project_id,
            "id": chunk_id,
            "document_id": document.document_id,
            "ordinal": ordinal,
            "heading_path": list(chunk.heading_path),
            "context": chunk.context,
            "page": chunk.page,
            "char_start": chunk.start,
            "char_end": chunk.end,
        }
        for ordinal, (chunk_id, chunk) in enumerate(zip(document.chunk_ids, document.chunks, strict=True))
    ]


def _clear_stage(session: WriteSession, job: Job, version: int, passages: int) -> None:
    source = _held_source(session, job)
    reserve_passages(session, source, passages)
    session.execute(
        delete(Document).where(
            Document.project_id == source.project_id,
            Document.source_id == source.id,
            Document.version >= version,
        )
    )


def _stage(session: WriteSession, *, job: Job, document: Document | None, chunks: Sequence[dict[str, object]]) -> None:
    jobs.hold(session, job)
    if document is not None:
        session.add(document)
        session.flush()
    if chunks:
        session.execute(insert(ChunkRow), chunks)
