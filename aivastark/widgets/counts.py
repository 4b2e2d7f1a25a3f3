"""How much a widget's visitors may ask: each limit one atomic statement, all of them or none.

What is counted is what will be answered, before it is: an answer costs, and two questions that come at the same moment
must not both be the last one allowed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select, text

from aivastark.database import ReadSession, WriteSession
from aivastark.kit.clock import utc_now
from aivastark.widgets.models import WidgetCount

FORGOTTEN_AFTER_DAYS = 90  # a conversation that was silent for so long is counted anew
FOR_EVER = 0

LimitName = Literal["messages_per_conversation", "conversations_per_visitor_day", "messages_per_day"]
ReachedName = LimitName | Literal["plan"]
"""What a visitor may have come up against: a limit of the widget, or the plan that pays for all of them."""

_TAKE = text(
    # No row comes back when the limit is reached: nothing is counted then.
    """
    INSERT INTO widget_counts (project_id, widget_id, subject, since, used, touched)
    VALUES (:project_id, :widget_id, :subject, :since, 1, :today)
    ON CONFLICT (project_id, widget_id, subject) DO UPDATE SET
      used = CASE WHEN widget_counts.since <> :since THEN 1 ELSE widget_counts.used + 1 END,
      since = :since,
      touched = :today
    WHERE widget_counts.since <> :since OR widget_counts.used < :allowed
    RETURNING used
    """
)
_GIVE_BACK = text(
    # Another day may have begun meanwhile: then there is nothing of ours in the count any more.
    """
    UPDATE widget_counts SET used = used - 1
    WHERE project_id = :project_id AND widget_id = :widget_id AND subject = :subject AND since = :since AND used > 0
    """
)
_FORGET = text("DELETE FROM widget_counts WHERE touched < :before")


@dataclass(frozen=True, kw_only=True, slots=True)
class Toll:
    """One limit that a question has to pass."""

    limit: LimitName
    subject: str
    allowed: int
    """0 means no limit."""
    daily: bool


class LimitReached(Exception):
    """A limit is used up. Raised inside the transaction, so that the others are not counted either."""

    def __init__(self, limit: LimitName) -> None:
        super().__init__(limit)
        self.limit = limit


def take(session: WriteSession, project_id: str, widget_id: str, tolls: Iterable[Toll], *, now: datetime) -> None:
    """Count one question against every limit. Raises `LimitReached` for the first that is used up."""
    today = _day(now)
    for toll in tolls:
        since = today if toll.daily else FOR_EVER
        if toll.allowed and not _passes(session, project_id, widget_id, toll.subject, toll.allowed, since, today):
            raise LimitReached(toll.limit)


def give_back(
    session: WriteSession, project_id: str, widget_id: str, tolls: Iterable[Toll], *, taken: datetime
) -> None:
    """The question that was counted at `taken` was not answered after all: uncount it."""
    for toll in tolls:
        since = _day(taken) if toll.daily else FOR_EVER
        which = {"project_id": project_id, "widget_id": widget_id, "subject": toll.subject, "since": since}
        if toll.allowed:
            session.execute(_GIVE_BACK, which)


def passes_today(
    session: WriteSession, project_id: str, widget_id: str, subject: str, *, allowed: int, now: datetime
) -> bool:
    """Count one more of a subject on this UTC day; False, and nothing counted, when there were so many already."""
    return _passes(session, project_id, widget_id, subject, allowed, _day(now), _day(now))


def until_tomorrow_s(now: datetime) -> int:
    """Seconds until the next UTC day, one at least: when what is counted by the day may be done again."""
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, int((midnight - now).total_seconds()))


def is_first(session: WriteSession, project_id: str, widget_id: str, subject: str, *, now: datetime) -> bool:
    """Whether this happens for the first time; it will not again."""
    return _passes(session, project_id, widget_id, subject, 1, FOR_EVER, _day(now))


def happened(session: ReadSession, project_id: str, widget_id: str, subjects: Iterable[str]) -> frozenset[str]:
    """Which of these subjects were counted before."""
    return frozenset(
        session.scalars(
            select(WidgetCount.subject).where(
                WidgetCount.project_id == project_id,
                WidgetCount.widget_id == widget_id,
                WidgetCount.subject.in_(tuple(subjects)),
            )
        )
    )


def forget_old_counts(session: WriteSession) -> None:
    """Drop counts that nobody touched for long, of all projects."""
    session.execute(_FORGET, {"before": _day(utc_now()) - FORGOTTEN_AFTER_DAYS})


def _passes(
    session: WriteSession, project_id: str, widget_id: str, subject: str, allowed: int, since: int, today: int
) -> bool:
    counted = {"project_id": project_id, "widget_id": widget_id, "subject": subject}
    return session.execute(_TAKE, {**counted, "since": since, "today": today, "allowed": allowed}).first() is not None


def _day(now: datetime) -> int:
    return int(now.timestamp()) // 86_400
