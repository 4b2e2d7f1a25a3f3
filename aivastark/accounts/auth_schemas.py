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


def _shown(**example: str) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [{**example}]})


_TOKEN = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V"


class SignInIn(BaseModel):
    """Body of `POST /v1/auth/sign-in`."""

    model_config = _shown(email="anna@acme.example", password="correct horse battery")

    email: Email
    password: Password
    code: Code | None = None


class SignInWays(BaseModel):
    """How people come in here."""

    openid: bool = Field(description="Whether `GET /v1/auth/oidc/start` leads to a provider.")
    sign_up: bool = Field(description="Whether anybody may make an account.")


class SignUpIn(BaseModel):
    """Body of `POST /v1/auth/sign-up`."""

    model_config = _shown(email="anna@acme.example", name="Anna", organization="Acme", password="correct horse battery")

    email: Email
    name: Name
    organization: Name
    password: NewPassword


class TokenIn(BaseModel):
    """A token from a mailed link."""

    model_config = _shown(token=_TOKEN)

    token: Token


class ClaimIn(TokenIn):
    """Body of `POST /v1/auth/claim`."""

    model_config = _shown(token=_TOKEN, email="anna@acme.example", name="Anna", password="correct horse battery")

    email: Email | None = None
    name: Name
    password: NewPassword


class AcceptIn(TokenIn):
    """Body of `POST /v1/auth/accept-invitation`; name and password only from somebody without an account."""

    model_config = _shown(token=_TOKEN, name="Ben", password="correct horse battery")

    name: Name | None = None
    password: NewPassword | None = None


class ResetIn(BaseModel):
    """Body of `POST /v1/auth/password-reset`."""

    model_config = _shown(email="anna@acme.example")

    email: Email


class ResetConfirmIn(TokenIn):
    """Body of `POST /v1/auth/password-reset/confirm`."""

    model_config = _shown(token=_TOKEN, password="battery horse correct")

    password: NewPassword


class PasswordIn(BaseModel):
    """Body of `POST /v1/auth/password`."""

    model_config = _shown(current_password="correct horse battery", password="battery horse correct")

    current_password: Password
    password: NewPassword


class EmailIn(BaseModel):
    """Body of `POST /v1/auth/email`."""

    model_config = _shown(email="anna@new.example", password="correct horse battery")

    email: Email
    password: Password


class EnrolIn(BaseModel):
    """Body of `POST /v1/auth/totp/enrol`."""

    model_config = _shown(password="correct horse battery")

    password: Password


class ConfirmIn(BaseModel):
    """Body of `POST /v1/auth/totp/confirm`."""

    model_config = _shown(code="492039")

    code: Code


class DisableIn(BaseModel):
    """Body of `POST /v1/auth/totp/disable`."""

    model_config = _shown(password="correct horse battery", code="492039")

    password: Password
    code: Code


class SwitchIn(BaseModel):
    """Body of `POST /v1/auth/switch-organization`."""

    model_config = _shown(organization_id="org_01HW0000000000000000000000")

    organization_id: Annotated[str, Field(min_length=1, max_length=64)]


class MePatch(BaseModel):
    """Body of `PATCH /v1/auth/me`."""

    model_config = _shown(name="Anna Bell")

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
