"""What signing in, and people's own accounts, look like on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from aivastark.accounts import logins
from aivastark.accounts.passwords import MAX_CHARS, MIN_CHARS
from aivastark.accounts.people_models import Login, User
from aivastark.accounts.schemas import Email, Name, OrganizationOut
from aivastark.accounts.tokens import TOKEN_MAX_CHARS
from aivastark.kit.clock import to_wire

Password = Annotated[str, Field(min_length=1, max_length=MAX_CHARS)]
NewPassword = Annotated[str, Field(min_length=MIN_CHARS, max_length=MAX_CHARS)]
Code = Annotated[str, StringConstraints(min_length=6, max_length=40)]
Token = Annotated[str, Field(min_length=1, max_length=TOKEN_MAX_CHARS)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignInIn(_Body):
    """Body of `POST /v1/auth/sign-in`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"email": "anna@acme.example", "password": "correct horse battery"}]},
    )

    email: Email
    password: Password
    code: Code | None = None


class SignUpIn(_Body):
    """Body of `POST /v1/auth/sign-up`."""

    email: Email
    name: Name
    organization: Name
    password: NewPassword


class TokenIn(_Body):
    """A token from a mailed link."""

    token: Token


class ClaimIn(TokenIn):
    """Body of `POST /v1/auth/claim`."""

    email: Email | None = None
    name: Name
    password: NewPassword


class AcceptIn(TokenIn):
    """Body of `POST /v1/auth/accept-invitation`; name and password only from somebody without an account."""

    name: Name | None = None
    password: NewPassword | None = None


class ResetIn(_Body):
    """Body of `POST /v1/auth/password-reset`."""

    email: Email


class ResetConfirmIn(TokenIn):
    """Body of `POST /v1/auth/password-reset/confirm`."""

    password: NewPassword


class PasswordIn(_Body):
    """Body of `POST /v1/auth/password`."""

    current_password: Password
    password: NewPassword


class EmailIn(_Body):
    """Body of `POST /v1/auth/email`."""

    email: Email
    password: Password


class EnrolIn(_Body):
    """Body of `POST /v1/auth/totp/enrol`."""

    password: Password


class ConfirmIn(_Body):
    """Body of `POST /v1/auth/totp/confirm`."""

    code: Code


class DisableIn(_Body):
    """Body of `POST /v1/auth/totp/disable`."""

    password: Password
    code: Code


class SwitchIn(_Body):
    """Body of `POST /v1/auth/switch-organization`."""

    organization_id: Annotated[str, Field(min_length=1, max_length=64)]


class MePatch(_Body):
    """Body of `PATCH /v1/auth/me`."""

    name: Name


class PersonOut(BaseModel):
    """A person's own account."""

    id: str
    email: str
    name: str
    second_factor: bool
    has_password: bool
    created_at: str


class Me(BaseModel):
    """Who is signed in, where, and the token that requests of this session carry in `X-CSRF-Token`."""

    user: PersonOut
    organization: OrganizationOut | None
    session_id: str
    csrf_token: str


class Accepted(BaseModel):
    """An invitation taken up; `csrf_token` is there when somebody new was signed in by it."""

    organization_id: str
    signed_in: bool
    csrf_token: str | None


class Mailed(BaseModel):
    """What was asked for comes by mail, where there is something to send."""

    status: str = "mailed"


class Enrolment(BaseModel):
    """The second factor's secret, for an app that scans `uri` as a QR code or takes `secret` by hand."""

    secret: str
    uri: str


class RecoveryCodes(BaseModel):
    """Each opens once in place of the app. Told here and never again."""

    recovery_codes: list[str]


class SessionOut(BaseModel):
    """One browser in which the person is signed in."""

    id: str
    current: bool
    address: str
    user_agent: str
    created_at: str
    last_seen_at: str
    expires_at: str


class SessionList(BaseModel):
    """All of them; there is one page."""

    data: list[SessionOut]
    next_cursor: str | None
    has_more: bool


def person_out(user: User) -> PersonOut:
    """A row as it goes out."""
    return PersonOut(
        id=user.id,
        email=user.email,
        name=user.name,
        second_factor=user.totp_since is not None,
        has_password=user.password_hash is not None,
        created_at=to_wire(user.created_at),
    )


def session_out(row: Login, current_id: str) -> SessionOut:
    """A row as it goes out."""
    return SessionOut(
        id=row.id,
        current=row.id == current_id,
        address=row.address,
        user_agent=row.user_agent,
        created_at=to_wire(row.created_at),
        last_seen_at=to_wire(row.last_seen_at),
        expires_at=to_wire(logins.ends_at(row)),
    )
