"""Table of leads."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from aivastark.database import Base, Moment


class Lead(Base):
    """Somebody's contact details. Of several with the same e-mail one is the first, the others are its duplicates."""

    __tablename__ = "leads"
    __table_args__ = (
        Index(
            "uq_leads_project_id_email_key",
            "project_id",
            "email_key",
            unique=True,
            sqlite_where=text("duplicate_of IS NULL"),
            postgresql_where=text("duplicate_of IS NULL"),
        ),
        Index("ix_leads_project_id_duplicate_of", "project_id", "duplicate_of"),
        Index("ix_leads_project_id_conversation_id", "project_id", "conversation_id"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(String(40))
    widget_id: Mapped[str | None] = mapped_column(String(40))
    name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(320))
    phone: Mapped[str | None] = mapped_column(String(40))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    trigger: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(20))
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    page_url: Mapped[str | None] = mapped_column(Text)
    duplicate_of: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
