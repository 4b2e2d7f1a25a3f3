"""What a project looks like on the wire."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from aivastark.kit.clock import to_wire
from aivastark.kit.metadata import Metadata
from aivastark.kit.numbers import JUST_A_NUMBER
from aivastark.projects.business_hours import BusinessHours
from aivastark.projects.models import Project
from aivastark.projects.privacy import ProjectPrivacy
from aivastark.projects.settings_group import Changeable, SettingsGroup

INSTRUCTIONS_MAX_CHARS = 8_000
REFUSAL_MAX_CHARS = 2_000
LANGUAGES_MAX = 50
RETENTION_MAX_DAYS = 3_650
TOPICS_MAX = 50
TOPIC_MAX_CHARS = 100

_LINE, _TEXT = r"^[^\x00-\x1f\x7f]+$", r"^[^\x00]+$"
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_LINE)]
Instructions = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=INSTRUCTIONS_MAX_CHARS, pattern=_TEXT)
]
Tone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_LINE)]
RefusalText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=REFUSAL_MAX_CHARS, pattern=_TEXT)
]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Languages = Annotated[list[Language], Field(max_length=LANGUAGES_MAX)]
Topic = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=TOPIC_MAX_CHARS, pattern=_LINE)
]
Tokens = Annotated[int, Field(ge=0, le=1_000_000_000_000), JUST_A_NUMBER]
Dollars = Annotated[str, StringConstraints(pattern=r"^\d{1,6}(\.\d{1,6})?$")]
Days = Annotated[int, Field(ge=1, le=RETENTION_MAX_DAYS), JUST_A_NUMBER]
Model = Annotated[str, StringConstraints(pattern=r"^[\w.:/@-]{1,100}$")]

_EXAMPLE: dict[str, Any] = {
    "name": "Acme support",
    "instructions": "Call customers by their first name.",
    "tone": "friendly",
    "refusal_text": "I don't know. Write to help@acme.example and we will find out.",
    "thresholds": {"answer": 0.5},
    "languages": ["en", "de"],
    "retention_days": 365,
    "handoff": {"business_hours": {"timezone": "Europe/Berlin", "weekly": {"mon": [["09:00", "17:30"]]}}},
}


class Thresholds(SettingsGroup):
    """From which confidence an answer is given; null leaves it to the calibrated default."""

    answer: Annotated[float, Field(ge=0, le=1, strict=True)] | None = None


class ProjectHandoff(SettingsGroup):
    """Whether people take conversations over, and when; a widget has settings of its own for its visitors."""

    enabled: StrictBool = Field(default=True, description="Off: who asks for a person is answered by the bot.")
    business_hours: BusinessHours | None = Field(default=None, description="null: somebody is always there.")


class ProjectAnswers(SettingsGroup):
    """How answers are given, beyond what holds for all; of use where a language model writes them."""

    length: Literal["short", "medium", "long"] = Field(default="medium", description="Of what a model writes.")
    unsupported: Literal["drop", "refuse"] = Field(
        default="drop",
        description="A sentence of a model that no passage supports is left out, or the whole answer is refused.",
    )
    forbidden_topics: Annotated[list[Topic], Field(max_length=TOPICS_MAX)] = Field(
        default_factory=list, description="Questions with these words are refused, and no answer speaks of them."
    )
    hold_failing_publish: StrictBool = Field(
        default=False, description="New content that makes an answer test fail is taken back until a person accepts it."
    )
    small_talk: StrictBool = Field(default=True, description="Greetings, thanks and the like are answered in kind.")
    clarify: StrictBool = Field(
        default=True, description="A question that several headings answer is asked back: which of them is meant."
    )


class ProjectBudget(SettingsGroup):
    """What language models may take for the project on a UTC day; null leaves it to the install's default."""

    tokens_per_day: Tokens | None = Field(default=None, description="Read and written, together.")
    cost_per_day: Dollars | None = Field(
        default=None, description='US dollars as a decimal string, such as `"2.50"`, by the prices the operator set.'
    )


