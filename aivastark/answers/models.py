"""Tables beside answers: what is answered in fixed words, and what could not be answered well."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, Float, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aivastark.database import Base, Moment


class PinnedAnswer(Base):
    """An answer that a person fixed for some questions; it goes before whatever the knowledge says."""

    __tablename__ = "pinned_answers"

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    questions: Mapped[list[str]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(Text)
    match: Mapped[str] = mapped_column(String(8))
    enabled: Mapped[bool] = mapped_column(Boolean)
    hits: Mapped[int] = mapped_column(Integer)
    last_hit_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class PinnedQuestion(Base):
    """One wording that leads to a pinned answer: `words` as compared, `vector` for wordings that are near."""

    __tablename__ = "pinned_questions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "pinned_id"], ["pinned_answers.project_id", "pinned_answers.id"], ondelete="CASCADE"
        ),
        Index("ix_pinned_questions_project_id_words", "project_id", "words"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    pinned_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    words: Mapped[str] = mapped_column(String(64))
    near: Mapped[bool] = mapped_column(Boolean)
    model_id: Mapped[str] = mapped_column(String(80))
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class PinnedHit(Base):
    """A question that a pinned answer answered."""

    __tablename__ = "pinned_hits"
    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "pinned_id"],
            ["pinned_answers.project_id", "pinned_answers.id"],
            name="fk_pinned_hits_pinned_id",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["project_id", "message_id"],
            ["messages.project_id", "messages.id"],
            name="fk_pinned_hits_message_id",
            ondelete="CASCADE",
        ),
        Index("ix_pinned_hits_project_id_pinned_id", "project_id", "pinned_id", "message_id"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    pinned_id: Mapped[str] = mapped_column(String(40))
    question: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(8))
    similarity: Mapped[float] = mapped_column(Float)
    created_at: Mapped[datetime] = mapped_column(Moment)


class OpenQuestion(Base):
    """A question that was refused or answered with low confidence: what the knowledge lacks is found among them."""

    __tablename__ = "open_questions"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "message_id"], ["messages.project_id", "messages.id"], ondelete="CASCADE"),
        Index("ix_open_questions_project_id_status", "project_id", "status", "message_id"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(40))
    question: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(8))
    answered: Mapped[bool] = mapped_column(Boolean)
    confidence: Mapped[float] = mapped_column(Float)
    status: Mapped[str] = mapped_column(String(12))
    model_id: Mapped[str] = mapped_column(String(80))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)


class AnswerUnderWay(Base):
    """An answer that a process is writing, for the others; gone when it is recorded or came to nothing."""

    __tablename__ = "answers_under_way"

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    widget_id: Mapped[str | None] = mapped_column(String(40))
    """Where a widget's visitor asked; with `visitor_id` it is theirs."""
    visitor_id: Mapped[str | None] = mapped_column(String(128))
    is_unwanted: Mapped[bool] = mapped_column(Boolean)
    """Somebody asked another process to stop it."""
    alive_at: Mapped[datetime] = mapped_column(Moment)
    """When its process last said so."""
