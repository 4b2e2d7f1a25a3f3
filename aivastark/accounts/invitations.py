"""Invitations: a mailed link by which somebody joins an organisation. Whoever holds it reads that mailbox."""

from datetime import timedelta

from sqlalchemy import delete, func, select

from aivastark.accounts import audit, tokens
from aivastark.accounts.entrance import Entrance
from aivastark.accounts.keys import Principal
from aivastark.accounts.mails import queue_mail
from aivastark.accounts.models import Organization
from aivastark.accounts.organizations import add_member, require_place
from aivastark.accounts.people import find_by_email
from aivastark.accounts.people_models import Invitation, Membership, User
from aivastark.accounts.roles import Role, must_administer, must_own
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict, InvalidToken, NotFound
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id

LIFE = timedelta(days=7)
OPEN_MAX = 500  # of one organisation at a time
PAGE = "accept-invitation"


def invite(
    session: WriteSession, principal: Principal, *, email: str, role: Role, secret_key: bytes, entrance: Entrance
) -> Invitation:
    """Mail somebody a link; an earlier one for the same address and organisation ends.

    Raises `Conflict` for a member, `PermissionDenied` for an admin who would make an owner, `PlanLimitReached` when
    the plan holds no further member.
    """
    must_administer(principal)
    if role == "owner":
        must_own(principal)
    return invite_into(
        session,
        principal.organization_id,
        by=principal.actor_id,
        email=email,
        role=role,
        secret_key=secret_key,
        entrance=entrance,
    )


def invite_into(
    session: WriteSession,
    organization_id: str,
    *,
    by: str,
    email: str,
    role: Role,
    secret_key: bytes,
    entrance: Entrance,
) -> Invitation:
    """As `invite`, for a caller who was found to be allowed to."""
    organization = session.get(Organization, organization_id)
    if organization is None:
        raise NotFound
    require_place(session, organization_id)
    _check_room(session, organization_id, email)
    token, now = tokens.new_token(), utc_now()
    row = Invitation(
        id=new_id("inv"),
        organization_id=organization_id,
        email=email,
        role=role,
        token_sha256=tokens.digest(token),
        invited_by=by,
        created_at=now,
        expires_at=now + LIFE,
    )
    session.add(row)
    audit.record(session, organization_id, by, "invitation.created", row.id, {"email": email, "role": role})
    queue_mail(
        session,
        secret_key,
        to=email,
        subject=f"You are invited to {organization.name}",
        lines=(
            f"You are invited to join {organization.name} on Aivastark as {role}.",
            f"To accept, open this link within seven days:\n{entrance.link(PAGE, token)}",
            "If you do not know what this is about, ignore it: nothing happens.",
        ),
    )
    return row


def list_invitations(session: ReadSession, organization_id: str, *, limit: int, after: str | None) -> list[Invitation]:
    """Those still open, newest first, at most `limit` + 1 rows."""
    query = select(Invitation).where(Invitation.organization_id == organization_id, Invitation.expires_at > utc_now())
    if after is not None:
        query = query.where(Invitation.id < after)
    return list(session.scalars(query.order_by(Invitation.id.desc()).limit(limit + 1)))


def revoke_invitation(session: WriteSession, principal: Principal, invitation_id: str) -> None:
    """End an invitation. Raises `NotFound`."""
    must_administer(principal)
    row = session.get(Invitation, invitation_id)
    if row is None or row.organization_id != principal.organization_id:
        raise NotFound
    audit.note(session, principal, "invitation.revoked", row.id, {"email": row.email})
    session.delete(row)


def open_invitation(session: ReadSession, token: str) -> Invitation:
    """The invitation a link belongs to. Raises `InvalidToken`."""
    row = session.scalar(select(Invitation).where(Invitation.token_sha256 == tokens.digest(token)))
    if row is None or row.expires_at <= utc_now():
        raise InvalidToken
    return row


def take_up(session: WriteSession, row: Invitation, user: User) -> None:
    """The person joins; the invitation is gone. A member keeps the role there is."""
    if session.get(Membership, (row.organization_id, user.id)) is None:
        add_member(session, row.organization_id, user.id, row.role)
        details = {"invitation": row.id, "role": row.role}
        audit.record(session, row.organization_id, user.id, "member.joined", user.id, details)
    session.delete(row)
    session.flush()


def _check_room(session: WriteSession, organization_id: str, email: str) -> None:
    user = find_by_email(session, email)
    if user is not None and session.get(Membership, (organization_id, user.id)) is not None:
        raise Conflict("This person is a member already.")
    session.execute(
        delete(Invitation)
        .where(Invitation.organization_id == organization_id, Invitation.email == email)
        .execution_options(synchronize_session=False)
    )
    still_open = select(func.count()).where(
        Invitation.organization_id == organization_id, Invitation.expires_at > utc_now()
    )
    if (session.scalar(still_open) or 0) >= OPEN_MAX:
        raise Conflict(f"{OPEN_MAX} invitations are open. Revoke some first.")