class ProjectFields(BaseModel):
    """What a project can be told, each with a default of its own."""

    model_config = ConfigDict(extra="forbid")

    instructions: Instructions | None = None
    tone: Tone | None = None
    refusal_text: RefusalText | None = None
    thresholds: Annotated[Thresholds, Changeable()] | None = None
    languages: Languages | None = None
    retention_days: Days | None = None
    handoff: Annotated[ProjectHandoff, Changeable()] | None = None
    answers: Annotated[ProjectAnswers, Changeable()] | None = None
    budget: Annotated[ProjectBudget, Changeable()] | None = None
    privacy: Annotated[ProjectPrivacy, Changeable()] | None = None
    model: Model | None = None
    metadata: Metadata | None = None


class NewProject(ProjectFields):
    """Body of `POST /v1/projects`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    name: Name


class ProjectPatch(ProjectFields):
    """Body of `PATCH /v1/projects/{id}`: absent stays, `null` goes back to the default."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"thresholds": {"answer": 0.6}}]})

    name: Name = "A bot"  # never used: what is absent stays


class ThresholdsOut(BaseModel):
    """From which confidence an answer is given; null is the calibrated default."""

    answer: float | None


class ProjectOut(BaseModel):
    """One bot with its settings."""

    id: str
    organization_id: str
    name: str
    instructions: str | None
    tone: str | None
    refusal_text: str | None
    thresholds: ThresholdsOut
    languages: list[str]
    retention_days: int | None
    handoff: ProjectHandoff
    answers: ProjectAnswers
    budget: ProjectBudget
    privacy: ProjectPrivacy
    model: str | None
    metadata: dict[str, Any]
    created_at: str
    updated_at: str


class ProjectList(BaseModel):
    """A page of projects."""

    data: list[ProjectOut]
    next_cursor: str | None
    has_more: bool


def changes_of(posted: ProjectFields) -> Mapping[str, Any]:
    """Only what was sent; None, in a group of settings too, is for going back to the default."""
    sent = {name: getattr(posted, name) for name in posted.model_fields_set}
    changes = {name: value.changes() if isinstance(value, SettingsGroup) else value for name, value in sent.items()}
    if "thresholds" in changes:
        thresholds = changes.pop("thresholds")
        if thresholds is None or "answer" in thresholds:
            changes["answer_threshold"] = None if thresholds is None else thresholds["answer"]
    return changes


def handoff_of(row: Project) -> ProjectHandoff:
    """The project's own settings for hand-off, or the defaults."""
    return ProjectHandoff.model_validate(row.settings.get("handoff", {}))


def answers_of(row: Project) -> ProjectAnswers:
    """The project's own settings for answers, or the defaults."""
    return ProjectAnswers.model_validate(row.settings.get("answers", {}))


def budget_of(row: Project) -> ProjectBudget:
    """The project's own budget for language models; empty where it has none."""
    return ProjectBudget.model_validate(row.settings.get("budget", {}))


def project_out(row: Project) -> ProjectOut:
    """A row as it goes out."""
    kept = row.settings
    return ProjectOut(
        id=row.id,
        organization_id=row.organization_id,
        name=row.name,
        instructions=kept.get("instructions"),
        tone=kept.get("tone"),
        refusal_text=row.refusal_text,
        thresholds=ThresholdsOut(answer=row.answer_threshold),
        languages=kept.get("languages", []),
        retention_days=row.retention_days,
        handoff=handoff_of(row),
        answers=answers_of(row),
        budget=budget_of(row),
        privacy=ProjectPrivacy.model_validate(kept.get("privacy", {})),
        model=kept.get("model"),
        metadata=kept.get("metadata", {}),
        created_at=to_wire(row.created_at),
        updated_at=to_wire(row.updated_at),
    )
