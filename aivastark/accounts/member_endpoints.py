"""HTTP for the people of an organisation, invitations to it, and the log of what was done."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from aivastark.accounts import audit
from aivastark.accounts.endpoints import Administering, Belonging, Cursor, Limit
from aivastark.accounts.invitations import invite, list_invitations, revoke_invitation
from aivastark.accounts.organizations import change_role, find_member, list_members, remove_member
from aivastark.accounts.people import normal_email
from aivastark.accounts.schemas import (
    AuditLog,
    InvitationList,
    InvitationOut,
    MemberList,
    MemberOut,
    MemberPatch,
    NewInvitation,
    entry_out,
    invitation_out,
    member_out,
)
from aivastark.accounts.throttle import INVITATIONS, slow_down
from aivastark.errors import InvalidRequest
from aivastark.kit.moments import SentMoment
from aivastark.kit.pages import LIMIT_DEFAULT

router = APIRouter(prefix="/v1/organizations/{organization_id}", tags=["Organisations"])

UserId = Annotated[str, Path(description="The person's id, `usr_…`.", max_length=64)]
InvitationId = Annotated[str, Path(description="The invitation's id, `inv_…`.", max_length=64)]


@router.get("/members", operation_id="listMembers", summary="List members")
async def members(caller: Belonging, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None) -> MemberList:
    """The people of the organisation with their roles, newest account first."""
    after = caller.after("members", {}, cursor)
    rows = await caller.backends.db.read(
        lambda session: list_members(session, caller.organization_id, limit=limit, after=after)
    )
    more, rows = len(rows) > limit, rows[:limit]
    return MemberList(
        data=[member_out(*row) for row in rows],
        next_cursor=caller.cursor("members", {}, rows[-1][1].id) if more else None,
        has_more=more,
    )


@router.get("/members/{user_id}", operation_id="getMember", summary="Look at a member")
async def member(caller: Belonging, user_id: UserId) -> MemberOut:
    """One person of the organisation."""
    return member_out(
        *await caller.backends.db.read(lambda session: find_member(session, caller.organization_id, user_id))
    )


@router.patch("/members/{user_id}", operation_id="updateMember", summary="Change a member's role")
async def change(caller: Administering, user_id: UserId, body: MemberPatch) -> MemberOut:
    """Owners are made and unmade by owners; the last one stays an owner."""
    return member_out(
        *await caller.backends.db.write(lambda session: change_role(session, caller.principal, user_id, body.role))
    )


@router.delete("/members/{user_id}", status_code=204, operation_id="removeMember", summary="Remove a member")
async def remove(caller: Belonging, user_id: UserId) -> None:
    """What the person did stays. Anybody may leave; the last owner cannot go."""
    await caller.backends.db.write(lambda session: remove_member(session, caller.principal, user_id))


@router.post("/invitations", status_code=201, operation_id="createInvitation", summary="Invite someone")
async def create_invitation(caller: Administering, body: NewInvitation) -> InvitationOut:
    """Mails a link that works once, for seven days. An earlier one for the same address ends."""
    email = normal_email(body.email)
    await slow_down(caller.backends.db, "invite", caller.organization_id, plan=INVITATIONS)
    row = await caller.backends.db.write(
        lambda session: invite(
            session,
            caller.principal,
            email=email,
            role=body.role,
            secret_key=caller.backends.secret_key,
            entrance=caller.entrance,
        )
    )
    caller.backends.work_waiting.set()
    return invitation_out(row)


@router.get("/invitations", operation_id="listInvitations", summary="List open invitations")
async def invitations(caller: Administering, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None) -> InvitationList:
    """Those not taken up yet, newest first."""
    after = caller.after("invitations", {}, cursor)
    rows = await caller.backends.db.read(
        lambda session: list_invitations(session, caller.organization_id, limit=limit, after=after)
    )
    more, rows = len(rows) > limit, rows[:limit]
    return InvitationList(
        data=[invitation_out(row) for row in rows],
        next_cursor=caller.cursor("invitations", {}, rows[-1].id) if more else None,
        has_more=more,
    )


@router.delete(
    "/invitations/{invitation_id}", status_code=204, operation_id="revokeInvitation", summary="Revoke an invitation"
)
async def revoke(caller: Administering, invitation_id: InvitationId) -> None:
    """Its link opens nothing any more."""
    await caller.backends.db.write(lambda session: revoke_invitation(session, caller.principal, invitation_id))


@router.get("/audit-log", operation_id="listAuditLog", summary="Read the audit log")
async def audit_log(
    caller: Administering,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    actor: Annotated[str | None, Query(max_length=40, description="`usr_…`, `key_…` or `command_line`.")] = None,
    action: Annotated[str | None, Query(max_length=60, description="For instance `api_key.created`.")] = None,
    since: Annotated[SentMoment | None, Query(alias="from", description="At or after.")] = None,
    until: Annotated[SentMoment | None, Query(alias="to", description="Before.")] = None,
) -> AuditLog:
    """Every administrative act in the organisation, newest first."""
    filters = audit.Filters(actor=actor, action=action, since=_aware(since), until=_aware(until))
    bound: dict[str, object] = {"actor": actor, "action": action, "from": filters.since, "to": filters.until}
    after = caller.after("audit-log", bound, cursor)
    rows = await caller.backends.db.read(
        lambda session: audit.list_entries(session, caller.organization_id, filters=filters, limit=limit, after=after)
    )
    more, rows = len(rows) > limit, rows[:limit]
    return AuditLog(
        data=[entry_out(row) for row in rows],
        next_cursor=caller.cursor("audit-log", bound, rows[-1].id) if more else None,
        has_more=more,
    )


def _aware(moment: datetime | None) -> datetime | None:
    """A time without a zone is taken as UTC."""
    if moment is None or moment.tzinfo is None:
        return None if moment is None else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidRequest("from and to are times between the years 1 and 9999", param="from") from error
