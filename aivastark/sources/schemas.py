"""What a source looks like on the wire, coming in and going out."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from aivastark.kit.clock import to_wire
from aivastark.kit.metadata import Metadata
from aivastark.kit.urls import normalise_url
from aivastark.sources.drive_fields import DriveFields, drive_place, refuse_drive_fields
from aivastark.sources.models import Document, Source

SourceType = Literal["url", "file", "raw", "github", "drive"]
SourceStatus = Literal["pending", "processing", "ready", "partial", "failed", "deleting"]
OnConflict = Literal["sync", "return", "error"]
RawFormat = Literal["plain", "markdown", "html"]

TITLE_MAX_CHARS = 500
TAGS_MAX = 50
RAW_MAX_CHARS = 5_000_000
REFRESH_MIN_S = 300
REFRESH_MAX_S = 31_536_000

Tag = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_MAX_CHARS)]
Tags = Annotated[list[Tag], Field(max_length=TAGS_MAX)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=512)]
RefreshInterval = Annotated[int, Field(ge=REFRESH_MIN_S, le=REFRESH_MAX_S)]


class SourceFields(BaseModel):
    """What every new source may carry."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    tags: Tags = Field(default_factory=list)
    external_id: ExternalId | None = None
    metadata: Metadata = Field(default_factory=dict)
    refresh_interval: RefreshInterval | None = None
    on_conflict: OnConflict = "sync"


class NewSource(SourceFields, DriveFields):
    """Body of `POST …/sources` as JSON."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "type": "url",
                    "url": "https://docs.example.com/getting-started",
                    "title": "Getting started",
                    "tags": ["docs", "onboarding"],
                },
                {"type": "raw", "text": "We are open from 9 to 5.", "title": "Opening hours"},
                {"type": "drive", "folder_id": "1dyUEebJaFnWa3Z4n0BFMVAXQ7mfUH11g", "account_id": "acc_01JD…"},
            ]
        },
    )

    type: Literal["url", "raw", "file", "drive"]
    url: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    text: Annotated[str, Field(max_length=RAW_MAX_CHARS)] | None = None
    format: RawFormat | None = None

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> "NewSource":
        if self.type == "file":
            raise _needed("file", "source.file is required for type=file: send it as multipart/form-data")
        if self.type == "drive":
            return self._is_in_drive()
        refuse_drive_fields(self, self.type)
        needed, other = ("url", "text") if self.type == "url" else ("text", "url")
        if getattr(self, needed) is None:
            raise _needed(needed, f"source.{needed} is required for type={self.type}")
        if getattr(self, other) is not None:
            raise _needed(other, f"source.{other} does not go with type={self.type}")
        if self.type == "url" and self.format is not None:
            raise _needed("format", "source.format does not go with type=url")
        if self.url is not None:
            try:
                normalise_url(self.url)
            except ValueError as error:
                raise _needed("url", f"source.url is not a web address: {error}") from error
        if self.text is not None and not self.text.strip():
            raise _needed("text", "source.text is empty")
        return self

    def _is_in_drive(self) -> "NewSource":
        for name in ("text", "format"):
            if getattr(self, name) is not None:
                raise _needed(name, f"source.{name} does not go with type=drive")
        drive_place(self, self.url)
        return self


class SourcePatch(BaseModel):
    """Body of `PATCH …/sources/{id}`: absent stays, `null` clears."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"title": "Getting started", "tags": ["docs"], "refresh_interval": None}]},
    )

    title: Title | None = None
    tags: Tags | None = None
    metadata: Metadata | None = None
    external_id: ExternalId | None = None
    refresh_interval: RefreshInterval | None = None


class SourceProgress(BaseModel):
    """How far a sync has come."""

    documents_total: int
    documents_done: int
    documents_failed: int
    chunks: int


class SourceSync(BaseModel):
    """When the source was last looked at, last changed, and is next due."""

    last_synced_at: str | None
    last_changed_at: str | None
    next_sync_at: str | None
    content_hash: str | None


class SourceError(BaseModel):
    """Why the last sync failed, for a person and for a program."""

    code: str
    message: str
    retryable: bool
    attempts: int
    next_retry_at: str | None


class SourceOut(BaseModel):
    """A source on the wire."""

    id: str
    project_id: str
    type: SourceType
    title: str | None
    tags: list[str]
    locator: str | None
    external_id: str | None
    metadata: dict[str, Any]
    refresh_interval: int | None
    status: SourceStatus
    stage: Literal["queued", "fetching", "parsing", "chunking", "embedding", "publishing"] | None
    progress: SourceProgress
    sync: SourceSync
    error: SourceError | None
    version: int
    created_at: str
    updated_at: str


class SourceList(BaseModel):
    """One page of sources, newest first."""

    data: list[SourceOut]
    next_cursor: str | None
    has_more: bool


class DocumentOut(BaseModel):
    """A document of a source, without its text."""

    id: str
    source_id: str
    title: str | None
    url: str | None
    locator: str
    media_type: str
    language: str | None
    version: int
    chunks: int
    content_hash: str
    fetched_at: str


class ChunkOut(BaseModel):
    """A passage: `text == document.text[char_start:char_end]`."""

    id: str
    text: str
    heading_path: list[str]
    page: int | None
    char_start: int
    char_end: int


class DocumentWithText(DocumentOut):
    """A document with its canonical text and the passages it is cited by."""

    text: str
    data: list[ChunkOut]


class DocumentList(BaseModel):
    """One page of documents."""

    data: list[DocumentOut]
    next_cursor: str | None
    has_more: bool


def source_out(source: Source) -> SourceOut:
    """The row as it goes out."""

    def moment(name: str) -> str | None:
        value = getattr(source, name)
        return None if value is None else to_wire(value)

    return SourceOut.model_validate(
        {
            **{name: getattr(source, name) for name in _SAME},
            "title": source.title or source.found_title,
            "metadata": source.details,
            "progress": {
                "documents_total": source.documents_total,
                "documents_done": source.documents_done,
                "documents_failed": source.documents_failed,
                "chunks": source.chunk_count,
            },
            "sync": {
                "last_synced_at": moment("last_synced_at"),
                "last_changed_at": moment("last_changed_at"),
                "next_sync_at": moment("next_sync_at"),
                "content_hash": source.content_hash,
            },
            "created_at": to_wire(source.created_at),
            "updated_at": to_wire(source.updated_at),
        }
    )


def document_out(document: Document) -> DocumentOut:
    """The row as it goes out."""
    return DocumentOut(
        id=document.id,
        source_id=document.source_id,
        title=document.title,
        url=document.url,
        locator=document.locator,
        media_type=document.media_type,
        language=document.language,
        version=document.version,
        chunks=document.chunk_count,
        content_hash=document.content_hash,
        fetched_at=to_wire(document.fetched_at),
    )


_SAME = (
    "id",
    "project_id",
    "type",
    "tags",
    "locator",
    "external_id",
    "refresh_interval",
    "status",
    "stage",
    "error",
    "version",
)


def _needed(field: str, message: str) -> PydanticCustomError:
    return PydanticCustomError("source_field", "{message}", {"message": message, "param": field})
