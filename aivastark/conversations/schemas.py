"""What conversations, messages and answers look like on the wire."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from aivastark.conversations.attachment_schemas import AttachmentOut
from aivastark.conversations.handoff import Reason, Resolution, Status
from aivastark.conversations.models import CitationRow, Conversation, Message
from aivastark.kit.clock import to_wire

REPLY_MAX_CHARS = 8_000
NOTE_MAX_CHARS = 2_000
COMMENT_MAX_CHARS = 2_000
NAME_MAX_CHARS = 40
TAGS_MAX = 50
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
    """Tokens language models read and wrote for the answer, whatever became of what they wrote, and what those cost in
    US dollars by the prices that are set; zero for the extractive answerer.
    """

    input_tokens: int
    output_tokens: int
    cost: str = "0"


class Latency(BaseModel):
    """Milliseconds until the answer stood."""

    retrieve: float
    generate: float
    total: float


class LeadForm(BaseModel):
    """What a visitor is asked to leave, and why now."""

    trigger: Literal["message_count", "keyword", "idle", "manual"]
    fields: list[dict[str, Any]]
    consent: dict[str, Any] | None


class ReadAs(BaseModel):
    """What a follow-up was taken for: the question that the knowledge was searched with, and who read it so."""

    text: str
    by: Literal["rules", "model"]


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
    handoff_offered: bool = Field(default=False, description="Offer the visitor a person.")
    lead_form: LeadForm | None = Field(
        default=None, description="Ask the visitor for contact details. Absent unless a widget's trigger is due."
    )
    language: str | None
    model: str
    usage: Usage
    latency_ms: Latency
    read_as: ReadAs | None = Field(default=None, description="Absent where the question was taken as it was asked.")
    pinned_answer_id: str | None = None
    created_at: str


class Feedback(BaseModel):
    """What the visitor thinks of a message."""

    rating: Literal["up", "down"]
    comment: str | None
    at: str


class Grade(BaseModel):
    """What a person of the team says of an answer."""

    right: bool
    by: str
    at: str


class MessageOut(BaseModel):
    """One turn of a conversation."""

    id: str
    role: Literal["user", "assistant", "agent", "system"]
    content: str
    author: str | None = Field(description="Who wrote an agent's message: `usr_…`, `key_…` or a name.")
    citations: list[CitationOut]
    confidence: float | None
    confidence_level: ConfidenceLevel | None
    confidence_reasons: list[str]
    answered: bool | None
    feedback: Feedback | None
    grade: Grade | None
    model: str | None
    latency_ms: Latency | None
    read_as: ReadAs | None = Field(
        default=None, description="What a follow-up was taken for; null for a question that was taken as it was asked."
    )
    attachments: list[AttachmentOut] = Field(default=[], description="The file that a visitor's message is.")
    created_at: str


class LastMessage(BaseModel):
    """The end of a conversation, for lists."""

    id: str
    role: str
    preview: str
    created_at: str


class Tried(BaseModel):
    """A question and what the bot said to it."""

    question: str | None
    answer: str
    answered: bool
    confidence: float | None
    at: str


class Evidence(BaseModel):
    """A quote the bot showed."""

    title: str | None
    url: str | None
    source_id: str
    document_id: str
    quote: str


class HandOffPack(BaseModel):
    """What a person needs to go on where the bot stopped."""

    summary: str
    last_questions: list[str]
    tried: list[Tried]
    evidence: list[Evidence]
    suggested_reply: str | None


class Escalation(BaseModel):
    """The last time the conversation was passed on to people."""

    reason: Reason
    note: str | None
    at: str
    by: str = Field(description="`visitor`, `usr_…` or `key_…`.")
    within_business_hours: bool
    opens_at: str | None = Field(description="When the business hours begin next, if they were over.")
    ended_at: str | None = Field(description="When it was handed back or closed.")
    ended_by: str | None
    pack: HandOffPack | None = Field(description="Null in lists.")


class ConversationOut(BaseModel):
    """A conversation without its messages."""

    id: str
    project_id: str
    session_id: str
    channel: str
    widget_id: str | None
    status: Status
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
    resolution: Resolution | None
    csat: int | None = Field(description="Share of the rated messages that were rated up, in percent.")
    escalation: Escalation | None
    created_at: str
    updated_at: str
    escalated_at: str | None
    closed_at: str | None


class ConversationWithMessages(ConversationOut):
    """A conversation with everything said in it."""

    messages: list[MessageOut]
    has_more_messages: bool = Field(description="There are older messages than the 200 shown.")


class ConversationList(BaseModel):
    """One page of conversations, last changed first."""

    data: list[ConversationOut]
    next_cursor: str | None
    has_more: bool


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=REPLY_MAX_CHARS)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=NOTE_MAX_CHARS)]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_MAX_CHARS, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [fields]})


class ConversationPatch(BaseModel):
    """Body of `PATCH …/conversations/{id}`: JSON merge patch."""

    model_config = _example(status="human", assignee="usr_01HW0000000000000000000000", tags=["vip"])

    status: Status = "open"
    assignee: Name | None = None
    tags: Annotated[list[Tag], Field(max_length=TAGS_MAX)] | None = None

    def changes(self) -> dict[str, Any]:
        """Only what was sent; `null` tags are none."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {**sent, "tags": sent["tags"] or []} if "tags" in sent else sent


