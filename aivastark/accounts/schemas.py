"""What organisations, members, invitations and the audit log look like on the wire."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from aivastark.accounts.models import Organization
from aivastark.accounts.people_models import AuditEntry, Invitation, Membership, User
from aivastark.accounts.roles import Role
from aivastark.kit.clock import to_wire

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Email = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]


class NewOrganization(BaseModel):
    """Body of `POST /v1/organizations`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Acme", "owner_email": "anna@acme.example"}]}
    )

    name: Name
    owner_email: Email | None = None


class OrganizationPatch(BaseModel):
    """Body of `PATCH /v1/organizations/{id}`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Acme Ltd"}]})

    name: Name


class OrganizationOut(BaseModel):
    """A customer of the install; `role` is the caller's own, null for a key."""

    id: str
    name: str
    plan: str
    role: str | None
    created_at: str


class OrganizationMade(OrganizationOut):
    """An organisation just made; `secret` opens all of it and is told once, to a caller that is a key."""

    secret: str | None


class OrganizationList(BaseModel):
    """A page of organisations."""

    data: list[OrganizationOut]
    next_cursor: str | None
    has_more: bool


class MemberPatch(BaseModel):
    """Body of `PATCH …/members/{user_id}`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "agent"}]})

    role: Role


class MemberOut(BaseModel):
    """A person of the organisation."""

    user_id: str
    email: str
    name: str
    role: str
    second_factor: bool
    created_at: str


class MemberList(BaseModel):
    """A page of members."""

    data: list[MemberOut]
    next_cursor: str | None
    has_more: bool


class NewInvitation(BaseModel):
    """Body of `POST …/invitations`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"email": "ben@acme.example", "role": "agent"}]}
    )

    email: Email
    role: Role = "agent"


class InvitationOut(BaseModel):
    """An invitation that was not taken up yet. Its link is in the mail and nowhere else."""

    id: str
    email: str
    role: str
    invited_by: str
    created_at: str
    expires_at: str


class InvitationList(BaseModel):
    """A page of invitations."""

    data: list[InvitationOut]
    next_cursor: str | None
    has_more: bool


class AuditEntryOut(BaseModel):
    """One administrative act."""

    id: str
    actor_id: str
    action: str
    target: str
    details: dict[str, Any]
    created_at: str


class AuditLog(BaseModel):
    """A page of acts."""

    data: list[AuditEntryOut]
    next_cursor: str | None
    has_more: bool


def organization_fields(row: Organization, role: str | None) -> dict[str, Any]:
    """A row as it goes out."""
    return {"id": row.id, "name": row.name, "plan": row.plan, "role": role, "created_at": to_wire(row.created_at)}


def member_out(membership: Membership, user: User) -> MemberOut:
    """A row as it goes out."""
    return MemberOut(
        user_id=user.id,
        email=user.email,
        name=user.name,
        role=membership.role,
        second_factor=user.totp_since is not None,
        created_at=to_wire(membership.created_at),
    )


def invitation_out(row: Invitation) -> InvitationOut:
    """A row as it goes out."""
    return InvitationOut(
        id=row.id,
        email=row.email,
        role=row.role,
        invited_by=row.invited_by,
        created_at=to_wire(row.created_at),
        expires_at=to_wire(row.expires_at),
    )


def entry_out(row: AuditEntry) -> AuditEntryOut:
    """A row as it goes out."""
    return AuditEntryOut(
        id=row.id,
        actor_id=row.actor_id,
        action=row.action,
        target=row.target,
        details=row.details,
        created_at=to_wire(row.created_at),
    )
