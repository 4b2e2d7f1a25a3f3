"""Who visits a widget: tokens, whom the site vouched for, and which conversations are one's own."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from aivastark.conversations.models import Conversation
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import NotFound
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.kit.tokens import is_token, new_token
from aivastark.widgets.identity import Identity
from aivastark.widgets.models import Visitor, Widget

TOKEN_PREFIX = "akv_vis_"
TOKEN_RANDOM_CHARS = 30
TOKEN_LIFE = timedelta(days=30)  # from its last use
PROLONGED_EVERY = timedelta(days=1)  # so that most uses write nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A visitor in one call."""

    visitor_id: str
    widget_id: str
    user_id: str | None
    profile: dict[str, Any]
    expires_at: datetime

    @property
    def owner(self) -> str:
        """What a new conversation is kept under: the user the site vouched for, else this browser."""
        return self.visitor_id if self.user_id is None else f"user:{self.user_id}"

    @property
    def owners(self) -> tuple[str, ...]:
        """What this visitor's conversations are kept under: also those begun before the site said who it is."""
        return (self.visitor_id,) if self.user_id is None else (self.owner, self.visitor_id)

    @property
    def card(self) -> dict[str, Any]:
        """What the people who answer see of the visitor."""
        named = {"user_id": self.user_id, **self.profile} if self.user_id is not None else {}
        return {"id": self.visitor_id, "verified": self.user_id is not None, **named}


def begin_visit(
    session: WriteSession, widget: Widget, token: str | None, identity: Identity | None
) -> tuple[Caller, str, bool]:
    """The visitor of this token, or a new one; the token to use from now on; whether it was known.

    A token stays with the user it was first used for: another user, or nobody, becomes a new visitor, so that who
    signs in later on the same machine does not see what was said before. Becoming known changes the token, so that
    who planted or read the earlier one gains nothing.
    """
    project_id = widget.project_id
    known = find_visitor(session, project_id, widget.id, token)
    if token is not None and known is not None:
        wanted = None if identity is None else identity.user_id
        row = session.get(Visitor, (project_id, known.visitor_id), with_for_update=True)
        if row is not None and row.user_id in (None, wanted):
            if identity is not None and row.user_id is None:
                token = new_token(TOKEN_PREFIX, TOKEN_RANDOM_CHARS)
                row.token_sha256 = _digest(token)
            if identity is not None:
                row.user_id, row.profile = identity.user_id, {**row.profile, **identity.profile}
            row.expires_at = utc_now() + TOKEN_LIFE
            return _caller(row), token, True
    fresh = new_token(TOKEN_PREFIX, TOKEN_RANDOM_CHARS)
    now = utc_now()
    row = Visitor(
        project_id=project_id,
        id=new_id("vis"),
        widget_id=widget.id,
        token_sha256=_digest(fresh),
        user_id=None if identity is None else identity.user_id,
        profile={} if identity is None else dict(identity.profile),
        expires_at=now + TOKEN_LIFE,
        created_at=now,
    )
    session.add(row)
    return _caller(row), fresh, False


def find_visitor(session: ReadSession, project_id: str, widget_id: str, token: str | None) -> Caller | None:
    """Who has this token; None when it is malformed, unknown, expired or another widget's."""
    if token is None or not is_token(token, TOKEN_PREFIX, TOKEN_RANDOM_CHARS):
        return None
    row = session.scalar(
        select(Visitor).where(
            Visitor.project_id == project_id,
            Visitor.token_sha256 == _digest(token),
            Visitor.widget_id == widget_id,
            Visitor.expires_at > utc_now(),
        )
    )
    return None if row is None else _caller(row)


def needs_prolonging(caller: Caller) -> bool:
    """Whether the token's end should be moved on."""
    return caller.expires_at - utc_now() < TOKEN_LIFE - PROLONGED_EVERY


def prolong(session: WriteSession, project_id: str, caller: Caller) -> Caller:
    """Move the token's end on: it was used."""
    row = session.get(Visitor, (project_id, caller.visitor_id))
    if row is None:
        return caller
    row.expires_at = utc_now() + TOKEN_LIFE
    return replace(caller, expires_at=row.expires_at)


def own_conversations(
    session: ReadSession, project_id: str, caller: Caller, *, limit: int, after: str | None = None
) -> list[Conversation]:
    """The visitor's conversations, begun last first, at most `limit` + 1 rows: the extra one says there is more."""
    query = select(Conversation).where(
        Conversation.project_id == project_id,
        Conversation.widget_id == caller.widget_id,
        Conversation.visitor_id.in_(caller.owners),
    )
    if after is not None:
        query = query.where(Conversation.id < after)
    return list(session.scalars(query.order_by(Conversation.id.desc()).limit(limit + 1)))


def own_conversation(session: ReadSession, project_id: str, caller: Caller, conversation_id: str) -> Conversation:
    """One of the visitor's own. Raises `NotFound`, whoever else's it is."""
    row = session.get(Conversation, (project_id, conversation_id))
    if row is None or row.widget_id != caller.widget_id or row.visitor_id not in caller.owners:
        raise NotFound
    return row


def current_conversation(session: ReadSession, project_id: str, caller: Caller) -> Conversation | None:
    """The visitor's last conversation, unless it was closed."""
    last = next(iter(own_conversations(session, project_id, caller, limit=0)), None)
    return None if last is None or last.status == "closed" else last


def forget_old_visitors(session: WriteSession) -> None:
    """Drop visitors whose tokens have expired, of all projects; their conversations stay."""
    session.execute(delete(Visitor).where(Visitor.expires_at <= utc_now()))


def _caller(row: Visitor) -> Caller:
    return Caller(
        visitor_id=row.id,
        widget_id=row.widget_id,
        user_id=row.user_id,
        profile=dict(row.profile),
        expires_at=row.expires_at,
    )


def _digest(token: str) -> bytes:
    # A plain hash is enough: the token is random, so there is nothing to guess slowly.
    return hashlib.sha256(token.encode()).digest()
