"""Tokens that open something once, or for a while: random, told to one person, kept as a hash."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import delete

from aivastark.accounts.people_models import Invitation, Login, OneTimeToken
from aivastark.database import WriteSession
from aivastark.errors import InvalidToken
from aivastark.kit.clock import utc_now

Purpose = Literal["claim", "sign_up", "password_reset", "email_change"]

TOKEN_BYTES = 32
TOKEN_MAX_CHARS = 100
LIVES: dict[Purpose, timedelta] = {
    "claim": timedelta(days=7),
    "sign_up": timedelta(days=1),
    "password_reset": timedelta(hours=1),
    "email_change": timedelta(hours=24),
}


def new_token() -> str:
    """256 bits of chance in 43 characters that need no escaping in an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> bytes:
    """What is kept of a token. A plain hash is enough: it is random, so there is nothing to guess slowly."""
    return hashlib.sha256(token.encode()).digest()


def issue(
    session: WriteSession, purpose: Purpose, *, user_id: str | None = None, arguments: dict[str, Any] | None = None
) -> str:
    """A token that works once. A person's newer one ends the older ones of the same purpose."""
    if user_id is not None:
        drop_tokens(session, user_id, purpose)
    token = new_token()
    now = utc_now()
    session.add(
        OneTimeToken(
            token_sha256=digest(token),
            purpose=purpose,
            user_id=user_id,
            arguments=arguments or {},
            created_at=now,
            expires_at=now + LIVES[purpose],
        )
    )
    return token


def redeem(session: WriteSession, purpose: Purpose, token: str) -> OneTimeToken:
    """Use a token up. Raises `InvalidToken`: the same for one that is unknown, used, expired or of another purpose.

    Two who come with it at the same moment: the deletion lets one through.
    """
    row = session.get(OneTimeToken, digest(token))
    if row is None or row.purpose != purpose or row.expires_at <= utc_now():
        raise InvalidToken
    used = session.execute(
        delete(OneTimeToken)
        .where(OneTimeToken.token_sha256 == row.token_sha256)
        .returning(OneTimeToken.purpose)
        .execution_options(synchronize_session=False)
    )
    if used.first() is None:
        raise InvalidToken
    session.expunge(row)
    return row


def drop_tokens(session: WriteSession, user_id: str, *purposes: Purpose) -> None:
    """End a person's unused tokens of these purposes."""
    session.execute(
        delete(OneTimeToken)
        .where(OneTimeToken.user_id == user_id, OneTimeToken.purpose.in_(purposes))
        .execution_options(synchronize_session=False)
    )


def forget_expired(session: WriteSession) -> None:
    """Drop what time has ended: one-time tokens, invitations and sessions."""
    now = utc_now()
    for model in (OneTimeToken, Invitation, Login):
        session.execute(delete(model).where(model.expires_at <= now).execution_options(synchronize_session=False))
