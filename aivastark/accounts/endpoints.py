"""HTTP for organisations: who calls and on which organisation, and the organisations themselves."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from aivastark.accounts import audit
from aivastark.accounts.conditions import Changing, Showing
from aivastark.accounts.directory import create_organization
from aivastark.accounts.entrance import Entrance
from aivastark.accounts.invitations import invite_into
from aivastark.accounts.keys import KeyRing, Principal, create_key
from aivastark.accounts.logins import SignedIn
from aivastark.accounts.media import must_be_readable
from aivastark.accounts.models import Organization
from aivastark.accounts.organizations import add_member, may_found, organizations_of
from aivastark.accounts.people import normal_email
from aivastark.accounts.roles import must_administer, must_belong
from aivastark.accounts.schemas import (
    NewOrganization,
    OrganizationList,
    OrganizationMade,
    OrganizationOut,
    OrganizationPatch,
    organization_fields,
)
from aivastark.backends.base import Backends
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import InvalidCursor, NotFound
from aivastark.kit.etags import etag_of
from aivastark.kit.pages import LIMIT_DEFAULT, LIMIT_MAX, make_cursor, read_cursor

SHOWN_ONCE = {"Cache-Control": "no-store"}

router = APIRouter(prefix="/v1/organizations", tags=["Organisations"])

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows on a page.")]
Cursor = Annotated[str | None, Query(max_length=1024, description="`next_cursor` of the page before.")]
OrganizationId = Annotated[str, Path(description="The organisation's id, `org_…`.", max_length=64)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """The call's surroundings where no project is named. `signed_in` is None for a key."""

    backends: Backends
    principal: Principal
    signed_in: SignedIn | None
    entrance: Entrance
    keys: KeyRing

    @property
    def organization_id(self) -> str:
        """The organisation the caller acts in."""
        return self.principal.organization_id

    def after(self, scope: str, filters: dict[str, object], cursor: str | None) -> str | None:
        """The id after which the next page begins; None for the first. Raises `InvalidCursor`."""
        if cursor is None:
            return None
        try:
            return read_cursor(self.backends.secret_key, f"{self._bound_to}:{scope}", filters, cursor)[0]
        except (ValueError, IndexError) as error:
            raise InvalidCursor from error

    def cursor(self, scope: str, filters: dict[str, object], last_id: str) -> str:
        """The cursor that continues after `last_id`."""
        return make_cursor(self.backends.secret_key, f"{self._bound_to}:{scope}", filters, [last_id])

    @property
    def _bound_to(self) -> str:
        return self.organization_id or self.principal.actor_id


def caller_of(request: Request) -> Caller:
    """A dependency: who calls, whatever for."""
    state = request.app.state
    return Caller(
        backends=state.backends,
        principal=request.state.principal,
        signed_in=request.state.signed_in,
        entrance=state.entrance,
        keys=state.keys,
    )


def in_organization(must: Callable[[Principal], None]) -> Callable[[Request, str], Awaitable[Caller]]:
    """A dependency: the caller, when the organisation in the path is its own and `must` does not object.

    Raises what `must` raises, `UnsupportedMedia` for a body of a kind the route does not read, and, for any other
    organisation, `NotFound`.
    """

    async def dependency(request: Request, organization_id: OrganizationId) -> Caller:
        caller = caller_of(request)
        is_own = organization_id == caller.organization_id
        if is_own:
            must(caller.principal)
        must_be_readable(request)
        if not is_own:
            raise NotFound
        return caller

    return dependency


async def founding(request: Request) -> Caller:
    """A dependency: a caller who may make an organisation. Raises `PermissionDenied`."""
    caller = caller_of(request)
    sign_up = caller.entrance.sign_up
    await caller.backends.db.read(lambda session: may_found(session, caller.principal, sign_up=sign_up))
    must_be_readable(request)
    return caller


Anyone = Annotated[Caller, Depends(caller_of)]
Founding = Annotated[Caller, Depends(founding)]
Belonging = Annotated[Caller, Depends(in_organization(must_belong))]
Administering = Annotated[Caller, Depends(in_organization(must_administer))]


