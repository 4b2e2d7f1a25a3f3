"""Organisations and their members in the database."""

from sqlalchemy import delete, func, select

from aivastark.accounts import audit
from aivastark.accounts.bounds import require_room
from aivastark.accounts.directory import first_organization
from aivastark.accounts.keys import Principal
from aivastark.accounts.metering import UsageCounter
from aivastark.accounts.models import Organization
from aivastark.accounts.people_models import AuditEntry, Invitation, Login, Membership, User
from aivastark.accounts.roles import Role, must_administer, must_own, owns
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict, NotFound, PermissionDenied
from aivastark.kit.clock import utc_now

Member = tuple[Membership, User]


def is_operator(session: ReadSession, principal: Principal) -> bool:
    """Whether the caller runs the install: it owns the organisation that the install was made with."""
    first = first_organization(session)
    return owns(principal) and first is not None and first.id == principal.organization_id


def organizations_of(
    session: ReadSession, user_id: str, *, limit: int, after: str | None = None
) -> list[tuple[Organization, str]]:
    """The organisations a person belongs to with the role there, newest first, at most `limit` + 1."""
    query = (
        select(Organization, Membership.role)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.user_id == user_id)
    )
    if after is not None:
        query = query.where(Organization.id < after)
    rows = session.execute(query.order_by(Organization.id.desc()).limit(limit + 1))
    return [(row.Organization, row.role) for row in rows]


def add_member(session: WriteSession, organization_id: str, user_id: str, role: str) -> Membership:
    """Give a person a place. Raises `Conflict` when there is one already, `PlanLimitReached` when none is left."""
    if session.get(Membership, (organization_id, user_id)) is not None:
        raise Conflict("This person is a member already.")
    require_place(session, organization_id)
    row = Membership(organization_id=organization_id, user_id=user_id, role=role, created_at=utc_now())
    session.add(row)
    return row


def require_place(session: WriteSession, organization_id: str) -> None:
    """Raises `PlanLimitReached` when the plan holds no further member."""
    members = select(func.count()).where(Membership.organization_id == organization_id)
    require_room(session, organization_id, "members", members)


def list_members(session: ReadSession, organization_id: str, *, limit: int, after: str | None) -> list[Member]:
    """Newest account first, at most `limit` + 1 rows."""
    query = (
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id == organization_id)
    )
    if after is not None:
        query = query.where(Membership.user_id < after)
    rows = session.execute(query.order_by(Membership.user_id.desc()).limit(limit + 1))
    return [(row.Membership, row.User) for row in rows]


def find_member(session: ReadSession, organization_id: str, user_id: str) -> Member:
    """One member. Raises `NotFound`."""
    membership = session.get(Membership, (organization_id, user_id))
    user = session.get(User, user_id)
    if membership is None or user is None:
        raise NotFound
    return membership, user


def change_role(session: WriteSession, principal: Principal, user_id: str, role: Role) -> Member:
    """Raises `Conflict` for the last owner, `PermissionDenied` for an admin who touches owners."""
    must_administer(principal)
    _one_at_a_time(session, principal.organization_id)
    membership, user = find_member(session, principal.organization_id, user_id)
    if "owner" in (membership.role, role):
        must_own(principal)
    if role != "owner":
        _keep_an_owner(session, membership)
    audit.note(session, principal, "member.role_changed", user_id, {"from": membership.role, "to": role})
    membership.role = role
    return membership, user


def remove_member(session: WriteSession, principal: Principal, user_id: str) -> None:
    """Take a member out; anybody may leave. Raises as `change_role`."""
    if principal.actor_id != user_id:
        must_administer(principal)
    _one_at_a_time(session, principal.organization_id)
    membership, user = find_member(session, principal.organization_id, user_id)
    if membership.role == "owner" and principal.actor_id != user_id:
        must_own(principal)
    _keep_an_owner(session, membership)
    audit.note(session, principal, "member.removed", user_id, {"email": user.email, "role": membership.role})
    session.delete(membership)


def close_organization(session: WriteSession, organization: Organization) -> None:
    """Take an organisation out with its members, invitations and log. Its projects and keys are the caller's to end."""
    if organization.id == getattr(first_organization(session), "id", None):
        raise Conflict("This is the organisation that the install was made with; it stays.")
    for model in (Membership, Invitation, AuditEntry, UsageCounter):
        session.execute(delete(model).where(model.organization_id == organization.id))
    for login in session.scalars(select(Login).where(Login.organization_id == organization.id)):
        login.organization_id = None
    session.delete(organization)


def _one_at_a_time(session: WriteSession, organization_id: str) -> None:
    """Two who remove each other at the same moment must not both find an owner left."""
    session.execute(select(Organization.id).where(Organization.id == organization_id).with_for_update())


def _keep_an_owner(session: ReadSession, membership: Membership) -> None:
    if membership.role != "owner":
        return
    others = select(func.count()).where(
        Membership.organization_id == membership.organization_id,
        Membership.role == "owner",
        Membership.user_id != membership.user_id,
    )
    if not session.scalar(others):
        raise Conflict("An organisation keeps at least one owner. Make someone else an owner first.")


def may_found(session: ReadSession, principal: Principal, *, sign_up: str) -> None:
    """Raises `PermissionDenied` unless this caller may make an organisation."""
    if is_operator(session, principal):
        return
    if sign_up != "open" or principal.role is None:
        raise PermissionDenied("Only the install's own organisation makes new ones here.")
