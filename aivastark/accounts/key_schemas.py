"""What API keys look like on the wire."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from aivastark.accounts.keys import SCOPES
from aivastark.accounts.models import ApiKey
from aivastark.errors import InvalidRequest
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.moments import SentZonedMoment
from aivastark.kit.numbers import JUST_A_NUMBER

OVERLAP_DEFAULT_S = 86_400
OVERLAP_MAX_S = 604_800
EXPIRES_BEFORE = datetime(9999, 1, 1, tzinfo=UTC)  # no conversion between zones leaves the calendar
SCOPES_MAX = 2 * len(SCOPES) + 1

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Scope = Annotated[str, StringConstraints(pattern=rf"^(\*|({'|'.join(SCOPES)})(:read)?)$")]


class NewKey(BaseModel):
    """Body of `POST …/api-keys`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "web site", "scopes": ["query", "sources:read"]}]}
    )

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=SCOPES_MAX)] = Field(default_factory=lambda: ["*"])
    expires_at: SentZonedMoment | None = None

    def end(self) -> datetime | None:
        """When it expires. Raises `InvalidRequest` for a time that has passed."""
        if self.expires_at is None:
            return None
        if not utc_now() < self.expires_at < EXPIRES_BEFORE:
            raise InvalidRequest("expires_at is a time in the future, before the year 9999", param="expires_at")
        return self.expires_at


class KeyPatch(BaseModel):
    """Body of `PATCH …/api-keys/{id}`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "the shop's web site"}]})

    name: Name


class Rotation(BaseModel):
    """Body of `POST …/api-keys/{id}/rotate`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"overlap_seconds": 3600}]})

    overlap_seconds: Annotated[int, Field(ge=0, le=OVERLAP_MAX_S), JUST_A_NUMBER] = OVERLAP_DEFAULT_S

    @property
    def overlap(self) -> timedelta:
        """How long the old key goes on working."""
        return timedelta(seconds=self.overlap_seconds)


USUAL_OVERLAP = Rotation()


class KeyOut(BaseModel):
    """A key without its secret; `key` is what of it is kept readable."""

    id: str
    organization_id: str
    project_id: str | None
    name: str
    key: str
    scopes: list[str]
    created_by: str | None
    replaces: str | None
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    created_at: str


class KeyMade(KeyOut):
    """A key just made: the only time its secret is told."""

    secret: str


class KeyList(BaseModel):
    """A page of keys."""

    data: list[KeyOut]
    next_cursor: str | None
    has_more: bool


def key_out(row: ApiKey) -> KeyOut:
    """A row as it goes out."""
    return KeyOut(
        id=row.id,
        organization_id=row.organization_id,
        project_id=row.project_id,
        name=row.name,
        key=f"{row.prefix}…{row.last4}",
        scopes=row.scopes,
        created_by=row.created_by,
        replaces=row.replaces,
        expires_at=_moment(row.expires_at),
        revoked_at=_moment(row.revoked_at),
        last_used_at=_moment(row.last_used_at),
        created_at=to_wire(row.created_at),
    )


def key_made(row: ApiKey, secret: str) -> KeyMade:
    """A row just made, with its secret."""
    return KeyMade(**key_out(row).model_dump(), secret=secret)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else to_wire(moment)
