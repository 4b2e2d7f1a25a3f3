"""Projects in the database."""

from sqlalchemy import select

from aivastark.accounts.keys import Principal
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import NotFound
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.projects.models import Project


def create_project(session: WriteSession, *, organization_id: str, name: str) -> Project:
    """A new, empty bot."""
    now = utc_now()
    row = Project(
        organization_id=organization_id,
        id=new_id("prj"),
        name=name,
        refusal_text=None,
        answer_threshold=None,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    return row


def first_project(session: ReadSession, organization_id: str) -> Project | None:
    """The oldest project of an organisation."""
    return session.scalar(
        select(Project).where(Project.organization_id == organization_id).order_by(Project.id).limit(1)
    )


def find_project(session: ReadSession, organization_id: str, project_id: str) -> Project | None:
    """One project of an organisation."""
    return session.get(Project, (organization_id, project_id))


def projects_in_reach(session: ReadSession, principal: Principal, *, limit: int) -> list[Project]:
    """The projects this caller may act in, newest first: one, or the organisation's."""
    ours = select(Project).where(Project.organization_id == principal.organization_id)
    if principal.project_id is not None:
        ours = ours.where(Project.id == principal.project_id)
    return list(session.scalars(ours.order_by(Project.id.desc()).limit(limit)))


def reach_project(session: ReadSession, project_id: str, principal: Principal) -> Project:
    """The project, if this caller may act in it; otherwise it does not exist."""
    if principal.project_id not in (None, project_id):
        raise NotFound
    project = session.get(Project, (principal.organization_id, project_id))
    if project is None:
        raise NotFound
    return project


def organization_of(session: ReadSession, project_id: str) -> str:
    """Whose project it is. Raises `NotFound`."""
    found = session.scalar(select(Project.organization_id).where(Project.id == project_id))
    if found is None:
        raise NotFound
    return found
