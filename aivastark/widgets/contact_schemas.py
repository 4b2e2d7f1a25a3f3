"""What visitors send and see when they leave their address, ask for a person, or rate an answer."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from aivastark.conversations.schemas import COMMENT_MAX_CHARS, NOTE_MAX_CHARS
from aivastark.leads.schemas import Email, Name, Phone
from aivastark.leads.triggers import TriggerType
from aivastark.widgets.configuration import LEAD_FIELDS_MAX, FieldKey
from aivastark.widgets.parts import Part, Words
from aivastark.widgets.public_schemas import ConversationBrief, Page, VisitorMessage

OwnConversation = Annotated[str, Field(min_length=1, max_length=64)]
Answer = Annotated[Words, Field(max_length=2_000)]


class VisitorLeadIn(Part):
    """Body of `POST …/leads`: the form as it was filled in."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"email": "visitor@example.com", "consent": True, "trigger": "manual"}]},
    )

    name: Name | None = None
    email: Email | None = None
    phone: Phone | None = None
    fields: Annotated[dict[FieldKey, Answer], Field(max_length=LEAD_FIELDS_MAX)] = Field(default_factory=dict)
    consent: StrictBool = False
    trigger: TriggerType = "manual"
    conversation_id: OwnConversation | None = None
    page: Page | None = None


class VisitorLeadOut(BaseModel):
    """That it arrived. Whether the address was known before is nobody's business here."""

    id: str
    created_at: str


class VisitorEscalationIn(Part):
    """Body of `POST …/escalate`; without `conversation_id` the conversation under way is meant."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"note": "It is about an old order."}]})

    conversation_id: OwnConversation | None = None
    note: Annotated[Words, Field(max_length=NOTE_MAX_CHARS)] | None = None


class VisitorEscalationOut(BaseModel):
    """Who has the conversation now, what the visitor is told, and when people are there."""

    conversation: ConversationBrief
    message: VisitorMessage | None
    within_business_hours: bool
    opens_at: str | None


class VisitorFeedbackIn(Part):
    """Body of `POST …/feedback`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"message_id": "msg_01HW…", "rating": "up"}]}
    )

    message_id: Annotated[str, Field(min_length=1, max_length=64)]
    rating: Literal["up", "down"]
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=COMMENT_MAX_CHARS)] | None = None


class VisitorFeedbackOut(BaseModel):
    """The rating as it is kept."""

    message_id: str
    rating: Literal["up", "down"]
    comment: str | None
