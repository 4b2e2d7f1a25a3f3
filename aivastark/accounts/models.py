"""Tables of the directory: who exists and which secret opens what.

These rows are found without a project in hand (a key is looked up by its hash), so unlike all other
tables their keys do not begin with `project_id`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from aivastark.database import Base, Moment


class Organization(Base):
    """A customer of the install: an agency, a company."""

    __tablename__ = "organizations"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    plan: Mapped[str] = mapped_column(String(20))
    plan_overrides: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    """What was agreed on otherwise than the plan says: a field of `Plan` → its value."""
    created_at: Mapped[datetime] = mapped_column(Moment)


class ApiKey(Base):
    """A secret that opens one project, or all of an organisation. Only its hash is kept."""

    __tablename__ = "api_keys"
    __table_args__ = (
        Index("uq_api_keys_secret_sha256", "secret_sha256", unique=True),
        Index("ix_api_keys_organization_id", "organization_id", "id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    organization_id: Mapped[str] = mapped_column(String(40))
    project_id: Mapped[str | None] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    prefix: Mapped[str] = mapped_column(String(20))
    last4: Mapped[str] = mapped_column(String(4))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class RateWindow(Base):
    """How many requests a caller made since `start` (Unix seconds, as microseconds)."""

    __tablename__ = "rate_windows"

    bucket: Mapped[str] = mapped_column(String(160), primary_key=True)
    start: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(BigInteger)


class KeptAnswer(Base):
    """What a POST with an `Idempotency-Key` was answered, or that it is under way (`status` None)."""

    __tablename__ = "kept_answers"
    __table_args__ = (Index("ix_kept_answers_created_at", "created_at"),)

    bucket: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    actor_id: Mapped[str] = mapped_column(String(40))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    lease: Mapped[str] = mapped_column(String(40))
    leased_until: Mapped[datetime] = mapped_column(Moment)
    status: Mapped[int | None] = mapped_column(Integer)
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    # None where it may not or could not be kept: a secret shown once, a body that is too large.
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
