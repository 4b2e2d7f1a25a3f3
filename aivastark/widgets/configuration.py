"""What a widget can be told, field by field: every one has a default, a limit, and a sentence when it is wrong."""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from aivastark.kit.numbers import JUST_A_NUMBER
from aivastark.projects.business_hours import BusinessHours
from aivastark.widgets.origins import checked_domain
from aivastark.widgets.parts import Part, Words, checked_url

STARTERS_MAX = 10
RULES_MAX = 20
LEAD_FIELDS_MAX = 20
OPTIONS_MAX = 50
WORDS_MAX = 50
STRINGS_MAX = 200
DOMAINS_MAX = 100
COUNT_MAX = 10_000_000

Colour = Annotated[str, StringConstraints(pattern=r"^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")]
FontFamily = Annotated[str, StringConstraints(pattern=r"^[\w ,'\"-]{1,200}$")]
HttpsUrl = Annotated[str, Field(max_length=2_048), AfterValidator(checked_url)]
Short = Annotated[Words, Field(min_length=1, max_length=120)]
Sentence = Annotated[Words, Field(min_length=1, max_length=500)]
Locale = Annotated[str, StringConstraints(pattern=r"^(auto|[a-z]{2,3}(-[A-Za-z0-9]{2,8})*)$", max_length=35)]
StringKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.]{1,64}$")]
FieldKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Count = Annotated[int, Field(ge=0, le=COUNT_MAX), JUST_A_NUMBER]
Pixels = Annotated[int, Field(ge=0, le=200), JUST_A_NUMBER]


class Colors(Part):
    """As #rgb or #rrggbb. Without `on_primary` the more legible of black and white is taken."""

    primary: Colour = "#1f5eff"
    on_primary: Colour | None = None
    background: Colour = "#ffffff"
    text: Colour = "#1b1f24"


class Branding(Part):
    """How it looks."""

    title: Short | None = None
    colors: Colors = Field(default_factory=Colors)
    theme: Literal["auto", "light", "dark"] = "auto"
    radius: Annotated[int, Field(ge=0, le=32), JUST_A_NUMBER] = 12
    font_family: FontFamily | None = None
    font_size: Annotated[int, Field(ge=12, le=20), JUST_A_NUMBER] = 15
    logo_url: HttpsUrl | None = None
    avatar_url: HttpsUrl | None = None
    show_powered_by: StrictBool = True


class Launcher(Part):
    """The button that opens it."""

    icon: Literal["chat", "question", "message", "headset"] = "chat"
    icon_url: HttpsUrl | None = None
    position: Literal["bottom-right", "bottom-left"] = "bottom-right"
    label: Short | None = None
    offset_x: Pixels = 20
    offset_y: Pixels = 20
    size: Annotated[int, Field(ge=44, le=96), JUST_A_NUMBER] = 56
    open_on_load: StrictBool = False


class Content(Part):
    """What it says. `strings` replaces any of the window's own words by their key."""

    greeting: Sentence = "Hello! How can I help you?"
    placeholder: Short = "Ask a question…"
    starters: Annotated[list[Short], Field(max_length=STARTERS_MAX)] = Field(default_factory=list)
    locale: Locale = "auto"
    strings: Annotated[dict[StringKey, Sentence], Field(max_length=STRINGS_MAX)] = Field(default_factory=dict)


class ProactiveRule(Part):
    """When the window speaks first: on pages whose path begins with one of `paths` (none = on all)."""

    trigger: Literal["time_on_page", "scroll", "exit_intent", "page_views"]
    value: Annotated[int, Field(ge=0, le=86_400), JUST_A_NUMBER] = 0
    """Seconds, per cent or pages, as the trigger needs."""
    paths: Annotated[list[Annotated[Words, Field(pattern=r"^/", max_length=200)]], Field(max_length=50)] = Field(
        default_factory=list
    )
    message: Sentence
    once_per: Literal["page", "session", "visitor"] = "session"

    @model_validator(mode="after")
    def _value_fits(self) -> "ProactiveRule":
        if self.trigger == "scroll" and self.value > 100:
            raise ValueError("value is a per cent of the page for trigger=scroll, 100 at most")
        return self


class Behavior(Part):
    """What it does."""

    proactive: Annotated[list[ProactiveRule], Field(max_length=RULES_MAX)] = Field(default_factory=list)
    show_citations: StrictBool = True
    feedback: StrictBool = True
    suggestions: StrictBool = True


