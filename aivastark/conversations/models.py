"""Tables of conversations. Citations are rows written with their message and never derived again."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from aivastark.database import Base, Moment


class Conversation(Base):
    """One thread with one visitor."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index("uq_conversations_project_id_session_id", "project_id", "channel", "session_id", unique=True),
        Index("ix_conversations_project_id_updated_at", "project_id", "updated_at", "id"),
        Index("ix_conversations_project_id_visitor_id", "project_id", "visitor_id", "id"),
        Index("ix_conversations_project_id_status", "project_id", "status", "updated_at", "id"),
        Index("ix_conversations_project_id_lead_id", "project_id", "lead_id"),
        Index(
            "ix_conversations_unsettled",
            "project_id",
            "updated_at",
            sqlite_where=text("resolution IS NULL AND closed_at IS NULL"),
            postgresql_where=text("resolution IS NULL AND closed_at IS NULL"),
        ),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(128))
    channel: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(8))
    tags: Mapped[list[str]] = mapped_column(JSON)
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSON)
    message_count: Mapped[int] = mapped_column(Integer)
    min_confidence: Mapped[float | None] = mapped_column(Float)
    last_message: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    widget_id: Mapped[str | None] = mapped_column(String(40))
    visitor_id: Mapped[str | None] = mapped_column(String(128))
    visitor: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    page: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    assignee: Mapped[str | None] = mapped_column(String(40))
    lead_id: Mapped[str | None] = mapped_column(String(40))
    resolution: Mapped[str | None] = mapped_column(String(12))
    csat: Mapped[int | None] = mapped_column(Integer)
    escalation: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    escalated_at: Mapped[datetime | None] = mapped_column(Moment)


class Message(Base):
    """One turn. `answer` carries what an assistant's turn has beyond its words."""

    __tablename__ = "messages"
    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "conversation_id"],
            ["conversations.project_id", "conversations.id"],
            ondelete="CASCADE",
        ),
        Index("uq_messages_project_id_conversation_id", "project_id", "conversation_id", "position", unique=True),
        Index("ix_messages_project_id_created_at", "project_id", "created_at"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(String(12))
    content: Mapped[str] = mapped_column(Text)
    answered: Mapped[bool | None] = mapped_column(Boolean)
    confidence: Mapped[float | None] = mapped_column(Float)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    author: Mapped[str | None] = mapped_column(String(40))
    feedback: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What the visitor thinks of it."""
    grade: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Whether it was right, as a person of the team says."""
    attachments: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """The file that it is: `{id, name, media_type, size, blob}`; None of words."""
    created_at: Mapped[datetime] = mapped_column(Moment)


class CitationRow(Base):
    """A quote under an answer, as it was verified when the answer was given."""

    __tablename__ = "citations"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "message_id"], ["messages.project_id", "messages.id"], ondelete="CASCADE"),
        Index("uq_citations_project_id_message_id", "project_id", "message_id", "position", unique=True),
        Index("ix_citations_project_id_source_id", "project_id", "source_id"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(Integer)
    source_id: Mapped[str] = mapped_column(String(40))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class MaskedValue(Base):
    """What a visitor wrote, where placeholders stand for it elsewhere: sealed, and gone with the conversation."""

    __tablename__ = "masked_values"
    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "conversation_id"],
            ["conversations.project_id", "conversations.id"],
            ondelete="CASCADE",
        ),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    """The message it was said in or about; else the conversation."""
    field: Mapped[str] = mapped_column(String(12), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    numbers: Mapped[dict[str, int]] = mapped_column(JSON)
    """The highest number of each kind in the conversation by then."""
    created_at: Mapped[datetime] = mapped_column(Moment)
