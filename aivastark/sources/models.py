"""Tables of the knowledge base. A source has documents, a document has chunks.

A document's row is content that never changes, with an interval: it came with `version` and was withdrawn with
`until`. What did not change from one version to the next is the same row in both. Rows of the version being
prepared stand beside those of the published one; the search index decides which are found, and `ingest.py`
says in which order the two move.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    and_,
    false,
    or_,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column

from aivastark.database import Base, Moment


class Source(Base):
    """One thing a company pointed the bot at."""

    __tablename__ = "sources"
    __table_args__ = (
        Index("uq_sources_project_id_locator_key", "project_id", "locator_key", unique=True),
        Index("uq_sources_project_id_external_id", "project_id", "external_id", unique=True),
        Index("ix_sources_project_id_blob", "project_id", "blob"),
        Index("ix_sources_project_id_status", "project_id", "status"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    type: Mapped[str] = mapped_column(String(20))
    title: Mapped[str | None] = mapped_column(Text)
    # What its document calls itself, shown where nobody gave it a title.
    found_title: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(JSON)
    locator: Mapped[str | None] = mapped_column(Text)
    locator_key: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str | None] = mapped_column(String(512))
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSON)
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    # Credentials of its origin, sealed; opened for a sync, never shown.
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    # What its connector left for the next sync when this version was published.
    # Only read for a sync: it can be large.
    sync_state: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSON(none_as_null=True)))

    status: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str | None] = mapped_column(String(20))
    documents_total: Mapped[int] = mapped_column(Integer)
    documents_done: Mapped[int] = mapped_column(Integer)
    documents_failed: Mapped[int] = mapped_column(Integer)
    documents_skipped: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    chunk_count: Mapped[int] = mapped_column(Integer)
    # What it takes of the plan: passages published or about to be, and the published text.
    held_chunks: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    text_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # What a sync found and did not publish, because too much would have gone: a person decides.
    held: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    version: Mapped[int] = mapped_column(Integer)
    content_hash: Mapped[str | None] = mapped_column(String(64))
    blob: Mapped[str | None] = mapped_column(String(128))
    refresh_interval: Mapped[int | None] = mapped_column(Integer)
    # After a rollback, until a person syncs: or the next refresh would undo it.
    refresh_paused: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    failures_in_a_row: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    sync_started_at: Mapped[datetime | None] = mapped_column(Moment)
    last_synced_at: Mapped[datetime | None] = mapped_column(Moment)
    last_changed_at: Mapped[datetime | None] = mapped_column(Moment)
    next_sync_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    @property
    def holds_many(self) -> bool:
        """Whether it is a place with documents in it, each with a title of its own."""
        return self.type in ("github", "drive") or "crawl" in self.config


class Document(Base):
    """One page or file of a source, from one version on: what was fetched, as canonical text."""

    __tablename__ = "documents"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "source_id"], ["sources.project_id", "sources.id"], ondelete="CASCADE"),
        Index("ix_documents_project_id_source_id", "project_id", "source_id", "version", "id"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    source_id: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)
    # The version that is without it; none = it is still there.
    until: Mapped[int | None] = mapped_column(Integer)
    # How many looks in a row did not find it.
    misses: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    # SimHash of its words, by which copies are found; see `duplicates.py`.
    fingerprint: Mapped[int | None] = mapped_column(BigInteger)
    locator: Mapped[str] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(120))
    language: Mapped[str | None] = mapped_column(String(8))
    # Only read where it is asked for: it can be megabytes long.
    text: Mapped[str] = deferred(mapped_column(Text))
    content_hash: Mapped[str] = mapped_column(String(64))
    recipe: Mapped[str] = mapped_column(String(160))
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    chunk_count: Mapped[int] = mapped_column(Integer)
    fetched_at: Mapped[datetime] = mapped_column(Moment)


class SourceVersion(Base):
    """One published version of a source, and what it changed."""

    __tablename__ = "source_versions"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "source_id"], ["sources.project_id", "sources.id"], ondelete="CASCADE"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    source_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    # Of a rollback, the version whose content it brought back.
    rolled_back_to: Mapped[int | None] = mapped_column(Integer)
    documents: Mapped[int] = mapped_column(Integer)
    chunks: Mapped[int] = mapped_column(Integer)
    added: Mapped[int] = mapped_column(Integer)
    changed: Mapped[int] = mapped_column(Integer)
    removed: Mapped[int] = mapped_column(Integer)
    content_hash: Mapped[str] = mapped_column(String(64))
    # A person wants it, whatever the answer tests say.
    accepted: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    published_at: Mapped[datetime] = mapped_column(Moment)


class SourceFailure(Base):
    """A document that the last sync could not have, could not read, or left out on purpose."""

    __tablename__ = "source_failures"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "source_id"], ["sources.project_id", "sources.id"], ondelete="CASCADE"),
        Index("ix_source_failures_project_id_source_id", "project_id", "source_id", "id"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    source_id: Mapped[str] = mapped_column(String(40))
    locator: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(60))
    message: Mapped[str] = mapped_column(Text)
    retryable: Mapped[bool] = mapped_column(Boolean)
    skipped: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(Moment)


def in_version(version: int) -> ColumnElement[bool]:
    """Which of a source's documents this version of it has."""
    return and_(Document.version <= version, or_(Document.until.is_(None), Document.until > version))


def published_of(source: Source) -> ColumnElement[bool]:
    """The documents a source shows the world."""
    return documents_of(source, source.version)


def documents_of(source: Source, version: int) -> ColumnElement[bool]:
    """The documents of one version of a source."""
    ours = and_(Document.project_id == source.project_id, Document.source_id == source.id)
    return and_(ours, in_version(version))


class ChunkRow(Base):
    """A passage: its place in the document's canonical text, never a copy of it."""

    __tablename__ = "chunks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "document_id"], ["documents.project_id", "documents.id"], ondelete="CASCADE"
        ),
        Index("ix_chunks_project_id_document_id", "project_id", "document_id", "ordinal"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    document_id: Mapped[str] = mapped_column(String(40))
    ordinal: Mapped[int] = mapped_column(Integer)
    heading_path: Mapped[list[str]] = mapped_column(JSON)
    context: Mapped[str] = mapped_column(Text)
    page: Mapped[int | None] = mapped_column(Integer)
    char_start: Mapped[int] = mapped_column(Integer)
    char_end: Mapped[int] = mapped_column(Integer)