class LeadTrigger(Part):
    """When the form is shown: after so many messages, at a word, after so many seconds of silence, or on demand."""

    type: Literal["message_count", "keyword", "idle", "manual"]
    count: Annotated[int, Field(ge=1, le=1_000), JUST_A_NUMBER] | None = None
    words: Annotated[list[Short], Field(max_length=WORDS_MAX)] = Field(default_factory=list)
    seconds: Annotated[int, Field(ge=5, le=86_400), JUST_A_NUMBER] | None = None

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> "LeadTrigger":
        needed = {"message_count": "count", "keyword": "words", "idle": "seconds", "manual": None}[self.type]
        if needed is not None and not getattr(self, needed):
            raise ValueError(f"{needed} is required for type={self.type}")
        return self


class LeadField(Part):
    """One field of the form. The keys `name`, `email` and `phone` become the lead's own fields."""

    key: FieldKey
    label: Short
    type: Literal["text", "email", "phone", "textarea", "select"] = "text"
    required: StrictBool = False
    options: Annotated[list[Short], Field(max_length=OPTIONS_MAX)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _options_go_with_select(self) -> "LeadField":
        if (self.type == "select") != bool(self.options):
            raise ValueError("options are required for type=select, and only there")
        return self


class ConsentQuestion(Part):
    """The box a visitor ticks before anything is sent."""

    required: StrictBool = False
    text: Sentence = "I agree that you may contact me about my question."
    url: HttpsUrl | None = None


class LeadCapture(Part):
    """The form that asks who is asking."""

    enabled: StrictBool = False
    title: Short = "How can we reach you?"
    triggers: Annotated[list[LeadTrigger], Field(max_length=RULES_MAX)] = Field(
        default_factory=lambda: [LeadTrigger(type="manual")]
    )
    fields: Annotated[list[LeadField], Field(min_length=1, max_length=LEAD_FIELDS_MAX)] = Field(
        default_factory=lambda: [
            LeadField(key="name", label="Name"),
            LeadField(key="email", label="E-mail", type="email", required=True),
        ]
    )
    consent: ConsentQuestion = Field(default_factory=ConsentQuestion)

    @model_validator(mode="after")
    def _reaches_somebody(self) -> "LeadCapture":
        keys = [field.key for field in self.fields]
        if len(set(keys)) < len(keys):
            raise ValueError("two fields have the same key")
        if not {"email", "phone"} & set(keys):
            raise ValueError("fields need email or phone: somebody is to be reached")
        return self


class Handoff(Part):
    """When a person can be asked for. Without `business_hours`: always."""

    enabled: StrictBool = True
    offer_on_low_confidence: StrictBool = True
    business_hours: BusinessHours | None = None
    away_message: Sentence = "Nobody is here right now. Leave your address and we will write to you."


class Attachments(Part):
    """Whether visitors may send pictures, PDFs and plain text, for people to look at."""

    enabled: StrictBool = False


class Security(Part):
    """Where it may be embedded, and whether its visitors must be known. No domain = localhost alone."""

    allowed_domains: Annotated[
        list[Annotated[str, Field(max_length=260), AfterValidator(checked_domain)]], Field(max_length=DOMAINS_MAX)
    ] = Field(default_factory=list)
    identity: Literal["off", "optional", "required"] = "off"


class LimitSentences(Part):
    """What a visitor reads when a limit is reached."""

    messages_per_conversation: Sentence = "This conversation has become long. Please start a new one."
    conversations_per_visitor_day: Sentence = "You have started many conversations today. Please come back tomorrow."
    messages_per_day: Sentence = "I have answered a great many questions today. Please come back tomorrow."
    plan: Sentence = "I cannot answer questions at the moment. Please try again later."
    """For when the organisation's questions of the month are used up: its plan is nothing a visitor should read of."""


class Limits(Part):
    """How much may be asked; a day is a UTC day, 0 means no limit."""

    messages_per_conversation: Count = 100
    conversations_per_visitor_day: Count = 20
    messages_per_day: Count = 5_000
    sentences: LimitSentences = Field(default_factory=LimitSentences)


class Configuration(Part):
    """All of it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Shop",
                    "branding": {"colors": {"primary": "#0a7d4f"}},
                    "content": {
                        "greeting": "Hi! Ask me anything about your order.",
                        "starters": ["Where is my parcel?"],
                    },
                    "security": {"allowed_domains": ["shop.example.com", "*.example.com"]},
                }
            ]
        },
    )

    name: Short
    enabled: StrictBool = True
    branding: Branding = Field(default_factory=Branding)
    launcher: Launcher = Field(default_factory=Launcher)
    content: Content = Field(default_factory=Content)
    behavior: Behavior = Field(default_factory=Behavior)
    lead_capture: LeadCapture = Field(default_factory=LeadCapture)
    handoff: Handoff = Field(default_factory=Handoff)
    attachments: Attachments = Field(default_factory=Attachments)
    security: Security = Field(default_factory=Security)
    limits: Limits = Field(default_factory=Limits)
