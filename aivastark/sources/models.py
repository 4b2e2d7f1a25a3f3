"""Tables of the knowledge base. A source has documents, a document has chunks.

Rows of the version being prepared stand beside those of the published one; the search index decides
which are found, and `ingest.py` says in which order the two move.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Text
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
    sync_state: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    status: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str | None] = mapped_column(String(20))
    documents_total: Mapped[int] = mapped_column(Integer)
    documents_done: Mapped[int] = mapped_column(Integer)
    documents_failed: Mapped[int] = mapped_column(Integer)
    chunk_count: Mapped[int] = mapped_column(Integer)
    # What it takes of the plan: passages published or about to be, and the published text.
    held_chunks: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    text_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    version: Mapped[int] = mapped_column(Integer)
    content_hash: Mapped[str | None] = mapped_column(String(64))
    blob: Mapped[str | None] = mapped_column(String(128))
    refresh_interval: Mapped[int | None] = mapped_column(Integer)
    last_synced_at: Mapped[datetime | None] = mapped_column(Moment)
    last_changed_at: Mapped[datetime | None] = mapped_column(Moment)
    next_sync_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class Document(Base):
    """One page or file of a source, in one version: what was fetched, as canonical text."""

    __tablename__ = "documents"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "source_id"], ["sources.project_id", "sources.id"], ondelete="CASCADE"),
        Index("ix_documents_project_id_source_id", "project_id", "source_id", "version", "id"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    source_id: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)
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
