"""What conversations, messages and answers look like on the wire."""

from typing import Any, Literal

from pydantic import BaseModel

from aivastark.conversations.models import CitationRow, Conversation, Message
from aivastark.kit.clock import to_wire

ConversationStatus = Literal["open", "waiting_human", "human", "closed"]
ConfidenceLevel = Literal["high", "medium", "low"]


class CitationLocator(BaseModel):
    """Where the quote stands: `quote == document.text[char_start:char_end]`."""

    page: int | None
    heading_path: list[str]
    char_start: int
    char_end: int


class AnswerSpan(BaseModel):
    """The stretch of the answer that the quote supports, its marker included."""

    start: int
    end: int


class CitationOut(BaseModel):
    """One verified quote under an answer; `index` is the `[n]` in its text."""

    id: str
    index: int
    source_id: str
    document_id: str
    chunk_id: str
    title: str | None
    url: str | None
    source_type: str
    tags: list[str]
    quote: str
    locator: CitationLocator
    answer_span: AnswerSpan
    score: float
    source_version: int
    fetched_at: str


class Usage(BaseModel):
    """Tokens a language model read and wrote; zero for the extractive answerer."""

    input_tokens: int
    output_tokens: int


class Latency(BaseModel):
    """Milliseconds until the answer stood."""

    retrieve: float
    generate: float
    total: float


class AnswerOut(BaseModel):
    """A grounded answer, or an honest refusal (`answered` false, no citations)."""

    id: str
    conversation_id: str
    session_id: str
    answer: str
    answered: bool
    citations: list[CitationOut]
    confidence: float
    confidence_level: ConfidenceLevel
    confidence_reasons: list[str]
    suggestions: list[str]
    language: str | None
    model: str
    usage: Usage
    latency_ms: Latency
    pinned_answer_id: str | None = None
    created_at: str


class MessageOut(BaseModel):
    """One turn of a conversation."""

    id: str
    role: Literal["user", "assistant", "agent", "system"]
    content: str
    citations: list[CitationOut]
    confidence: float | None
    confidence_level: ConfidenceLevel | None
    confidence_reasons: list[str]
    answered: bool | None
    feedback: None
    model: str | None
    latency_ms: Latency | None
    created_at: str


class LastMessage(BaseModel):
    """The end of a conversation, for lists."""

    id: str
    role: str
    preview: str
    created_at: str


class ConversationOut(BaseModel):
    """A conversation without its messages."""

    id: str
    project_id: str
    session_id: str
    channel: str
    widget_id: str | None
    status: ConversationStatus
    subject: str | None
    language: str | None
    visitor: dict[str, Any]
    assignee: str | None
    lead_id: str | None
    tags: list[str]
    page: dict[str, Any] | None
    metadata: dict[str, Any]
    message_count: int
    last_message: LastMessage | None
    min_confidence: float | None
    resolution: Literal["confirmed", "assumed", "abandoned"] | None
    csat: int | None
    created_at: str
    updated_at: str
    escalated_at: str | None
    closed_at: str | None


class ConversationWithMessages(ConversationOut):
    """A conversation with everything said in it."""

    messages: list[MessageOut]


class ConversationList(BaseModel):
    """One page of conversations, last spoken in first."""

    data: list[ConversationOut]
    next_cursor: str | None
    has_more: bool


def conversation_fields(row: Conversation) -> dict[str, Any]:
    """The row as it goes out. What hand-off, leads and widgets will fill is null until they exist."""
    return {
        **{name: getattr(row, name) for name in _SAME},
        "widget_id": None,
        "visitor": {},
        "assignee": None,
        "lead_id": None,
        "page": None,
        "metadata": row.details,
        "resolution": None,
        "csat": None,
        "created_at": to_wire(row.created_at),
        "updated_at": to_wire(row.updated_at),
        "escalated_at": None,
        "closed_at": None if row.closed_at is None else to_wire(row.closed_at),
    }


def message_out(row: Message, citations: list[CitationRow]) -> MessageOut:
    """A turn with its citations, as they were when it was said."""
    answer = row.answer or {}
    return MessageOut.model_validate(
        {
            "id": row.id,
            "role": row.role,
            "content": row.content,
            "citations": [citation.body for citation in citations],
            "confidence": row.confidence,
            "confidence_level": answer.get("confidence_level"),
            "confidence_reasons": answer.get("confidence_reasons", []),
            "answered": row.answered,
            "feedback": None,
            "model": answer.get("model"),
            "latency_ms": answer.get("latency_ms"),
            "created_at": to_wire(row.created_at),
        }
    )


_SAME = (
    "id",
    "project_id",
    "session_id",
    "channel",
    "status",
    "subject",
    "language",
    "tags",
    "message_count",
    "last_message",
    "min_confidence",
)
