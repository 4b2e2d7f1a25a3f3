"""What analytics look like on the wire."""

from pydantic import BaseModel, ConfigDict, Field

from aivastark.analytics.gaps import GapStatus


class PeriodOut(BaseModel):
    """What was counted: from `from` on, before `to`."""

    since: str = Field(alias="from")
    until: str = Field(alias="to")


class ConversationCounts(BaseModel):
    """Conversations begun in the period. A key of the tables is `none` where nothing is set."""

    total: int
    escalated: int
    with_lead: int
    rated: int
    mean_csat: float | None
    by_resolution: dict[str, int]
    by_channel: dict[str, int]
    by_language: dict[str, int]
    by_status: dict[str, int]


class MessageCounts(BaseModel):
    """Messages of the period. `answer_rate` is answered ÷ (answered + refused)."""

    questions: int
    answered: int
    refused: int
    agent_replies: int
    answer_rate: float | None


class ConfidenceBin(BaseModel):
    """Answers and refusals whose confidence lies in the stretch."""

    low: float
    high: float
    answers: int


class ConfidenceOut(BaseModel):
    """How sure the bot was; levels begin at `medium_from` and `high_from`."""

    mean: float | None
    high_from: float
    medium_from: float
    histogram: list[ConfidenceBin]


class LatencyOut(BaseModel):
    """Milliseconds until an answer stood, over the latest `measured` of the period."""

    p50: float | None
    p95: float | None
    measured: int


class TokensOut(BaseModel):
    """What language models read and wrote; zero for the extractive answerer."""

    input_tokens: int
    output_tokens: int


class OverviewOut(BaseModel):
    """A period at a glance."""

    period: PeriodOut
    conversations: ConversationCounts
    messages: MessageCounts
    confidence: ConfidenceOut
    latency_ms: LatencyOut
    usage: TokensOut


class VolumeBucket(BaseModel):
    """An hour or a day (UTC)."""

    start: str
    conversations: int
    questions: int
    answered: int
    refused: int
    agent_replies: int


class VolumeOut(BaseModel):
    """One bucket after the other, empty ones included."""

    period: PeriodOut
    data: list[VolumeBucket]


class SourceUse(BaseModel):
    """How often a source was cited."""

    source_id: str
    type: str
    title: str | None
    citations: int
    answers: int
    mean_confidence: float | None
    last_cited_at: str | None


class SourcesOut(BaseModel):
    """Every source, the most cited first."""

    period: PeriodOut
    data: list[SourceUse]


class GapExample(BaseModel):
    """One wording, and where it was asked."""

    question: str
    conversation_id: str
    message_id: str
    answered: bool
    confidence: float
    created_at: str


class GapOut(BaseModel):
    """Questions about one thing that the knowledge does not answer well."""

    id: str
    question: str
    count: int
    refused: int
    mean_confidence: float
    languages: dict[str, int]
    first_asked_at: str
    last_asked_at: str
    status: GapStatus
    examples: list[GapExample]


class GapsOut(BaseModel):
    """The most asked first. `questions` is how many were gathered."""

    period: PeriodOut
    questions: int
    data: list[GapOut]


class GapPatch(BaseModel):
    """Body of `PATCH …/analytics/gaps/{id}`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"status": "dismissed"}]})

    status: GapStatus