class AgentReply(BaseModel):
    """Body of `POST …/messages`."""

    model_config = _example(content="I have sent you a new link.", author_name="Customer care")

    content: Text
    author_name: Name | None = None


class EscalationIn(BaseModel):
    """Body of `POST …/escalate`; may be left out."""

    model_config = _example(reason="sensitive_topic", note="Asks for a refund of an old order.")

    reason: Reason = "agent"
    note: Note | None = None


class CloseIn(BaseModel):
    """Body of `POST …/close`; may be left out."""

    model_config = _example(resolution="confirmed")

    resolution: Resolution | None = None


class FeedbackIn(BaseModel):
    """Body of `POST …/feedback`."""

    model_config = _example(rating="down", comment="The link does not work.")

    rating: Literal["up", "down"]
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=COMMENT_MAX_CHARS)] | None = None


class GradeIn(BaseModel):
    """Body of `POST …/grade`."""

    model_config = _example(right=False)

    right: Annotated[bool, Field(strict=True, description="Whether the answer is right and answers the question.")]


def conversation_fields(row: Conversation, *, with_pack: bool = False) -> dict[str, Any]:
    """The row as it goes out; the hand-off pack, which is long, only where asked for."""
    return {
        **{name: getattr(row, name) for name in _SAME},
        "visitor": row.visitor or {},
        "metadata": row.details,
        "escalation": row.escalation and {**row.escalation, "pack": row.escalation["pack"] if with_pack else None},
        "created_at": to_wire(row.created_at),
        "updated_at": to_wire(row.updated_at),
        "escalated_at": None if row.escalated_at is None else to_wire(row.escalated_at),
        "closed_at": None if row.closed_at is None else to_wire(row.closed_at),
    }


def conversation_out(row: Conversation, *, with_pack: bool = False) -> ConversationOut:
    """A conversation without its messages."""
    return ConversationOut.model_validate(conversation_fields(row, with_pack=with_pack))


def conversation_with_messages(
    row: Conversation, said: Sequence[tuple[Message, Sequence[CitationRow]]], *, has_more: bool
) -> ConversationWithMessages:
    """A conversation with what was said in it."""
    return ConversationWithMessages.model_validate(
        {
            **conversation_fields(row, with_pack=True),
            "messages": [message_out(message, citations) for message, citations in said],
            "has_more_messages": has_more,
        }
    )


def message_out(row: Message, citations: Sequence[CitationRow]) -> MessageOut:
    """A turn with its citations, as they were when it was said."""
    # What a visitor read in place of an answer is kept with the question, but is no property of it.
    answer = (row.answer or {}) if row.role == "assistant" else {}
    return MessageOut.model_validate(
        {
            "id": row.id,
            "role": row.role,
            "content": row.content,
            "author": row.author,
            "citations": [citation.body for citation in citations],
            "confidence": row.confidence,
            "confidence_level": answer.get("confidence_level"),
            "confidence_reasons": answer.get("confidence_reasons", []),
            "answered": row.answered,
            "feedback": row.feedback,
            "grade": row.grade,
            "model": answer.get("model"),
            "latency_ms": answer.get("latency_ms"),
            "read_as": answer.get("read_as"),
            "attachments": row.attachments or [],
            "created_at": to_wire(row.created_at),
        }
    )


_SAME = (
    "id",
    "project_id",
    "session_id",
    "channel",
    "widget_id",
    "status",
    "subject",
    "language",
    "assignee",
    "lead_id",
    "tags",
    "page",
    "message_count",
    "last_message",
    "min_confidence",
    "resolution",
    "csat",
)
