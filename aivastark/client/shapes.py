"""What the API sends, as frozen values. Fields of a newer server stay readable as attributes."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Row = TypeVar("Row", bound=BaseModel)


class Shape(BaseModel):
    """Anything the API sends."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Record(Shape):
    """An object of a kind that has no shape of its own here; every field is an attribute."""

    id: str


class Page(Shape, Generic[Row]):
    """One page of a list."""

    data: list[Row]
    next_cursor: str | None
    has_more: bool


class SourceError(Shape):
    """Why a source failed."""

    code: str
    message: str
    retryable: bool
    attempts: int
    next_retry_at: str | None


class SourceProgress(Shape):
    """How far a sync has come."""

    documents_total: int
    documents_done: int
    documents_failed: int
    documents_skipped: int = 0
    chunks: int
    documents_per_minute: float | None = None
    seconds_left: int | None = None


class DocumentCounts(Shape):
    """How many documents came, changed and went."""

    added: int
    changed: int
    removed: int


class Held(Shape):
    """What a sync found and did not publish, because too much would have gone."""

    documents: DocumentCounts
    of: int
    since: str


class SourceVersion(Shape):
    """A published version of a source, and what it changed."""

    version: int
    cause: str
    rolled_back_to: int | None
    documents: DocumentCounts
    documents_total: int
    chunks: int
    published_at: str


class ChangedDocument(Shape):
    """A document that a version added, changed or removed."""

    change: str
    document_id: str
    locator: str
    title: str | None
    url: str | None


class SourceFailure(Shape):
    """A document a sync could not have or read, or (`skipped`) left out."""

    locator: str
    skipped: bool
    code: str
    message: str
    retryable: bool


class Source(Shape):
    """Something the bot was pointed at: a page or a site, a file, a text, a repository, a folder."""

    id: str
    project_id: str
    type: str
    title: str | None
    tags: list[str]
    locator: str | None
    external_id: str | None
    metadata: dict[str, Any]
    status: str
    stage: str | None
    progress: SourceProgress
    error: SourceError | None
    held: Held | None = None
    version: int
    created_at: str
    updated_at: str

    @property
    def has_settled(self) -> bool:
        """Whether nothing more will happen by itself: published, held until a person decides, or failed for good."""
        if self.status == "failed":
            return self.error is None or self.error.next_retry_at is None
        return self.status in ("ready", "partial", "held")


class Document(Shape):
    """A document of a source; `text` is there when it was asked for alone."""

    id: str
    source_id: str
    title: str | None
    url: str | None
    version: int
    chunks: int
    text: str | None = None


class Locator(Shape):
    """Where a quote or a passage stands in its document's text."""

    page: int | None
    heading_path: list[str]
    char_start: int
    char_end: int


class Span(Shape):
    """The stretch of the answer that a quote supports."""

    start: int
    end: int


class Citation(Shape):
    """A verified quote; `index` is the `[n]` in the answer."""

    id: str
    index: int
    source_id: str
    document_id: str
    chunk_id: str
    title: str | None
    url: str | None
    quote: str
    locator: Locator
    answer_span: Span
    score: float


class Answer(Shape):
    """An answer with its proof, or an honest refusal (`answered` false)."""

    id: str
    conversation_id: str
    session_id: str
    answer: str
    answered: bool
    citations: list[Citation]
    confidence: float
    confidence_level: str
    confidence_reasons: list[str]
    suggestions: list[str]
    language: str | None
    created_at: str


class Ranks(Shape):
    """The place each half of the search gave a passage; None = not among its candidates."""

    keyword: int | None
    vector: int | None
    rerank: int | None


class Stopped(Shape):
    """What became of the wish to end an answer."""

    id: str
    stopped: bool


class Found(Shape):
    """A passage that a search found."""

    chunk_id: str
    source_id: str
    document_id: str
    title: str | None
    url: str | None
    text: str
    locator: Locator
    score: float
    ranks: Ranks


class FoundList(Shape):
    """The answer of a search."""

    data: list[Found]


class Message(Shape):
    """One turn of a conversation."""

    id: str
    role: str
    content: str
    citations: list[Citation]
    confidence: float | None
    answered: bool | None
    created_at: str


class Conversation(Shape):
    """A conversation; `messages` are there when it was asked for alone."""

    id: str
    project_id: str
    session_id: str
    channel: str
    status: str
    subject: str | None
    language: str | None
    tags: list[str]
    message_count: int
    min_confidence: float | None
    created_at: str
    updated_at: str
    messages: list[Message] = Field(default_factory=list)
