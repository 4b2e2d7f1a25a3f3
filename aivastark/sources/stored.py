"""What is stored of a source's documents, read for a sync that goes over them and closes its books."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, Select, cast, exists, func, select
from sqlalchemy.orm import undefer

from aivastark.database import ReadSession
from aivastark.sources.connectors.base import Skipped
from aivastark.sources.embedding import Passage
from aivastark.sources.harvest import Standing
from aivastark.sources.models import ChunkRow, Document, Source, SourceFailure, documents_of, published_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Books:
    """What a source publishes, counted."""

    documents: int
    chunks: int
    text_bytes: int
    """How long the text is, as UTF-8."""
    first_title: str | None
    digest: str
    """SHA-256 of all documents' places and content, in hexadecimal."""


def books_of(session: ReadSession, source: Source) -> Books:
    """The published documents, gone through once."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    length = func.length(cast(Document.text, LargeBinary)) if on_sqlite else func.octet_length(Document.text)
    columns = (Document.locator, Document.content_hash, Document.title, Document.chunk_count, length.label("bytes"))
    rows = session.execute(select(*columns).where(published_of(source)).order_by(Document.id)).all()
    lines = sorted(f"{row.locator}\x00{row.content_hash}\n" for row in rows)
    return Books(
        documents=len(rows),
        chunks=sum(row.chunk_count for row in rows),
        text_bytes=sum(row.bytes for row in rows),
        first_title=rows[0].title if rows else None,
        digest=hashlib.sha256("".join(lines).encode()).hexdigest(),
    )


def standing(session: ReadSession, source: Source) -> dict[str, Standing]:
    """The published documents by locator."""
    columns = [getattr(Document, name) for name in Standing.__dataclass_fields__]
    rows: Any = session.execute(select(*columns).where(published_of(source)).order_by(Document.id))
    return {row.locator: Standing(**row._mapping) for row in rows}


def failed_before(session: ReadSession, source: Source) -> frozenset[str]:
    """Locators of what the last sync could not have or read."""
    return frozenset(session.scalars(_troubles(source, skipped=False).with_only_columns(SourceFailure.locator)))


def skipped_before(session: ReadSession, source: Source) -> list[Skipped]:
    """What the last sync left out on purpose."""
    rows = session.scalars(_troubles(source, skipped=True).order_by(SourceFailure.id))
    return [Skipped(locator=row.locator, code=row.code, message=row.message) for row in rows]


def count_troubles(session: ReadSession, source: Source) -> tuple[int, int]:
    """How many documents the last sync could not have or read, and how many it left out on purpose."""
    each = _all_troubles(source).with_only_columns(SourceFailure.skipped, func.count()).group_by(SourceFailure.skipped)
    counts = {skipped: count for skipped, count in session.execute(each)}
    return counts.get(False, 0), counts.get(True, 0)


def count_unserved(session: ReadSession, source: Source) -> int:
    """How many documents failed and are not served either, as they were before."""
    served = exists().where(documents_of(source, source.version), Document.locator == SourceFailure.locator)
    count: int | None = session.scalar(_troubles(source, skipped=False).where(~served).with_only_columns(func.count()))
    return count or 0


def first_failure(session: ReadSession, source: Source) -> SourceFailure | None:
    """The first document that the last sync could not have or read."""
    first: SourceFailure | None = session.scalar(_troubles(source, skipped=False).order_by(SourceFailure.id).limit(1))
    return first


def _troubles(source: Source, *, skipped: bool) -> Select[SourceFailure]:
    return _all_troubles(source).where(SourceFailure.skipped.is_(skipped))


def _all_troubles(source: Source) -> Select[SourceFailure]:
    return select(SourceFailure).where(
        SourceFailure.project_id == source.project_id, SourceFailure.source_id == source.id
    )


def passages_of(session: ReadSession, project_id: str, document_id: str) -> list[Passage]:
    """A stored document's passages, in reading order."""
    document = session.get(Document, (project_id, document_id), options=[undefer(Document.text)])
    if document is None:
        return []
    rows = session.scalars(
        select(ChunkRow)
        .where(ChunkRow.project_id == project_id, ChunkRow.document_id == document_id)
        .order_by(ChunkRow.ordinal)
    )
    return [
        Passage(
            chunk_id=row.id,
            document_id=document_id,
            context=row.context,
            text=document.text[row.char_start : row.char_end],
            language=document.language,
        )
        for row in rows
    ]


def passages_by_id(session: ReadSession, project_id: str, chunk_ids: Sequence[str]) -> dict[str, Passage]:
    """Stored passages of whatever documents, by id; those that are gone are left out."""
    rows = session.execute(
        select(
            ChunkRow.id,
            ChunkRow.document_id,
            ChunkRow.context,
            Document.language,
            func.substr(Document.text, ChunkRow.char_start + 1, ChunkRow.char_end - ChunkRow.char_start).label("text"),
        )
        .join(Document, (Document.project_id == ChunkRow.project_id) & (Document.id == ChunkRow.document_id))
        .where(ChunkRow.project_id == project_id, ChunkRow.id.in_(chunk_ids))
    )
    return {
        row.id: Passage(
            chunk_id=row.id, document_id=row.document_id, context=row.context, text=row.text, language=row.language
        )
        for row in rows
    }


def text_of(session: ReadSession, project_id: str, document_id: str) -> str | None:
    """A stored document's canonical text."""
    text: str | None = session.scalar(
        select(Document.text).where(Document.project_id == project_id, Document.id == document_id)
    )
    return text


def usual_language(session: ReadSession, project_id: str) -> str | None:
    """What most of the project's documents are in: the best guess for a page of code or numbers."""
    language: str | None = session.scalar(
        select(Document.language)
        .where(Document.project_id == project_id, Document.language.is_not(None))
        .group_by(Document.language)
        .order_by(func.count().desc())
        .limit(1)
    )
    return language
