"""Table of projects: one tenant's bot each."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aivastark.database import Base, Moment


class Project(Base):
    """One bot with its own knowledge, conversations and settings. Nothing crosses from one to another."""

    __tablename__ = "projects"
    __table_args__ = (Index("uq_projects_id", "id", unique=True),)

    organization_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    refusal_text: Mapped[str | None] = mapped_column(Text)
    answer_threshold: Mapped[float | None] = mapped_column(Float)
    retention_days: Mapped[int | None] = mapped_column(Integer)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    """What is kept for an answerer that can use it: instructions, tone, languages, model, metadata."""
    pinned_questions: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many wordings lead to a pinned answer: with none, a question need not look for one."""
    answer_tests: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many answer tests there are: with none, a change of the knowledge need not ask for a run."""
    confidence_map: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What the project's own graded answers make of confidence, and what it rests on; null while nothing was fitted."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
