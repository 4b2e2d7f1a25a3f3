"""The history of a source and its troubles, as they go out."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from aivastark.kit.clock import to_wire
from aivastark.kit.numbers import JUST_A_NUMBER
from aivastark.sources.models import Document, SourceFailure, SourceVersion
from aivastark.sources.schemas import DocumentChange
from aivastark.sources.versions import Kind

VERSION_MAX = 2**31 - 1


class SourceRollback(BaseModel):
    """Body of `POST …/rollback`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 3}]})

    version: Annotated[
        int, Field(ge=1, le=VERSION_MAX, description="The version whose content to bring back."), JUST_A_NUMBER
    ]


class SourceVersionOut(BaseModel):
    """A published version of a source, and what it changed compared with the one before."""

    version: int
    cause: Literal["sync", "rollback"]
    rolled_back_to: int | None
    documents: DocumentChange
    documents_total: int
    chunks: int
    content_hash: str
    published_at: str


class SourceVersionList(BaseModel):
    """One page of versions, newest first."""

    data: list[SourceVersionOut]
    next_cursor: str | None
    has_more: bool


class ChangedDocument(BaseModel):
    """A document that a version added, changed or removed; a changed one as it is since."""

    change: Kind
    document_id: str
    locator: str
    title: str | None
    url: str | None
    content_hash: str


class SourceChangeList(BaseModel):
    """One page of what a version changed."""

    data: list[ChangedDocument]
    next_cursor: str | None
    has_more: bool


class SourceFailureOut(BaseModel):
    """A document the last sync could not have or read, or (`skipped`) left out on purpose."""

    locator: str
    skipped: bool
    code: str
    message: str
    retryable: bool
    created_at: str


class SourceFailureList(BaseModel):
    """One page of failures, in the order of the sync."""

    data: list[SourceFailureOut]
    next_cursor: str | None
    has_more: bool


def version_out(row: SourceVersion) -> SourceVersionOut:
    """The row as it goes out."""
    return SourceVersionOut(
        version=row.version,
        cause="sync" if row.rolled_back_to is None else "rollback",
        rolled_back_to=row.rolled_back_to,
        documents=DocumentChange(added=row.added, changed=row.changed, removed=row.removed),
        documents_total=row.documents,
        chunks=row.chunks,
        content_hash=row.content_hash,
        published_at=to_wire(row.published_at),
    )


def change_out(change: Kind, row: Document) -> ChangedDocument:
    """The row as it goes out."""
    return ChangedDocument(
        change=change,
        document_id=row.id,
        locator=row.locator,
        title=row.title,
        url=row.url,
        content_hash=row.content_hash,
    )


def failure_out(row: SourceFailure) -> SourceFailureOut:
    """The row as it goes out."""
    return SourceFailureOut(
        locator=row.locator,
        skipped=row.skipped,
        code=row.code,
        message=row.message,
        retryable=row.retryable,
        created_at=to_wire(row.created_at),
    )
