"""Tables of answer tests: what a project wants to be answered, and what came of each run."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKeyConstraint, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aivastark.database import Base, Moment


class AnswerTest(Base):
    """A question, and what its answer must be like."""

    __tablename__ = "answer_tests"

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    question: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(8))
    tags: Mapped[list[str]] = mapped_column(JSON)
    must_cite: Mapped[list[str]] = mapped_column(JSON)
    must_say: Mapped[list[str]] = mapped_column(JSON)
    must_not_say: Mapped[list[str]] = mapped_column(JSON)
    must_refuse: Mapped[bool] = mapped_column(Boolean)
    min_confidence: Mapped[float | None] = mapped_column(Float)
    enabled: Mapped[bool] = mapped_column(Boolean)
    # What came of it in the latest run: the next one is compared with it.
    last_result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class AnswerTestRun(Base):
    """All enabled tests of a project, asked once."""

    __tablename__ = "answer_test_runs"

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    cause: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12))
    total: Mapped[int] = mapped_column(Integer)
    passed: Mapped[int] = mapped_column(Integer)
    failed: Mapped[int] = mapped_column(Integer)
    # Sources whose new content was taken back because of it.
    held: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class AnswerTestResult(Base):
    """What came of one test in one run; `before` is what came of it in the run before."""

    __tablename__ = "answer_test_results"
    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "run_id"], ["answer_test_runs.project_id", "answer_test_runs.id"], ondelete="CASCADE"
        ),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    run_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    test_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    question: Mapped[str] = mapped_column(Text)
    passed: Mapped[bool] = mapped_column(Boolean)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
