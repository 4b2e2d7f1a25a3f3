"""Tables of embedding: which models at endpoints the install knew, and projects that are being embedded anew."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from aivastark.database import Base, Moment


class EmbeddingModel(Base):
    """A model at an endpoint that once was set: what it takes to ask it again, and to know that it is the same."""

    __tablename__ = "embedding_models"

    model_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    model: Mapped[str] = mapped_column(String(200))
    query_prefix: Mapped[str] = mapped_column(String(200))
    passage_prefix: Mapped[str] = mapped_column(String(200))
    # What it made of a known text: an endpoint may answer for any name with the one model that it has.
    sample: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Reembedding(Base):
    """A project whose knowledge is being embedded with another model; gone when it is done."""

    __tablename__ = "reembeddings"

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    # The one that comes.
    model_id: Mapped[str] = mapped_column(String(80))
    passages_total: Mapped[int] = mapped_column(Integer)
    passages_done: Mapped[int] = mapped_column(Integer)
    # Why it waits, with the time of the next try.
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    started_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
