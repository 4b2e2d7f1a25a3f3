"""People in the database, and their e-mail addresses in one spelling."""

import re
import unicodedata
from typing import Any

import idna
from sqlalchemy import select

from aivastark.accounts import audit
from aivastark.accounts.people_models import Membership, User
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import InvalidRequest
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id

EMAIL_MAX_CHARS = 254  # RFC 5321, the path less its brackets
LOCAL_MAX_CHARS = 64
_LOCAL = re.compile(r"[^\s\x00-\x20\x7f@\"(),:;<>\[\\\]]+")


def normal_email(given: str, *, param: str = "email") -> str:
    """One spelling of an address: lower case throughout, the domain as it is looked up. Raises `InvalidRequest`.

    Large and small letters before the `@` are told apart by a standard and by nobody else; two accounts that look
    the same would only help those who want to be taken for somebody.
    """
    local, at, domain = unicodedata.normalize("NFKC", given.strip()).rpartition("@")
    try:
        domain = idna.encode(domain.rstrip("."), uts46=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidRequest(f"{param} is not an e-mail address", param=param) from error
    email = f"{local.lower()}{at}{domain.lower()}"
    if not _LOCAL.fullmatch(local) or len(local) > LOCAL_MAX_CHARS or len(email) > EMAIL_MAX_CHARS:
        raise InvalidRequest(f"{param} is not an e-mail address", param=param)
    return email


def create_user(session: WriteSession, *, email: str, name: str, password_hash: str | None) -> User:
    """A new person; `email` is normalised."""
    now = utc_now()
    row = User(
        id=new_id("usr"),
        email=email,
        name=name,
        password_hash=password_hash,
        totp_sealed=None,
        totp_since=None,
        totp_step=0,
        recovery_codes=[],
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return row


def find_by_email(session: ReadSession, email: str) -> User | None:
    """The person with this normalised address."""
    return session.scalar(select(User).where(User.email == email))


def first_membership(session: ReadSession, user_id: str) -> Membership | None:
    """The organisation a person joined first, to begin a session in."""
    query = select(Membership).where(Membership.user_id == user_id)
    return session.scalar(query.order_by(Membership.created_at, Membership.organization_id).limit(1))


def note_of_person(session: WriteSession, user_id: str, action: str, details: dict[str, Any] | None = None) -> None:
    """Record what a person did with the own account in the log of every organisation it reaches."""
    for organization_id in session.scalars(select(Membership.organization_id).where(Membership.user_id == user_id)):
        audit.record(session, organization_id, user_id, action, user_id, details)
