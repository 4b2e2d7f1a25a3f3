"""HTTP for analytics: overview, volume, sources, gaps."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from aivastark.analytics.count import BUCKETS_MAX, SECONDS, Interval, Period, overview, used_sources, volume
from aivastark.analytics.gaps import Gap, GapStatus, gathered, open_questions, settle_gap
from aivastark.analytics.schemas import (
    GapExample,
    GapOut,
    GapPatch,
    GapsOut,
    OverviewOut,
    PeriodOut,
    SourcesOut,
    VolumeOut,
)
from aivastark.errors import InvalidRequest
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.moments import SentMoment
from aivastark.projects.endpoints import Here, in_project

DEFAULT_DAYS = 30
PERIOD_MAX = timedelta(days=731)
GAPS_MAX = 100
EXAMPLES_MAX = 5

router = APIRouter(prefix="/v1/projects/{project_id}/analytics", tags=["Analytics"])

Reading = Annotated[Here, Depends(in_project("analytics"))]
Writing = Annotated[Here, Depends(in_project("analytics", write=True))]
Since = Annotated[SentMoment | None, Query(alias="from", description="Counted from here on. [default: 30 days ago]")]
Until = Annotated[SentMoment | None, Query(alias="to", description="Counted before this. [default: now]")]


@router.get("/overview", operation_id="getAnalyticsOverview", summary="A period at a glance")
async def get_overview(here: Reading, since: Since = None, until: Until = None) -> OverviewOut:
    """Conversations with their outcomes, answers, confidence, speed, and tokens."""
    period = period_of(since, until)
    counted = await here.backends.db.read(lambda session: overview(session, here.project_id, period))
    return OverviewOut.model_validate({"period": period_out(period), **counted})


@router.get("/volume", operation_id="getAnalyticsVolume", summary="Questions and answers over time")
async def get_volume(here: Reading, since: Since = None, until: Until = None, interval: Interval = "day") -> VolumeOut:
    """Per hour or day (UTC); a stretch without any question is there with zeros."""
    period = period_of(since, until)
    if (period.until - period.since).total_seconds() / SECONDS[interval] > BUCKETS_MAX:
        raise InvalidRequest(f"that would be more than {BUCKETS_MAX} buckets: take days", param="interval")
    buckets = await here.backends.db.read(lambda session: volume(session, here.project_id, period, interval=interval))
    wired: list[dict[str, Any]] = [{**bucket, "start": to_wire(bucket["start"])} for bucket in buckets]
    return VolumeOut.model_validate({"period": period_out(period), "data": wired})


@router.get("/sources", operation_id="getAnalyticsSources", summary="How often each source is cited")
async def get_sources(here: Reading, since: Since = None, until: Until = None) -> SourcesOut:
    """The most cited first; what is never cited stands at the end."""
    period = period_of(since, until)
    rows = await here.backends.db.read(lambda session: used_sources(session, here.project_id, period))
    wired = [{**row, "last_cited_at": row["last_cited_at"] and to_wire(row["last_cited_at"])} for row in rows]
    return SourcesOut.model_validate({"period": period_out(period), "data": wired})


@router.get("/gaps", operation_id="listGaps", summary="What the knowledge lacks")
async def get_gaps(
    here: Reading,
    since: Since = None,
    until: Until = None,
    status: GapStatus = "open",
    limit: Annotated[int, Query(ge=1, le=GAPS_MAX, description="Gaps to show.")] = 20,
) -> GapsOut:
    """Questions refused or answered with low confidence, gathered by meaning, the most asked first."""
    period = period_of(since, until)
    questions = await here.backends.db.read(
        lambda session: open_questions(session, here.project_id, status=status, since=period.since, until=period.until)
    )
    gaps = gathered(questions, here.backends.embedder.model_id)
    return GapsOut(
        period=period_out(period), questions=len(questions), data=[_gap(gap, status=status) for gap in gaps[:limit]]
    )


@router.patch("/gaps/{gap_id}", operation_id="updateGap", summary="Settle a gap")
async def patch_gap(
    here: Writing,
    gap_id: Annotated[str, Path(description="The gap's id, `gap_…`.", max_length=64)],
    body: GapPatch,
) -> GapOut:
    """Mark its questions, and those like them, as answered (a source or a pinned answer has it now) or dismissed."""
    model_id = here.backends.embedder.model_id
    gap = await here.backends.db.write(
        lambda session: settle_gap(session, here.project_id, gap_id, model_id=model_id, status=body.status)
    )
    return _gap(gap, status=body.status)


def period_of(since: datetime | None, until: datetime | None) -> Period:
    """What was asked for, or the last 30 days. Raises `InvalidRequest`."""
    end = _aware(until, "to") or utc_now()
    try:
        begin = _aware(since, "from") or end - timedelta(days=DEFAULT_DAYS)
    except OverflowError as error:
        raise InvalidRequest("to lies too early for a period before it", param="to") from error
    if begin >= end:
        raise InvalidRequest("from must lie before to", param="from")
    if end - begin > PERIOD_MAX:
        raise InvalidRequest(f"a period has {PERIOD_MAX.days} days at most", param="from")
    return Period(since=begin, until=end)


def _aware(moment: datetime | None, param: str) -> datetime | None:
    """A time without a zone is taken as UTC."""
    if moment is None or moment.tzinfo is None:
        return None if moment is None else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidRequest(f"{param} is a time between the years 1 and 9999", param=param) from error


def period_out(period: Period) -> PeriodOut:
    """As it goes out."""
    return PeriodOut.model_validate({"from": to_wire(period.since), "to": to_wire(period.until)})


def _gap(gap: Gap, *, status: GapStatus) -> GapOut:
    first, last = gap.questions[0], gap.questions[-1]
    different = list({one.question.casefold(): one for one in reversed(gap.questions)}.values())
    return GapOut(
        id=gap.id,
        question=first.question,
        count=len(gap.questions),
        refused=sum(not one.answered for one in gap.questions),
        mean_confidence=round(sum(one.confidence for one in gap.questions) / len(gap.questions), 4),
        languages=dict(Counter(one.language or "none" for one in gap.questions)),
        first_asked_at=to_wire(first.created_at),
        last_asked_at=to_wire(last.created_at),
        status=status,
        examples=[
            GapExample(
                question=one.question,
                conversation_id=one.conversation_id,
                message_id=one.message_id,
                answered=one.answered,
                confidence=one.confidence,
                created_at=to_wire(one.created_at),
            )
            for one in different[:EXAMPLES_MAX]
        ],
    )
