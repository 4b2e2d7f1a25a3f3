"""Tables of widgets: what each looks like and does, what it did before, who visits it, and how much was asked.

`embed_keys` belongs to the directory (see `accounts/models.py`): a key is looked up without a project in hand.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from aivastark.database import Base, Moment


class EmbedKey(Base):
    """A public key that names one widget. After a rotation the old one goes on until `expires_at`."""

    __tablename__ = "embed_keys"
    __table_args__ = (Index("ix_embed_keys_project_id_widget_id", "project_id", "widget_id"),)

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    project_id: Mapped[str] = mapped_column(String(40))
    widget_id: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Widget(Base):
    """One chat window on someone's pages. `settings` holds only what differs from the defaults."""

    __tablename__ = "widgets"

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    embed_key: Mapped[str] = mapped_column(String(60))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer)
    identity_salt: Mapped[str] = mapped_column(String(64))
    previous_identity_salt: Mapped[str | None] = mapped_column(String(64))
    previous_identity_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class WidgetVersion(Base):
    """The settings as one change left them."""

    __tablename__ = "widget_versions"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "widget_id"], ["widgets.project_id", "widgets.id"], ondelete="CASCADE"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    widget_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_by: Mapped[str] = mapped_column(String(40))
    restored_from: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Visitor(Base):
    """One browser that talks to one widget, known by a token of which only the hash is kept."""

    __tablename__ = "visitors"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "widget_id"], ["widgets.project_id", "widgets.id"], ondelete="CASCADE"),
        Index("uq_visitors_project_id_token_sha256", "project_id", "token_sha256", unique=True),
        Index("ix_visitors_project_id_widget_id", "project_id", "widget_id"),
        Index("ix_visitors_expires_at", "expires_at"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    widget_id: Mapped[str] = mapped_column(String(40))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    user_id: Mapped[str | None] = mapped_column(String(120))
    """Whom the site vouched for; None for a visitor without a name. Never changes to another one."""
    profile: Mapped[dict[str, Any]] = mapped_column(JSON)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class WidgetCount(Base):
    """How often something happened since `window` began: a UTC day (counted from 1970), or 0 for ever."""

    __tablename__ = "widget_counts"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "widget_id"], ["widgets.project_id", "widgets.id"], ondelete="CASCADE"),
        Index("ix_widget_counts_touched", "touched"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    widget_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(160), primary_key=True)
    window: Mapped[int] = mapped_column("since", BigInteger)
    used: Mapped[int] = mapped_column(BigInteger)
    touched: Mapped[int] = mapped_column(BigInteger)
    """The UTC day it was last counted up: what nobody touches for long is forgotten."""
