"""API keys: their form, their making, and who stands behind one.

A key is `akv_live_` + 30 random base62 characters + 6 of CRC-32 over all that stands before (the layout
GitHub published for its tokens): a mistyped key is refused without a look into the database.
"""

import hashlib
import secrets
import string
import time
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from aivastark.accounts.models import ApiKey, Organization
from aivastark.accounts.plans import Plan, resolve
from aivastark.database import Database, ReadSession, WriteSession
from aivastark.errors import NotFound
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id

SECRET_PREFIX = "akv_live_"
RANDOM_CHARS = 30
CHECKSUM_CHARS = 6
PREFIX_SHOWN_CHARS = 13
SCOPES = ("query", "sources", "conversations", "widgets", "webhooks", "leads", "analytics")
KNOWN_FOR_S = 20.0  # how long another process may go on accepting a key that was revoked here
KNOWN_MAX = 10_000
LAST_USED_EVERY = timedelta(minutes=1)

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Who calls: a key, or a person who signed in. `project_id` None means the whole organisation."""

    actor_id: str
    """`key_…` or `usr_…`: what the audit log and an agent's message name."""
    organization_id: str
    project_id: str | None
    plan: Plan
    """The organisation's, with what was agreed on otherwise."""
    scopes: frozenset[str]
    role: str | None = None
    """A person's role in the organisation; None for a key."""

    def may(self, scope: str, *, write: bool) -> bool:
        """Whether a scope reaches: `*`, the scope itself, or its `:read` form for reading."""
        if "*" in self.scopes or scope in self.scopes:
            return True
        return not write and f"{scope}:read" in self.scopes


def new_secret() -> str:
    """A fresh key in clear, 178 bits of chance."""
    body = SECRET_PREFIX + "".join(secrets.choice(_BASE62) for _ in range(RANDOM_CHARS))
    return body + _checksum(body)


def is_well_formed(secret: str) -> bool:
    """Whether a key has the right form and checksum; says nothing of whether it opens anything."""
    if len(secret) != len(SECRET_PREFIX) + RANDOM_CHARS + CHECKSUM_CHARS or not secret.isascii():
        return False
    body, checksum = secret[:-CHECKSUM_CHARS], secret[-CHECKSUM_CHARS:]
    return body.startswith(SECRET_PREFIX) and secrets.compare_digest(checksum, _checksum(body))


def create_key(
    session: WriteSession,
    *,
    organization_id: str,
    project_id: str | None,
    name: str,
    scopes: tuple[str, ...] = ("*",),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; the secret is returned here and never again."""
    secret = new_secret()
    row = ApiKey(
        id=new_id("key"),
        organization_id=organization_id,
        project_id=project_id,
        name=name,
        secret_sha256=_digest(secret),
        prefix=secret[:PREFIX_SHOWN_CHARS],
        last4=secret[-4:],
        scopes=list(scopes),
        expires_at=expires_at,
        revoked_at=None,
        last_used_at=None,
        created_at=utc_now(),
    )
    session.add(row)
    return row, secret


def list_keys(session: ReadSession, organization_id: str) -> list[ApiKey]:
    """All keys of an organisation, newest first, revoked ones too."""
    found = session.scalars(select(ApiKey).where(ApiKey.organization_id == organization_id).order_by(ApiKey.id.desc()))
    return list(found)


def revoke_key(session: WriteSession, organization_id: str, key_id: str) -> None:
    """Close a key for good; closing it twice is no error."""
    row = session.scalar(select(ApiKey).where(ApiKey.organization_id == organization_id, ApiKey.id == key_id))
    if row is None:
        raise NotFound
    row.revoked_at = row.revoked_at or utc_now()


class KeyRing:
    """Finds who stands behind a secret; remembers the answer for a short while."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    async def principal(self, secret: str) -> Principal | None:
        """Who calls with this secret; None when it is malformed, unknown, revoked or expired."""
        if not is_well_formed(secret):
            return None
        digest = _digest(secret)
        known = self._known.get(digest)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        found = await self._look_up(digest)
        if found is None:
            self._known.pop(digest, None)
            return None
        principal, expires_at = found
        known_for_s = KNOWN_FOR_S if expires_at is None else (expires_at - utc_now()).total_seconds()
        self._known[digest] = (time.monotonic() + min(KNOWN_FOR_S, known_for_s), principal)
        if len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)
        return principal

    def forget(self) -> None:
        """Called after a key was revoked here, so that it stops working at once."""
        self._known.clear()

    async def _look_up(self, digest: bytes) -> tuple[Principal, datetime | None] | None:
        """Who it is, and until when."""
        now = utc_now()
        query = (
            select(ApiKey, Organization.plan, Organization.plan_overrides)
            .join(Organization, Organization.id == ApiKey.organization_id)
            .where(ApiKey.secret_sha256 == digest)
        )
        row = await self._db.read(lambda session: session.execute(query).first())
        if row is None:
            return None
        key: ApiKey = row.ApiKey
        if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
            return None
        if key.last_used_at is None or now - key.last_used_at > LAST_USED_EVERY:
            used = update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=now)
            await self._db.write(lambda session: session.execute(used))
        principal = Principal(
            actor_id=key.id,
            organization_id=key.organization_id,
            project_id=key.project_id,
            plan=resolve(row.plan, row.plan_overrides),
            scopes=frozenset(key.scopes),
        )
        return principal, key.expires_at


def _digest(secret: str) -> bytes:
    # A plain hash is enough: the secret is random, so there is nothing to guess slowly.
    return hashlib.sha256(secret.encode()).digest()


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits.rjust(CHECKSUM_CHARS, "0")
