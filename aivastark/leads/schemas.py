"""What a lead looks like on the wire, coming in and going out."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from aivastark.kit.clock import to_wire
from aivastark.kit.metadata import Metadata
from aivastark.kit.moments import SentZonedMoment
from aivastark.leads.models import Lead

LeadTrigger = Literal["message_count", "keyword", "idle", "manual", "api"]
LeadStage = Literal["new", "contacted", "qualified", "won", "lost"]

_ONE_LINE = r"^[^\x00-\x1f\x7f]+$"
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_ONE_LINE)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9][0-9 ()./-]{2,36}$")]
PageUrl = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4096, pattern=r"^https?://[^\s]+$")]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is a time between the years 1 and 9999") from error


class Consent(BaseModel):
    """What was agreed to: the words shown, when, and where."""

    model_config = ConfigDict(extra="forbid")

    given: StrictBool
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)] | None = None
    at: Annotated[SentZonedMoment, AfterValidator(_in_utc)] | None = Field(
        default=None, description="Now, where it is left out."
    )
    source: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None


class ConsentOut(BaseModel):
    """The same, as it is kept."""

    given: bool
    text: str | None
    at: str
    source: str | None


class LeadIn(BaseModel):
    """Body of `POST …/leads`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "A visitor",
                    "email": "visitor@example.com",
                    "fields": {"company": "Example Ltd"},
                    "consent": {"given": True, "text": "You may write to me.", "source": "contact form"},
                }
            ]
        },
    )

    name: Name | None = None
    email: Email | None = None
    phone: Phone | None = None
    fields: Metadata = Field(default_factory=dict)
    conversation_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    trigger: LeadTrigger = "api"
    stage: LeadStage = "new"
    consent: Consent | None = None
    page_url: PageUrl | None = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> "LeadIn":
        if self.email is None and self.phone is None:
            raise PydanticCustomError("source_field", "email or phone is required", {"param": "email"})
        return self


class LeadPatch(BaseModel):
    """Body of `PATCH …/leads/{id}`: JSON merge patch."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"stage": "contacted", "fields": {"company": None}}]}
    )

    name: Name | None = None
    email: Email | None = None
    phone: Phone | None = None
    fields: Annotated[dict[str, Any], Field(max_length=50)] | None = None
    stage: LeadStage = "new"
    consent: Consent | None = None
    page_url: PageUrl | None = None

    def changes(self) -> dict[str, Any]:
        """Only what was sent."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {**sent, "consent": consent_fields(self.consent)} if "consent" in sent else sent


class LeadOut(BaseModel):
    """Somebody's contact details."""

    id: str
    project_id: str
    conversation_id: str | None
    widget_id: str | None
    name: str | None
    email: str | None
    phone: str | None
    fields: dict[str, Any]
    trigger: LeadTrigger
    stage: LeadStage
    consent: ConsentOut | None
    page_url: str | None
    duplicate_of: str | None = Field(description="The lead that had the same e-mail first.")
    created_at: str
    updated_at: str


class LeadList(BaseModel):
    """One page of leads, newest first."""

    data: list[LeadOut]
    next_cursor: str | None
    has_more: bool


def consent_fields(consent: Consent | None) -> dict[str, Any] | None:
    """Consent as it is kept; whoever keeps it knows the time where none was given."""
    if consent is None:
        return None
    return {**consent.model_dump(), "at": None if consent.at is None else to_wire(consent.at)}


def lead_fields(row: Lead) -> dict[str, Any]:
    """The row as it goes out."""
    return {
        **{name: getattr(row, name) for name in LeadOut.model_fields if not name.endswith("_at")},
        "created_at": to_wire(row.created_at),
        "updated_at": to_wire(row.updated_at),
    }


def lead_out(row: Lead) -> LeadOut:
    """A lead on the wire."""
    return LeadOut.model_validate(lead_fields(row))
