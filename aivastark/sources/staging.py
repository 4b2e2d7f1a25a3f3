"""Rows of a source's coming version: nobody sees them until the index is swapped."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import delete, insert, or_, select, update

from aivastark import jobs
from aivastark.backends.base import Backends
from aivastark.database import ReadSession, WriteSession
from aivastark.jobs import Job
from aivastark.kit.ids import new_id
from aivastark.sources.chunk import Chunk
from aivastark.sources.connectors.base import FetchedDocument
from aivastark.sources.embedding import Passage
from aivastark.sources.extract.base import Extracted
from aivastark.sources.harvest import Staged, Standing
from aivastark.sources.models import ChunkRow, Document, Source
from aivastark.sources.room import hold_what_is_published, reserve_passages

STAGE_BATCH_CHUNKS = 1_000  # rows in one transaction: others wait for the writer meanwhile
BATCH_IDS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A document ready to be stored. Its ids are made here, so that rows and index agree."""

    fetched: FetchedDocument
    title: str | None
    language: str | None
    extracted: Extracted
    chunks: Sequence[Chunk]
    content_hash: str
    fingerprint: int | None
    document_id: str = field(default_factory=lambda: new_id("doc"))
    chunk_ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """One id a chunk."""
        self.chunk_ids.extend(new_id("chk") for _ in self.chunks)

    def passages(self) -> list[Passage]:
        """What is to be indexed."""
        return [
            Passage(
                chunk_id=chunk_id,
                document_id=self.document_id,
                context=chunk.context,
                text=chunk.text,
                language=self.language,
            )
            for chunk_id, chunk in zip(self.chunk_ids, self.chunks, strict=True)
        ]


class Staging:
    """Rows of the coming version beside the published one; what an earlier run left behind goes first.

    `kept`: passages of published documents that are known to stay. Each step raises `PlanLimitReached` when the plan
    holds no more than what stays and what is staged.
    """

    def __init__(self, backends: Backends, job: Job, source: Source, *, kept: int = 0) -> None:
        self._backends = backends
        self._job = job
        self._source = source
        self._version = source.version + 1
        self._kept = kept
        self._staged = 0
        self._reserved: int | None = None  # passages of the last step; None before the first

    def keep(self, published: Standing) -> None:
        """This one is in the coming version as it is."""
        self._kept += published.chunk_count

    async def add(self, document: Prepared, *, recipe: str) -> Staged:
        """Store a document of the coming version."""
        row = _document_row(self._source, document, recipe)
        await self.add_rows(row, _chunk_rows(self._source.project_id, document))
        return Staged(id=document.document_id, content_hash=document.content_hash, chunk_count=len(document.chunks))

    async def add_rows(self, row: Document, chunks: Sequence[Mapping[str, object]]) -> None:
        """Store a document as rows; its version is set here."""
        self._staged += len(chunks)
        row.version, row.until, row.misses = self._version, None, 0
        await self._write(partial(_stage, document=row, chunks=chunks[:STAGE_BATCH_CHUNKS]))
        for start in range(STAGE_BATCH_CHUNKS, len(chunks), STAGE_BATCH_CHUNKS):
            await self._write(partial(_stage, document=None, chunks=chunks[start : start + STAGE_BATCH_CHUNKS]))

    async def withdraw(self, document_ids: Sequence[str], *, kept: int) -> int:
        """The coming version is without these, and `kept` passages stay; gives its number."""
        if not document_ids and kept + self._staged == self._reserved:
            return self._version  # all of that was written with the last document
        self._kept = kept
        for start in range(0, len(document_ids) or 1, BATCH_IDS):
            await self._write(partial(self._end, ids=document_ids[start : start + BATCH_IDS]))
        return self._version

    def _end(self, session: WriteSession, *, ids: Collection[str]) -> None:
        if ids:
            session.execute(
                update(Document)
                .where(Document.project_id == self._source.project_id, Document.id.in_(ids))
                .values(until=self._version)
            )

    async def _write(self, work: "partial[None]") -> None:
        def write(session: WriteSession) -> None:
            source = held_source(session, self._job)
            if self._reserved is None:
                clear_stage(session, source)
            reserve_passages(session, source, passages)
            work(session)

        passages = self._kept + self._staged
        await self._backends.db.write(write)
        self._reserved = passages


def clear_stage(session: WriteSession, source: Source) -> None:
    """Forget what a run that died had prepared for the coming version."""
    session.execute(
        delete(Document).where(
            Document.project_id == source.project_id, Document.source_id == source.id, Document.version > source.version
        )
    )
    session.execute(
        update(Document)
        .where(Document.project_id == source.project_id, Document.source_id == source.id)
        .where(Document.until > source.version)
        .values(until=None)
    )


def come_to_nothing(session: WriteSession, source: Source) -> None:
    """A sync ends without a version: what it had prepared goes, and what it had reserved of the plan is free again.

    Not where the index may be about to be swapped: the next sync closes the books then, and needs what is prepared.
    """
    if source.stage != "publishing":
        clear_stage(session, source)
    hold_what_is_published(session, source)


def is_staged(session: ReadSession, source: Source) -> bool:
    """Whether anything is prepared for the coming version."""
    coming = or_(Document.version > source.version, Document.until > source.version)
    query = select(Document.id).where(Document.project_id == source.project_id, Document.source_id == source.id, coming)
    return session.scalar(query.limit(1)) is not None


def held_source(session: WriteSession, job: Job) -> Source:
    """The source of a job that is still ours. Raises `LeaseLost`."""
    jobs.hold(session, job)
    source = session.get(Source, (job.project_id, job.arguments["source_id"]))
    if source is None:
        raise jobs.LeaseLost(job.subject)
    return source


def _document_row(source: Source, document: Prepared, recipe: str) -> Document:
    fetched = document.fetched
    return Document(
        project_id=source.project_id,
        id=document.document_id,
        source_id=source.id,
        fingerprint=document.fingerprint,
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


def _stage(session: WriteSession, *, document: Document | None, chunks: Sequence[Mapping[str, object]]) -> None:
    if document is not None:
        session.add(document)
        session.flush()
    if chunks:
        session.execute(insert(ChunkRow), list(chunks))
