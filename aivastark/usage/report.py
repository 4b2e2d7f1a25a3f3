"""Usage as it is told: counts from the day book, and what is held now from the rows themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from aivastark.accounts.metering import KINDS, Kind, amounts_by_day, questions_this_month
from aivastark.database import ReadSession
from aivastark.errors import InvalidRequest
from aivastark.projects.models import Project
from aivastark.sources.models import Source

PERIOD_MAX_DAYS = 366


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Whole UTC days, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What is there now. Sources that are being deleted are not counted."""

    projects: int
    sources: int
    chunks: int
    text_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Usage of an organisation, or of one of its projects."""

    days: Mapping[str, Mapping[Kind, int]]
    totals: Mapping[Kind, int]
    held: Held
    questions_this_month: int
    """Of the whole organisation: what the plan bounds."""


def period(first: date | None, last: date | None, *, now: datetime) -> Period:
    """The days asked for; without any, this month until today. Raises `InvalidRequest`."""
    last = last or now.date()
    first = first or last.replace(day=1)
    if first > last:
        raise InvalidRequest("from is a day no later than to", param="from")
    if last - first >= timedelta(days=PERIOD_MAX_DAYS):
        raise InvalidRequest(f"from and to are at most {PERIOD_MAX_DAYS} days apart", param="from")
    return Period(first=first, last=last)


def usage_of(
    session: ReadSession, organization_id: str, days: Period, *, now: datetime, project_id: str | None = None
) -> Report:
    """What was used and what is held, in one snapshot."""
    by_day = amounts_by_day(session, organization_id, first=days.first, last=days.last, project_id=project_id)
    return Report(
        days=by_day,
        totals={kind: sum(day[kind] for day in by_day.values()) for kind in KINDS},
        held=_held(session, organization_id, project_id),
        questions_this_month=session.scalar(questions_this_month(organization_id, now)) or 0,
    )


def _held(session: ReadSession, organization_id: str, project_id: str | None) -> Held:
    ours = select(Project.id).where(Project.organization_id == organization_id)
    if project_id is not None:
        ours = ours.where(Project.id == project_id)
    projects = list(session.scalars(ours))
    sources = chunks = text_bytes = 0
    for one in projects:  # each by its own key: a project's rows are never read together with another's
        row = session.execute(
            select(func.count(), func.sum(Source.held_chunks), func.sum(Source.text_bytes)).where(
                Source.project_id == one, Source.status != "deleting"
            )
        ).one()
        sources, chunks, text_bytes = sources + row[0], chunks + (row[1] or 0), text_bytes + (row[2] or 0)
    return Held(projects=len(projects), sources=sources, chunks=chunks, text_bytes=text_bytes)
