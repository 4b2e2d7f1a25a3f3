"""Being signed in: a random token in a cookie, its hash in the database, and what guards against forged requests.

A session ends after a week without a request, and after thirty days in any case.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from aivastark.accounts import tokens
from aivastark.accounts.keys import Principal
from aivastark.accounts.models import Organization
from aivastark.accounts.people import first_membership
from aivastark.accounts.people_models import Login, Membership
from aivastark.accounts.plans import PLANS, resolve
from aivastark.accounts.roles import SCOPES_OF
from aivastark.database import Database, ReadSession, WriteSession
from aivastark.errors import NotFound
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id

COOKIE = "aivastark_session"
IDLE = timedelta(days=7)
ABSOLUTE = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=1)
LOGINS_MAX = 50  # of one person; the oldest ends when there is another
USER_AGENT_MAX_CHARS = 300
ADDRESS_MAX_CHARS = 64
NOWHERE = ""  # stands for the organisation of someone who belongs to none: it is nobody's id


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """A person in one browser. `principal` has no scopes when the person belongs to no organisation."""

    login_id: str
    user_id: str
    csrf_token: str
    principal: Principal


def start(session: WriteSession, user_id: str, *, address: str, user_agent: str) -> tuple[Login, str]:
    """Sign a person in; the token is returned here and never again. Begins in the organisation joined first."""
    _make_room(session, user_id)
    token, now = tokens.new_token(), utc_now()
    membership = first_membership(session, user_id)
    row = Login(
        id=new_id("login"),
        user_id=user_id,
        token_sha256=tokens.digest(token),
        organization_id=None if membership is None else membership.organization_id,
        address=address[:ADDRESS_MAX_CHARS],
        user_agent=user_agent[:USER_AGENT_MAX_CHARS],
        created_at=now,
        last_seen_at=now,
        expires_at=now + ABSOLUTE,
    )
    session.add(row)
    return row, token


async def find(db: Database, secret_key: bytes, token: str) -> SignedIn | None:
    """Who is signed in with this token; None when it is unknown or its time is over."""
    if len(token) > tokens.TOKEN_MAX_CHARS:
        return None
    digest = tokens.digest(token)
    found = await db.read(lambda session: _look_up(session, digest))
    if found is None:
        return None
    login, principal = found
    now = utc_now()
    if now - login.last_seen_at > SEEN_EVERY:
        seen = update(Login).where(Login.id == login.id).values(last_seen_at=now)
        await db.write(lambda session: session.execute(seen))
    return SignedIn(
        login_id=login.id, user_id=login.user_id, csrf_token=csrf_token(secret_key, token), principal=principal
    )


def csrf_token(secret_key: bytes, token: str) -> str:
    """What a page of ours sends along to show that it read an answer of ours: bound to the session, kept nowhere."""
    mac = hmac.digest(secret_key, b"csrf\x00" + tokens.digest(token), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def list_logins(session: ReadSession, user_id: str) -> list[Login]:
    """Where a person is signed in, newest first."""
    query = select(Login).where(Login.user_id == user_id, *_alive()).order_by(Login.id.desc())
    return list(session.scalars(query))


def end(session: WriteSession, user_id: str, login_id: str) -> None:
    """Sign a person out in one browser. Raises `NotFound`."""
    row = session.get(Login, login_id)
    if row is None or row.user_id != user_id:
        raise NotFound
    session.delete(row)


def end_all(session: WriteSession, user_id: str, *, but: str | None = None) -> None:
    """Sign a person out everywhere, or everywhere else."""
    gone = delete(Login).where(Login.user_id == user_id)
    if but is not None:
        gone = gone.where(Login.id != but)
    session.execute(gone.execution_options(synchronize_session=False))


def switch(session: WriteSession, signed_in: SignedIn, organization_id: str) -> None:
    """Act in another of the person's organisations from now on. Raises `NotFound`."""
    row = session.get(Login, signed_in.login_id)
    if row is None or session.get(Membership, (organization_id, signed_in.user_id)) is None:
        raise NotFound
    row.organization_id = organization_id


def _alive() -> tuple[ColumnElement[bool], ...]:
    now = utc_now()
    return Login.expires_at > now, Login.last_seen_at > now - IDLE


def _look_up(session: ReadSession, digest: bytes) -> tuple[Login, Principal] | None:
    login = session.scalar(select(Login).where(Login.token_sha256 == digest, *_alive()))
    if login is None:
        return None
    place = session.execute(
        select(Membership.role, Organization.plan, Organization.plan_overrides)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Membership.organization_id == login.organization_id, Membership.user_id == login.user_id)
    ).first()
    if place is None:
        return login, Principal(
            actor_id=login.user_id,
            organization_id=NOWHERE,
            project_id=None,
            plan=PLANS["starter"],
            scopes=frozenset(),
            role="none",
        )
    return login, Principal(
        actor_id=login.user_id,
        organization_id=str(login.organization_id),
        project_id=None,
        plan=resolve(place.plan, place.plan_overrides),
        scopes=SCOPES_OF[place.role],
        role=place.role,
    )


def _make_room(session: WriteSession, user_id: str) -> None:
    kept: list[str] = list(
        session.scalars(
            select(Login.id).where(Login.user_id == user_id).order_by(Login.id.desc()).limit(LOGINS_MAX - 1)
        )
    )
    session.execute(
        delete(Login)
        .where(Login.user_id == user_id, Login.id.not_in(kept))
        .execution_options(synchronize_session=False)
    )


def ends_at(login: Login) -> datetime:
    """When the session ends unless it is used."""
    return min(login.expires_at, login.last_seen_at + IDLE)
