"""What a source looks like on the wire, coming in and going out."""

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.metadata import Metadata
from aivastark.kit.numbers import JUST_A_NUMBER
from aivastark.kit.urls import normalise_url
from aivastark.sources.drive_fields import DriveFields, drive_place
from aivastark.sources.faults import source_fault
from aivastark.sources.github_fields import GitHubFields, github_place
from aivastark.sources.models import Document, Source
from aivastark.sources.url_fields import UrlFields

SourceType = Literal["url", "file", "raw", "github", "drive"]
SourceStatus = Literal["pending", "processing", "ready", "partial", "held", "failed", "deleting"]
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
RefreshInterval = Annotated[int, Field(ge=REFRESH_MIN_S, le=REFRESH_MAX_S), JUST_A_NUMBER]


class SourceFields(BaseModel):
    """What every new source may carry."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    tags: Tags = Field(default_factory=list)
    external_id: ExternalId | None = None
    metadata: Metadata = Field(default_factory=dict)
    refresh_interval: RefreshInterval | None = None
    on_conflict: OnConflict = "sync"


class NewSource(SourceFields, UrlFields, GitHubFields, DriveFields):
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
                {
                    "type": "url",
                    "url": "https://docs.example.com/guide/",
                    "crawl": {"max_pages": 200, "exclude": ["/guide/archive/"]},
                    "refresh_interval": 86400,
                },
                {"type": "raw", "text": "We are open from 9 to 5.", "title": "Opening hours"},
                {"type": "github", "repository": "acme/handbook", "path": "docs", "tags": ["docs"]},
                {"type": "drive", "folder_id": "1dyUEebJaFnWa3Z4n0BFMVAXQ7mfUH11g", "account_id": "acc_01JD…"},
            ]
        },
    )

    type: Literal["url", "raw", "file", "github", "drive"]
    text: Annotated[str, Field(max_length=RAW_MAX_CHARS)] | None = None
    format: RawFormat | None = None

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> "NewSource":
        if self.type == "file":
            raise source_fault("file", "source.file is required for type=file: send it as multipart/form-data")
        needed = NEEDED.get(self.type)
        if needed is not None and getattr(self, needed) is None:
            raise source_fault(needed, f"source.{needed} is required for type={self.type}")
        for name in sorted(set().union(*FIELDS_OF.values()) - FIELDS_OF[self.type]):
            if getattr(self, name) is not None:
                raise source_fault(name, f"source.{name} does not go with type={self.type}")
        match self.type:
            case "url":
                self._is_on_the_web()
            case "raw" if not (self.text or "").strip():
                raise source_fault("text", "source.text is empty")
            case "github":
                github_place(self)
            case "drive":
                drive_place(self, self.url)
        return self

    def _is_on_the_web(self) -> None:
        try:
            normalise_url(self.url or "")
        except ValueError as error:
            raise source_fault("url", f"source.url is not a web address: {error}") from error


FIELDS_OF = {
    "url": set(UrlFields.model_fields),
    "raw": {"text", "format"},
    "github": set(GitHubFields.model_fields),
    "drive": {*DriveFields.model_fields, "url"},
}
"""What a source of each type may carry beside what every source may."""
NEEDED = {"url": "url", "raw": "text", "github": "repository"}


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
    documents_skipped: int
    chunks: int
    documents_per_minute: float | None
    seconds_left: int | None


class SourceSync(BaseModel):
    """When the source was last looked at, last changed, and is next due."""

    last_synced_at: str | None
    last_changed_at: str | None
    next_sync_at: str | None
    content_hash: str | None
    paused: bool


class DocumentChange(BaseModel):
    """How many documents came, changed and went."""

    added: int
    changed: int
    removed: int


class Held(BaseModel):
    """What a sync found and did not publish, because too many of the `of` published documents would have gone.

    Or what was taken back because answer tests fail with it: these are named.
    """

    documents: DocumentChange
    of: int
    since: str
    failing_tests: list[str] = Field(default_factory=list)


class SourceSyncIn(BaseModel):
    """Body of `POST …/sync`; may be left out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"only": "failed"}]})

    only: Literal["failed"] | None = Field(default=None, description="Try again what failed, and nothing else.")
    accept_removals: StrictBool = Field(default=False, description="Publish even where much of the source is gone.")
    accept_failing_tests: StrictBool = Field(default=False, description="Publish even where answer tests fail by it.")


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
    held: Held | None
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
                "documents_skipped": source.documents_skipped,
                "chunks": source.chunk_count,
                **_pace(source),
            },
            "sync": {
                "last_synced_at": moment("last_synced_at"),
                "last_changed_at": moment("last_changed_at"),
                "next_sync_at": moment("next_sync_at"),
                "content_hash": source.content_hash,
                "paused": source.refresh_paused,
            },
            "created_at": to_wire(source.created_at),
            "updated_at": to_wire(source.updated_at),
        }
    )


def _pace(source: Source) -> dict[str, float | int | None]:
    """How fast a sync that is under way goes, and how long it will take; null where that cannot be told yet."""
    dealt_with = source.documents_done + source.documents_failed
    if source.status != "processing" or source.sync_started_at is None or not dealt_with:
        return {"documents_per_minute": None, "seconds_left": None}
    seconds = max((utc_now() - source.sync_started_at).total_seconds(), 0.001)
    left = max(0, source.documents_total - dealt_with) * seconds / dealt_with
    return {"documents_per_minute": round(dealt_with * 60 / seconds, 1), "seconds_left": math.ceil(left)}


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
    "held",
    "version",
)
