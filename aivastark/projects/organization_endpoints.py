"""HTTP for the end of an organisation, which takes its projects along."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import select

from aivastark import wall
from aivastark.accounts.endpoints import Caller, in_organization
from aivastark.accounts.keys import revoke_all_keys
from aivastark.accounts.models import Organization
from aivastark.accounts.organizations import close_organization
from aivastark.accounts.roles import must_own
from aivastark.database import WriteSession
from aivastark.errors import NotFound
from aivastark.projects.erase import mark_for_erasure
from aivastark.projects.models import Project

router = APIRouter(prefix="/v1/organizations/{organization_id}", tags=["Organisations"])

Owning = Annotated[Caller, Depends(in_organization(must_own))]


@router.delete("", status_code=204, operation_id="deleteOrganization", summary="Delete an organisation")
async def delete(caller: Owning) -> None:
    """Its projects, keys, members, invitations and log go with it, and nothing brings them back.

    The organisation the install was made with stays: 409 `conflict`.
    """

    def work(session: WriteSession) -> None:
        row = session.get(Organization, caller.organization_id)
        if row is None:
            raise NotFound
        for project in session.scalars(select(Project).where(Project.organization_id == row.id)).all():
            mark_for_erasure(session, project)
        revoke_all_keys(session, row.id)
        close_organization(session, row)

    with wall.everything():
        await caller.backends.db.write(work)
    caller.keys.forget()
    caller.backends.work_waiting.set()