@router.post("", status_code=201, operation_id="createOrganization", summary="Make an organisation")
async def create(response: Response, caller: Founding, body: NewOrganization) -> OrganizationMade:
    """For the install's own organisation, or for any signed-in person where sign-up is open.

    A person becomes its owner. A key gets the `secret` of a key to all of it, shown once, and may name an
    `owner_email` to be invited as its owner.
    """
    owner_email = None if body.owner_email is None else normal_email(body.owner_email, param="owner_email")

    def work(session: WriteSession) -> tuple[Organization, str | None]:
        made = create_organization(session, name=body.name, plan=caller.entrance.default_plan)
        session.flush()
        secret = None
        if caller.signed_in is None:
            _, secret = create_key(
                session,
                organization_id=made.id,
                project_id=None,
                name="organisation key",
                created_by=caller.principal.actor_id,
            )
        else:
            add_member(session, made.id, caller.signed_in.user_id, "owner")
        actor = caller.principal.actor_id
        audit.record(session, made.id, actor, "organization.created", made.id, {"name": made.name})
        if owner_email is not None:
            invite_into(
                session,
                made.id,
                by=actor,
                email=owner_email,
                role="owner",
                secret_key=caller.backends.secret_key,
                entrance=caller.entrance,
            )
        return made, secret

    made, secret = await caller.backends.db.write(work)
    caller.backends.work_waiting.set()
    response.headers.update({**SHOWN_ONCE, "Location": f"/v1/organizations/{made.id}"})
    role = None if caller.signed_in is None else "owner"
    return OrganizationMade(**organization_fields(made, role), secret=secret)


@router.get("", operation_id="listOrganizations", summary="List organisations")
async def index(caller: Anyone, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None) -> OrganizationList:
    """Those a signed-in person belongs to, newest first; for a key, its own."""
    after = caller.after("organizations", {}, cursor)

    def look(session: ReadSession) -> list[tuple[Organization, str | None]]:
        if caller.signed_in is not None:
            return list(organizations_of(session, caller.signed_in.user_id, limit=limit, after=after))
        must_belong(caller.principal)
        own = session.get(Organization, caller.organization_id)
        return [] if own is None or after is not None else [(own, None)]

    rows = await caller.backends.db.read(look)
    more, rows = len(rows) > limit, rows[:limit]
    return OrganizationList(
        data=[OrganizationOut(**organization_fields(row, role)) for row, role in rows],
        next_cursor=caller.cursor("organizations", {}, rows[-1][0].id) if more else None,
        has_more=more,
    )


@router.get("/{organization_id}", operation_id="getOrganization", summary="Look at an organisation")
async def show(caller: Belonging, conditions: Showing) -> OrganizationOut:
    """The caller's own; a person switches to another one first."""
    row = await caller.backends.db.read(lambda session: _own(session, caller))
    conditions.show(_state_of(row, caller))
    return OrganizationOut(**organization_fields(row, caller.principal.role))


@router.patch("/{organization_id}", operation_id="updateOrganization", summary="Rename an organisation")
async def update(caller: Administering, body: OrganizationPatch, conditions: Changing) -> OrganizationOut:
    """The plan is not changed here."""

    def work(session: WriteSession) -> Organization:
        row = _own(session, caller)
        conditions.require(_state_of(row, caller))
        audit.note(session, caller.principal, "organization.updated", row.id, {"from": row.name, "to": body.name})
        row.name = body.name
        return row

    row = await caller.backends.db.write(work)
    conditions.tag(_state_of(row, caller))
    return OrganizationOut(**organization_fields(row, caller.principal.role))


def _state_of(row: Organization, caller: Caller) -> str:
    """All of it that changes, and the role in which it is shown."""
    return etag_of(row.id, row.name, row.plan, caller.principal.role or "")


def _own(session: ReadSession, caller: Caller) -> Organization:
    row = session.get(Organization, caller.organization_id)
    if row is None:
        raise NotFound
    return row
