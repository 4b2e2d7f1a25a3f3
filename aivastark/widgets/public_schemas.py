"""What a widget's visitors send and see: nothing of the project, the limits or the allowed domains."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from aivastark.answers.endpoints import MESSAGE_MAX_CHARS
from aivastark.answers.endpoints import Words as Asked
from aivastark.conversations.attachment_schemas import AttachmentOut
from aivastark.conversations.handoff import Status
from aivastark.conversations.models import Conversation
from aivastark.conversations.schemas import (
    CitationOut,
    ConfidenceLevel,
    LastMessage,
    Latency,
    LeadForm,
    MessageOut,
    ReadAs,
    Usage,
)
from aivastark.kit.clock import to_wire
from aivastark.widgets.configuration import (
    Behavior,
    Branding,
    Configuration,
    Content,
    Handoff,
    Launcher,
    LeadCapture,
)
from aivastark.widgets.counts import ReachedName
from aivastark.widgets.file_kinds import FILE_MAX_BYTES, FILES_PER_CONVERSATION
from aivastark.widgets.identity import TOKEN_MAX_CHARS, USER_ID_MAX_CHARS
from aivastark.widgets.legibility import on_primary
from aivastark.widgets.models import Widget
from aivastark.widgets.parts import Part, Words

PAGE_URL_MAX_CHARS = 2_048
SHOWN_TO_VISITORS = {"id", "role", "content", "citations", "answered", "feedback", "attachments", "created_at"}

PageUrl = Annotated[Words, Field(max_length=PAGE_URL_MAX_CHARS, pattern=r"^https?://[^\s]+$")]


class Page(Part):
    """The page the visitor is on."""

    url: PageUrl
    title: Annotated[Words, Field(max_length=300)] | None = None


class Proof(Part):
    """The site's word for who the visitor is: a signed token, or the user's id with its HMAC."""

    token: Annotated[str, Field(min_length=1, max_length=TOKEN_MAX_CHARS)] | None = None
    user_id: Annotated[str, Field(min_length=1, max_length=USER_ID_MAX_CHARS)] | None = None
    user_hash: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class VisitIn(Part):
    """Body of `POST …/session`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"visitor_token": None}]})

    visitor_token: Annotated[str, Field(max_length=64)] | None = None
    identity: Proof | None = None


class VisitorOut(BaseModel):
    """Who the visitor is to us."""

    id: str
    verified: bool
    user_id: str | None = None
    name: str | None = None
    email: str | None = None


class ConversationBrief(BaseModel):
    """The conversation under way."""

    id: str
    status: Status


class VisitOut(BaseModel):
    """A visitor's token for all other calls. It is good for 30 days after its last use."""

    visitor_token: str
    visitor: VisitorOut
    resumed: bool
    expires_at: str
    conversation: ConversationBrief | None
    handoff_open: bool


class WidgetQueryIn(Part):
    """Body of `POST …/query`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "message": "Where is my parcel?",
                    "stream": True,
                    "page": {"url": "https://shop.example.com/orders", "title": "Your orders"},
                }
            ]
        },
    )

    message: Asked
    stream: StrictBool = False
    conversation_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    new_conversation: StrictBool = False
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Za-z]{2,4})?$")] | None = None
    page: Page | None = None


class WidgetAnswer(BaseModel):
    """An answer; or, with `limit_reached`, the sentence configured for it, which is not kept and has no id."""

    id: str | None
    conversation_id: str | None
    session_id: str | None
    answer: str
    answered: bool
    citations: list[CitationOut]
    confidence: float
    confidence_level: ConfidenceLevel
    confidence_reasons: list[str]
    suggestions: list[str]
    handoff_offered: bool
    lead_form: LeadForm | None
    language: str | None
    model: str
    usage: Usage
    latency_ms: Latency
    read_as: ReadAs | None = None
    created_at: str
    limit_reached: ReachedName | None


class VisitorMessage(BaseModel):
    """One turn as a visitor sees it; `position` counts from 0, `author` is the name a person writes under."""

    id: str
    position: int
    role: Literal["user", "assistant", "agent", "system"]
    content: str
    author: str | None
    citations: list[CitationOut]
    answered: bool | None
    feedback: dict[str, Any] | None
    attachments: list[AttachmentOut] = Field(default_factory=list)
    created_at: str


class FileSent(BaseModel):
    """The message that a file has become, and where it is."""

    conversation_id: str
    message: VisitorMessage


class VisitorConversation(BaseModel):
    """A conversation as its visitor sees it."""

    id: str
    status: Status
    subject: str | None
    language: str | None
    message_count: int
    last_message: LastMessage | None
    created_at: str
    updated_at: str


class VisitorConversationWithMessages(VisitorConversation):
    """With what was said: the newest 200 messages, in order."""

    messages: list[VisitorMessage]


class VisitorConversationList(BaseModel):
    """One page of a visitor's own conversations, begun last first."""

    data: list[VisitorConversation]
    next_cursor: str | None
    has_more: bool


class FilesTaken(BaseModel):
    """Whether a visitor may send files, and which."""

    enabled: bool
    max_bytes: int = FILE_MAX_BYTES
    max_per_conversation: int = FILES_PER_CONVERSATION


class PublicConfig(BaseModel):
    """All that a window needs to show itself. Of a widget that is switched off, `enabled` and `version` alone."""

    enabled: bool
    version: int
    widget_id: str | None = None
    branding: Branding | None = None
    launcher: Launcher | None = None
    content: Content | None = None
    behavior: Behavior | None = None
    lead_capture: LeadCapture | None = None
    handoff: Handoff | None = None
    attachments: FilesTaken | None = None
    identity: Literal["off", "optional", "required"] | None = None
    message_max_chars: int | None = None


def public_config(widget: Widget, configuration: Configuration) -> PublicConfig:
    """The part of a configuration that anybody may read."""
    if not configuration.enabled:
        return PublicConfig(enabled=False, version=widget.version)
    branding = configuration.branding
    colors = branding.colors.model_copy(update={"on_primary": on_primary(branding.colors)})
    return PublicConfig(
        enabled=True,
        version=widget.version,
        widget_id=widget.id,
        branding=branding.model_copy(update={"colors": colors}),
        launcher=configuration.launcher,
        content=configuration.content,
        behavior=configuration.behavior,
        lead_capture=configuration.lead_capture,
        handoff=configuration.handoff,
        attachments=FilesTaken(enabled=configuration.attachments.enabled),
        identity=configuration.security.identity,
        message_max_chars=MESSAGE_MAX_CHARS,
    )


def conversation_fields(row: Conversation) -> dict[str, Any]:
    """The row as its visitor sees it."""
    same = ("id", "status", "subject", "language", "message_count", "last_message")
    return {
        **{name: getattr(row, name) for name in same},
        "created_at": to_wire(row.created_at),
        "updated_at": to_wire(row.updated_at),
    }


def visitor_message(message: MessageOut, *, position: int) -> VisitorMessage:
    """A turn as its visitor sees it: without its probability, and without the ids of those who work here."""
    author = message.author
    return VisitorMessage.model_validate(
        {
            **message.model_dump(include=SHOWN_TO_VISITORS),
            "position": position,
            "author": None if author is None or author.startswith(("usr_", "key_")) else author,
        }
    )


class TypingIn(Part):
    """Body of `POST …/typing`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"conversation_id": "conv_01HW…"}]})

    conversation_id: Annotated[str, Field(min_length=1, max_length=64)]
