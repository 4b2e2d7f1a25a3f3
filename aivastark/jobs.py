"""Work for later: a row in the transaction of the change, claimed under a lease.

A worker that dies stops renewing its lease, and the job is taken up again. A job that keeps killing its
worker is given up after `ATTEMPTS_MAX` claims; claiming moves its due time to now, so that after a crash
it stands behind those that were waiting and cannot hold them up.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Index,
    Integer,
    String,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from aivastark.database import Base, Moment, ReadSession, WriteSession
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.telemetry.tracing import TRACEPARENT, trace_headers

INSTALL = "install"  # stands for the project of work that belongs to none
LEASE_S = 20.0
HEARTBEAT_S = 5.0
ATTEMPTS_MAX = 6
CRASH_WAIT_S = 3.0  # after the second crash; growing with the square


class JobRow(Base):
    """One piece of work. `subject` names what it is about: there is at most one job for each."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("uq_jobs_project_id_subject", "project_id", "subject", unique=True),
        Index("ix_jobs_run_at", "run_at"),
    )

    project_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(160))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    run_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(Integer)
    again: Mapped[bool] = mapped_column(Boolean)
    lease: Mapped[str | None] = mapped_column(String(40))
    leased_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A claimed job: ours as long as `lease` stands in its row."""

    project_id: str
    id: str
    name: str
    subject: str
    arguments: dict[str, Any]
    attempts: int
    lease: str


class LeaseLost(Exception):
    """The job was cancelled, or another worker has it: stop, and change nothing more."""


def enqueue(
    session: WriteSession,
    project_id: str,
    name: str,
    subject: str,
    *,
    arguments: dict[str, Any] | None = None,
    run_at: datetime | None = None,
) -> None:
    """Ask for work. If the subject has a job already: a waiting one runs as soon as asked for (with
    the new arguments), a running one runs once more afterwards.
    """
    now = utc_now()
    row = session.scalar(select(JobRow).where(JobRow.project_id == project_id, JobRow.subject == subject))
    if row is None:
        enqueue_new(session, project_id, name, subject, arguments=arguments, run_at=run_at)
        return
    row.name, row.arguments = name, (arguments or {}) | trace_headers()
    if row.leased_until is not None and row.leased_until > now:
        row.again = True
    else:
        row.run_at, row.attempts, row.lease, row.leased_until = run_at or now, 0, None, None


def enqueue_new(
    session: WriteSession,
    project_id: str,
    name: str,
    subject: str,
    *,
    arguments: dict[str, Any] | None = None,
    run_at: datetime | None = None,
) -> None:
    """Ask for work on a subject that cannot have a job yet, because it was made in this transaction."""
    now = utc_now()
    session.add(
        JobRow(
            project_id=project_id,
            id=new_id("job"),
            name=name,
            subject=subject,
            arguments=(arguments or {}) | trace_headers(),
            run_at=run_at or now,
            attempts=0,
            again=False,
            lease=None,
            leased_until=None,
            created_at=now,
        )
    )


def ensure(session: WriteSession, project_id: str, name: str, subject: str, *, run_at: datetime | None = None) -> None:
    """Ask for work, now or at `run_at`, unless the subject has a job already: that one keeps its time."""
    known = select(JobRow.id).where(JobRow.project_id == project_id, JobRow.subject == subject)
    if session.scalar(known) is None:
        enqueue_new(session, project_id, name, subject, run_at=run_at)


def claim(session: WriteSession, *, names: Collection[str] | None = None) -> Job | None:
    """Take the next due job under a lease, or say there is none. None as `names` means of whatever name."""
    now = utc_now()
    lease = new_id("job")
    due = (
        select(JobRow.project_id, JobRow.id)
        .where(JobRow.run_at <= now, or_(JobRow.leased_until.is_(None), JobRow.leased_until <= now), _named(names))
        .order_by(JobRow.run_at)
        .limit(1)
    )
    if session.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    found = session.execute(due).first()  # by itself: Citus takes no pairs out of a query
    if found is None:
        return None
    row = session.execute(
        update(JobRow)
        .where(JobRow.project_id == found.project_id, JobRow.id == found.id)
        .values(
            lease=lease,
            leased_until=now + timedelta(seconds=LEASE_S),
            run_at=now,
            attempts=JobRow.attempts + 1,
        )
        .returning(JobRow.project_id, JobRow.id, JobRow.name, JobRow.subject, JobRow.arguments, JobRow.attempts)
        .execution_options(synchronize_session=False)
    ).one()
    return Job(
        project_id=row.project_id,
        id=row.id,
        name=row.name,
        subject=row.subject,
        arguments=row.arguments,
        attempts=row.attempts,
        lease=lease,
    )


def take_along(session: WriteSession, job: Job, *, limit: int) -> list[dict[str, Any]]:
    """Arguments of jobs like this one that are due in its project too: they end with this transaction."""
    like_it = (
        select(JobRow.id)
        .where(JobRow.project_id == job.project_id, JobRow.name == job.name, JobRow.run_at <= utc_now())
        .where(JobRow.leased_until.is_(None))
        .limit(limit)
    )
    ended = session.execute(
        delete(JobRow)
        .where(JobRow.project_id == job.project_id, JobRow.id.in_(like_it), JobRow.leased_until.is_(None))
        .returning(JobRow.arguments)
        .execution_options(synchronize_session=False)
    )
    return list(ended.scalars())


def heartbeat(session: WriteSession, job: Job) -> None:
    """Keep the lease for another while; raises `LeaseLost` when it is no longer ours."""
    kept = session.execute(
        update(JobRow)
        .where(_ours(job))
        .values(leased_until=utc_now() + timedelta(seconds=LEASE_S))
        .returning(JobRow.id)
        .execution_options(synchronize_session=False)
    )
    if kept.first() is None:
        raise LeaseLost(job.subject)


def hold(session: ReadSession, job: Job) -> None:
    """Raise `LeaseLost` unless the job is still ours; called first in every transaction of its work."""
    if session.scalar(select(JobRow.id).where(_ours(job))) is None:
        raise LeaseLost(job.subject)


def finish(
    session: WriteSession,
    job: Job,
    *,
    next_run_at: datetime | None = None,
    next_name: str | None = None,
    next_arguments: dict[str, Any] | None = None,
) -> bool:
    """The job is done: it goes, or waits for `next_run_at`, under another name and with other arguments if such are
    given. Says whether it was asked for meanwhile: then it runs again at once, as it was asked for.
    """
    row = session.scalar(select(JobRow).where(_ours(job)))
    if row is None:
        raise LeaseLost(job.subject)
    row.name = next_name or row.name
    if row.again:
        row.run_at, row.attempts, row.again, row.lease, row.leased_until = utc_now(), 0, False, None, None
        return True
    if next_run_at is not None:
        row.arguments = _without_trace(next_arguments or row.arguments)
        row.run_at, row.attempts, row.lease, row.leased_until = next_run_at, 0, None, None
    else:
        session.delete(row)
    return False


def _without_trace(arguments: dict[str, Any]) -> dict[str, Any]:
    """For a later run, which nobody asked for: it is no part of the trace that the first one belonged to."""
    return {name: value for name, value in arguments.items() if name != TRACEPARENT}


def postpone(session: WriteSession, job: Job, *, run_at: datetime, counts: bool = True) -> bool:
    """The job failed in a way that trying later may mend; its attempts keep counting, this one if it `counts`.

    Says whether it was asked for meanwhile: then it runs again at once, as if for the first time.
    """
    row = session.scalar(select(JobRow).where(_ours(job)))
    if row is None:
        raise LeaseLost(job.subject)
    if row.again:
        return finish(session, job)
    row.run_at, row.lease, row.leased_until = run_at, None, None
    row.attempts -= 0 if counts else 1
    return False


def release(session: WriteSession, job: Job) -> None:
    """Give a job back unfinished because its worker stops in good order: the next one need not wait for the lease."""
    session.execute(
        update(JobRow)
        .where(_ours(job))
        .values(lease=None, leased_until=None, attempts=JobRow.attempts - 1)
        .execution_options(synchronize_session=False)
    )


def release_all(session: WriteSession) -> None:
    """End every lease: called by a worker that knows it is the only one, so that their holders must be dead.

    What was under way in several crashes waits longer each time: the innocent ones are done meanwhile, and
    the one at fault cannot keep the process from ever coming up.
    """
    now = utc_now()
    for row in session.scalars(select(JobRow).where(JobRow.leased_until.is_not(None))):
        row.lease = row.leased_until = None
        row.run_at = now + timedelta(seconds=CRASH_WAIT_S * (row.attempts - 1) ** 2)


def cancel(session: WriteSession, project_id: str, subject: str) -> bool:
    """Drop the job, even a running one (its worker finds its lease gone). Says whether there was one."""
    gone = session.execute(
        delete(JobRow)
        .where(JobRow.project_id == project_id, JobRow.subject == subject)
        .returning(JobRow.id)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None


def asked_for(session: ReadSession, project_id: str, subject: str) -> dict[str, Any]:
    """What the subject's job is to know, or would if it ran once more; empty where it has none."""
    arguments = select(JobRow.arguments).where(JobRow.project_id == project_id, JobRow.subject == subject)
    return session.scalar(arguments) or {}


def next_due(session: ReadSession, *, names: Collection[str] | None = None) -> datetime | None:
    """When the next job of these names (None: of any) falls due or an abandoned lease ends."""
    due: datetime | None = session.scalar(
        select(func.min(case((JobRow.leased_until.is_(None), JobRow.run_at), else_=JobRow.leased_until))).where(
            _named(names)
        )
    )
    return due


def _named(names: Collection[str] | None) -> ColumnElement[bool]:
    return true() if names is None else JobRow.name.in_(names)


def _ours(job: Job) -> ColumnElement[bool]:
    return and_(JobRow.project_id == job.project_id, JobRow.id == job.id, JobRow.lease == job.lease)
