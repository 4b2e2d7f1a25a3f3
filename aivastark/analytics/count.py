"""Counting what was asked and how it went, in SQL that is the same on every database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, extract, func, select

from aivastark.answers.confidence import HIGH_FROM, MEDIUM_FROM
from aivastark.conversations.models import CitationRow, Conversation, Message
from aivastark.database import ReadSession
from aivastark.sources.models import Source

LATENCIES_MAX = 5_000  # the latest answers that percentiles are taken over
SOURCES_MAX = 1_000
BUCKETS_MAX = 800
CONFIDENCE_BINS = 10

Interval = Literal["hour", "day"]
SECONDS: dict[Interval, int] = {"hour": 3_600, "day": 86_400}


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """From `since` on, before `until`; both aware."""

    since: datetime
    until: datetime

    def holds(self, column: Any) -> ColumnElement[bool]:
        """Whether a time column lies in the period."""
        return and_(column >= self.since, column < self.until)


def overview(session: ReadSession, project_id: str, period: Period) -> dict[str, Any]:
    """Volumes, outcomes, confidence, latency and tokens of a period."""
    return {
        "conversations": _conversations(session, project_id, period),
        "messages": _messages(session, project_id, period),
        "confidence": _confidence(session, project_id, period),
        "latency_ms": _latency(session, project_id, period),
        "usage": _usage(session, project_id, period),
    }


def volume(session: ReadSession, project_id: str, period: Period, *, interval: Interval) -> list[dict[str, Any]]:
    """Questions, answers and refusals per hour or day (UTC), empty ones included."""
    seconds = SECONDS[interval]
    bucket = (cast(extract("epoch", Message.created_at), BigInteger) // seconds).label("bucket")
    rows = session.execute(
        select(bucket, *_outcomes(), func.count(Message.conversation_id.distinct()).label("conversations"))
        .where(Message.project_id == project_id, period.holds(Message.created_at))
        .group_by(bucket)
    )
    counted = {int(row.bucket): row for row in rows}
    first = int(period.since.timestamp()) // seconds
    last = int((period.until - timedelta(microseconds=1)).timestamp()) // seconds
    return [
        {
            "start": datetime.fromtimestamp(place * seconds, UTC),
            "conversations": counted[place].conversations if place in counted else 0,
            "questions": counted[place].questions if place in counted else 0,
            "answered": counted[place].answered if place in counted else 0,
            "refused": counted[place].refused if place in counted else 0,
            "agent_replies": counted[place].agent_replies if place in counted else 0,
        }
        for place in range(first, last + 1)
    ]


def used_sources(session: ReadSession, project_id: str, period: Period) -> list[dict[str, Any]]:
    """Every source with how often answers of the period cited it, the most cited first."""
    cited = (
        select(
            CitationRow.source_id,
            func.count().label("citations"),
            func.count(CitationRow.message_id.distinct()).label("answers"),
            func.avg(Message.confidence).label("confidence"),
            func.max(Message.created_at).label("last_cited_at"),
        )
        .join(Message, (Message.project_id == CitationRow.project_id) & (Message.id == CitationRow.message_id))
        .where(CitationRow.project_id == project_id, period.holds(Message.created_at))
        .group_by(CitationRow.source_id)
        .subquery()
    )
    rows = session.execute(
        select(Source.id, Source.type, Source.title, Source.found_title, Source.locator, cited)
        .outerjoin(cited, cited.c.source_id == Source.id)
        .where(Source.project_id == project_id, Source.status != "deleting")
        .order_by(func.coalesce(cited.c.citations, 0).desc(), Source.id.desc())
        .limit(SOURCES_MAX)
    )
    return [
        {
            "source_id": row.id,
            "type": row.type,
            "title": row.title or row.found_title or row.locator,
            "citations": row.citations or 0,
            "answers": row.answers or 0,
            "mean_confidence": row.confidence,
            "last_cited_at": row.last_cited_at,
        }
        for row in rows
    ]


def _outcomes() -> list[ColumnElement[int]]:
    def times(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    return [
        times(Message.role == "user").label("questions"),
        times(and_(Message.role == "assistant", Message.answered.is_(True))).label("answered"),
        times(and_(Message.role == "assistant", Message.answered.is_(False))).label("refused"),
        times(Message.role == "agent").label("agent_replies"),
    ]


def _conversations(session: ReadSession, project_id: str, period: Period) -> dict[str, Any]:
    row = session.execute(
        select(
            func.count().label("total"),
            func.count(Conversation.escalated_at).label("escalated"),
            func.count(Conversation.lead_id).label("with_lead"),
            func.count(Conversation.csat).label("rated"),
            func.avg(Conversation.csat).label("mean_csat"),
        ).where(Conversation.project_id == project_id, period.holds(Conversation.created_at))
    ).one()
    return {
        "total": row.total,
        "escalated": row.escalated,
        "with_lead": row.with_lead,
        "rated": row.rated,
        "mean_csat": None if row.mean_csat is None else float(row.mean_csat),
        "by_resolution": _by(session, Conversation.resolution, project_id, period),
        "by_channel": _by(session, Conversation.channel, project_id, period),
        "by_language": _by(session, Conversation.language, project_id, period),
        "by_status": _by(session, Conversation.status, project_id, period),
    }


def _by(session: ReadSession, column: Any, project_id: str, period: Period) -> dict[str, int]:
    rows = session.execute(
        select(column, func.count())
        .where(Conversation.project_id == project_id, period.holds(Conversation.created_at))
        .group_by(column)
    )
    return {row[0] or "none": row[1] for row in rows}


def _messages(session: ReadSession, project_id: str, period: Period) -> dict[str, Any]:
    row = session.execute(
        select(*_outcomes()).where(Message.project_id == project_id, period.holds(Message.created_at))
    ).one()
    replies = row.answered + row.refused
    return {
        "questions": row.questions,
        "answered": row.answered,
        "refused": row.refused,
        "agent_replies": row.agent_replies,
        "answer_rate": row.answered / replies if replies else None,
    }


def _confidence(session: ReadSession, project_id: str, period: Period) -> dict[str, Any]:
    bins = _tenth(Message.confidence).label("bin")
    rows = session.execute(
        select(bins, func.count().label("answers"), func.sum(Message.confidence).label("sum"))
        .where(
            Message.project_id == project_id,
            period.holds(Message.created_at),
            Message.role == "assistant",
            Message.confidence.is_not(None),
        )
        .group_by(bins)
    ).all()
    counts = {int(row.bin): row.answers for row in rows}
    total = sum(counts.values())
    return {
        "mean": sum(row.sum for row in rows) / total if total else None,
        "high_from": HIGH_FROM,
        "medium_from": MEDIUM_FROM,
        "histogram": [
            {"low": place / CONFIDENCE_BINS, "high": (place + 1) / CONFIDENCE_BINS, "answers": counts.get(place, 0)}
            for place in range(CONFIDENCE_BINS)
        ],
    }


def _tenth(confidence: Any) -> ColumnElement[int]:
    """Which tenth, by comparison: rounding differs between databases."""
    return case(
        *((confidence < (place + 1) / CONFIDENCE_BINS, place) for place in range(CONFIDENCE_BINS)),
        else_=CONFIDENCE_BINS - 1,
    )


def _latency(session: ReadSession, project_id: str, period: Period) -> dict[str, Any]:
    rows = session.scalars(
        select(Message.answer)
        .where(Message.project_id == project_id, period.holds(Message.created_at), Message.role == "assistant")
        .order_by(Message.created_at.desc())
        .limit(LATENCIES_MAX)
    )
    taken = sorted(answer["latency_ms"]["total"] for answer in rows if answer and "latency_ms" in answer)
    return {"p50": _percentile(taken, 0.5), "p95": _percentile(taken, 0.95), "measured": len(taken)}


def _percentile(values: list[float], share: float) -> float | None:
    return values[min(len(values) - 1, int(share * len(values)))] if values else None


def _usage(session: ReadSession, project_id: str, period: Period) -> dict[str, int]:
    used = Message.answer["usage"]
    row = session.execute(
        select(
            func.coalesce(func.sum(used["input_tokens"].as_integer()), 0).label("input"),
            func.coalesce(func.sum(used["output_tokens"].as_integer()), 0).label("output"),
        ).where(Message.project_id == project_id, period.holds(Message.created_at), Message.role == "assistant")
    ).one()
    return {"input_tokens": int(row.input), "output_tokens": int(row.output)}
