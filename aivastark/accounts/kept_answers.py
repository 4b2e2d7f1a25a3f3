"""Answers kept for an `Idempotency-Key`, a day long: taking a key, keeping an answer, handing it out again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import ColumnElement, LargeBinary, and_, bindparam, delete, select, text, update

from aivastark.accounts.models import KeptAnswer
from aivastark.database import Moment, WriteSession
from aivastark.errors import InProgress, KeyReused
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id

KEPT_FOR = timedelta(hours=24)
LEASE_S = 60.0

_TAKE = text(
    # The unique key decides who is first, also between processes.
    """
    INSERT INTO kept_answers (bucket, key, actor_id, fingerprint, lease, leased_until, headers, created_at)
    VALUES (:bucket, :key, :actor_id, :fingerprint, :lease, :leased_until, '{}', :created_at)
    ON CONFLICT (bucket, key) DO NOTHING
    RETURNING lease
    """
).bindparams(
    bindparam("fingerprint", type_=LargeBinary),
    bindparam("leased_until", type_=Moment),
    bindparam("created_at", type_=Moment),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """The right to do the work of a key: ours as long as `lease` stands in its row."""

    bucket: str
    key: str
    lease: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """Either a ticket to do the work, or the answer it was given before (`body` None: it was not kept)."""

    ticket: Ticket | None = None
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


def claim(session: WriteSession, bucket: str, key: str, *, actor_id: str, fingerprint: bytes) -> Claimed:
    """Take the key, or find what it was answered. Raises `InProgress` and `KeyReused`.

    Another caller of the same project is refused, not answered: it may not be allowed to see what the first one was.
    """
    now = utc_now()
    ticket = Ticket(bucket=bucket, key=key, lease=new_id("req"))
    taken = {
        "actor_id": actor_id,
        "fingerprint": fingerprint,
        "lease": ticket.lease,
        "leased_until": now + timedelta(seconds=LEASE_S),
        "created_at": now,
    }
    if session.execute(_TAKE, {"bucket": bucket, "key": key, **taken}).first() is not None:
        return Claimed(ticket=ticket)
    this = and_(KeptAnswer.bucket == bucket, KeptAnswer.key == key)
    row = session.scalars(select(KeptAnswer).where(this)).one()
    runs = row.status is None and row.leased_until > now
    if not runs and row.created_at <= now - KEPT_FOR:
        return _take_over(session, row, ticket, {**taken, "status": None, "headers": {}, "body": None})
    if (row.actor_id, row.fingerprint) != (actor_id, fingerprint):
        raise KeyReused
    if runs:
        raise InProgress
    if row.status is None:  # whoever had it died
        return _take_over(session, row, ticket, {**taken, "created_at": row.created_at})
    return Claimed(status=row.status, headers=row.headers, body=row.body)


def keep(session: WriteSession, ticket: Ticket, *, status: int, headers: Mapping[str, str], body: bytes | None) -> None:
    """The work is done, and this was its answer. Nothing happens when another one took the key over."""
    done = update(KeptAnswer).where(_ours(ticket)).values(status=status, headers=dict(headers), body=body)
    session.execute(done.execution_options(synchronize_session=False))


def let_go(session: WriteSession, ticket: Ticket) -> None:
    """The work was not done: the same key may try again."""
    session.execute(delete(KeptAnswer).where(_ours(ticket)).execution_options(synchronize_session=False))


def renew(session: WriteSession, ticket: Ticket) -> None:
    """Hold the key for another while."""
    held = update(KeptAnswer).where(_ours(ticket)).values(leased_until=utc_now() + timedelta(seconds=LEASE_S))
    session.execute(held.execution_options(synchronize_session=False))


def forget_old_answers(session: WriteSession) -> None:
    """Drop what was kept for a day."""
    old = delete(KeptAnswer).where(KeptAnswer.created_at <= utc_now() - KEPT_FOR, KeptAnswer.leased_until <= utc_now())
    session.execute(old.execution_options(synchronize_session=False))


def forget_answers(session: WriteSession, *buckets: str) -> None:
    """Drop the words of every answer kept for these projects or organisations, and keep that they were given.

    For the erasure of what a visitor said: whoever asks again with such a key learns that it was done.
    """
    said = update(KeptAnswer).where(KeptAnswer.bucket.in_(buckets), KeptAnswer.status.is_not(None)).values(body=None)
    session.execute(said.execution_options(synchronize_session=False))


def _take_over(session: WriteSession, row: KeptAnswer, ticket: Ticket, values: Mapping[str, object]) -> Claimed:
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return Claimed(ticket=ticket)


def _ours(ticket: Ticket) -> ColumnElement[bool]:
    """The row, as long as it is this ticket's and still under way."""
    return and_(
        KeptAnswer.bucket == ticket.bucket,
        KeptAnswer.key == ticket.key,
        KeptAnswer.lease == ticket.lease,
        KeptAnswer.status.is_(None),
    )
