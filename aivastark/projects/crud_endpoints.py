"""HTTP for projects: make, list, look, change, delete."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from aivastark import wall
from aivastark.accounts import audit
from aivastark.accounts.bounds import require_room
from aivastark.accounts.conditions import Changing, Showing
from aivastark.accounts.endpoints import Anyone, Caller, Cursor, Limit, caller_of
from aivastark.accounts.media import must_be_readable
from aivastark.accounts.roles import must_administer, must_own
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import PermissionDenied
from aivastark.kit.etags import etag_of
from aivastark.kit.pages import LIMIT_DEFAULT
from aivastark.projects.endpoints import ProjectId
from aivastark.projects.erase import mark_for_erasure
from aivastark.projects.models import Project
from aivastark.projects.schemas import NewProject, ProjectList, ProjectOut, ProjectPatch, changes_of, project_out
from aivastark.projects.store import change_project, create_project, list_projects, projects_of, reach_project

router = APIRouter(prefix="/v1/projects", tags=["Projects"])


async def configuring(request: Request, project_id: ProjectId) -> Caller:
    """A dependency: a caller who may configure the project in the path.

    That is who runs the organisation, or a key to this project with the scope `*`. Raises `PermissionDenied`,
    `UnsupportedMedia` and `NotFound`; in this order.
    """
    caller = caller_of(request)
    if "*" not in caller.principal.scopes:
        raise PermissionDenied("This takes a key with the scope *, or an owner or admin.")
    must_be_readable(request)
    await _enter(caller, project_id)
    return caller


async def administering(request: Request) -> Caller:
    """A dependency: a caller who runs the organisation. Raises `PermissionDenied`, then `UnsupportedMedia`."""
    caller = caller_of(request)
    must_administer(caller.principal)
    must_be_readable(request)
    return caller


Configuring = Annotated[Caller, Depends(configuring)]
Administering = Annotated[Caller, Depends(administering)]


@router.post("", status_code=201, operation_id="createProject", summary="Make a project")
async def create(response: Response, caller: Administering, body: NewProject) -> ProjectOut:
    """A new, empty bot. It takes an organisation key with the scope `*`, or an owner or admin, and room in the plan."""

    def work(session: WriteSession) -> Project:
        require_room(session, caller.organization_id, "projects", projects_of(caller.organization_id))
        row = create_project(session, organization_id=caller.organization_id, name=body.name)
        change_project(row, changes_of(body))
        audit.note(session, caller.principal, "project.created", row.id, {"name": row.name})
        return row

    row = await caller.backends.db.write(work)
    response.headers["Location"] = f"/v1/projects/{row.id}"
    return project_out(row)


@router.get("", operation_id="listProjects", summary="List projects")
async def index(caller: Anyone, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None) -> ProjectList:
    """All projects the caller reaches, newest first; for the key of a project, that one."""
    only = caller.principal.project_id
    after = caller.after(f"projects:{only}", {}, cursor)

    def look(session: ReadSession) -> list[Project]:
        return list_projects(session, caller.organization_id, only=only, limit=limit, after=after)

    rows = await caller.backends.db.read(look)
    more, rows = len(rows) > limit, rows[:limit]
    return ProjectList(
        data=[project_out(row) for row in rows],
        next_cursor=caller.cursor(f"projects:{only}", {}, rows[-1].id) if more else None,
        has_more=more,
    )


@router.get("/{project_id}", operation_id="getProject", summary="Look at a project")
async def show(caller: Anyone, project_id: ProjectId, conditions: Showing) -> ProjectOut:
    """Its name and settings; any key of it may read them."""
    row = await caller.backends.db.read(lambda session: reach_project(session, project_id, caller.principal))
    conditions.show(etag_of(row.updated_at))
    return project_out(row)


@router.patch("/{project_id}", operation_id="updateProject", summary="Change a project")
async def update(caller: Configuring, project_id: ProjectId, body: ProjectPatch, conditions: Changing) -> ProjectOut:
    """JSON merge patch: what is absent stays, `null` goes back to the default."""
    changes = changes_of(body)

    def work(session: WriteSession) -> Project:
        row = reach_project(session, project_id, caller.principal)
        conditions.require(etag_of(row.updated_at))
        change_project(row, changes)
        audit.note(session, caller.principal, "project.updated", row.id, {"changed": sorted(changes)})
        return row

    row = await caller.backends.db.write(work)
    conditions.tag(etag_of(row.updated_at))
    return project_out(row)


@router.delete("/{project_id}", status_code=204, operation_id="deleteProject", summary="Delete a project")
async def delete(caller: Anyone, project_id: ProjectId) -> None:
    """Gone at once, its keys with it; index, files and rows follow in a moment. Nothing brings it back.

    It takes an organisation key with the scope `*`, or an owner.
    """

    def work(session: WriteSession) -> None:
        row = reach_project(session, project_id, caller.principal)
        must_own(caller.principal)
        audit.note(session, caller.principal, "project.deleted", row.id, {"name": row.name})
        mark_for_erasure(session, row)

    await _enter(caller, project_id)
    await caller.backends.db.write(work)
    caller.keys.forget()
    caller.backends.work_waiting.set()


async def _enter(caller: Caller, project_id: str) -> None:
    """Raises `NotFound` for a project out of the caller's reach."""
    project = await caller.backends.db.read(lambda session: reach_project(session, project_id, caller.principal))
    wall.enter(project.id)
