"""What the reliability of confidence looks like on the wire."""

from typing import Literal

from pydantic import BaseModel, Field

from aivastark.analytics.schemas import PeriodOut


class ReliabilityBin(BaseModel):
    """Judged answers whose confidence, as told, lies in the stretch; null where there are none."""

    low: float
    high: float
    answers: int
    right: int
    stated: float | None = Field(description="Their mean confidence.")
    observed: float | None = Field(description="The share of them that people found right.")
    observed_low: float | None = Field(description="Where that share lies with 95 % certainty (Wilson): from …")
    observed_high: float | None = Field(description="… to.")


class JudgedBy(BaseModel):
    """Who judged: people of the team, visitors by their rating, or a conversation closed as `confirmed`."""

    team: int
    visitor: int
    resolution: int


class ShippedBin(BaseModel):
    """A stretch of confidence on the public sets."""

    low: float
    high: float
    share: float = Field(description="Of all answers, weighted as they are for fitting.")
    stated: float | None
    observed: float | None


class ShippedCurve(BaseModel):
    """How reliable confidence is on the public question sets, for answers it was not fitted on."""

    answers: int
    auroc: float
    ece: float
    brier: float
    bins: list[ShippedBin]


class ShippedReliability(BaseModel):
    """Of answers from the documents' own sentences, and of those that scripted models chose."""

    extractive: ShippedCurve
    model: ShippedCurve


class ConfidenceMapOut(BaseModel):
    """What was made of the project's own judged answers. Only one that is `used` changes anything."""

    verdict: Literal["used", "too_few", "one_sided", "no_better"]
    slope: float
    shift: float
    graded: int
    right: int
    log_loss_before: float | None = Field(description="Of answers held out, by the shipped confidence (nats).")
    log_loss_after: float | None = Field(description="The same by the fitted one.")
    fitted_at: str


class ReliabilityOut(BaseModel):
    """What was told against what people said."""

    period: PeriodOut
    graded: int
    right: int
    by: JudgedBy
    note: str = Field(description="How much this means, in a sentence.")
    ece: float | None
    brier: float | None
    bins: list[ReliabilityBin]
    map: ConfidenceMapOut | None = Field(description="The latest refit; null while there was none.")
    shipped: ShippedReliability
