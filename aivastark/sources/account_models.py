"""Accounts of other services that a project's sources may be read with."""

from datetime import datetime

from sqlalchemy import JSON, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aivastark.database import Base, Moment


class ConnectedAccount(Base):
    """A person's account at Google, which agreed to be read by this project."""

    __tablename__ = "connected_accounts"
    __table_args__ = (
        Index("uq_connected_accounts_project_id_subject", "project_id", "provider", "subject", unique=True),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    # The provider's own id of the account.
    subject: Mapped[str] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(320))
    scope: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(12))
    # Files that were chosen when it was connected.
    picked: Mapped[list[str]] = mapped_column(JSON)
    refresh_token: Mapped[bytes] = mapped_column(LargeBinary)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
