"""Projects in the database."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from aivastark.accounts.keys import Principal
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import InvalidRequest, NotFound
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.kit.metadata import merged_metadata
from aivastark.projects.models import Project

# Every request looks for one: built once.
_PROJECT = select(Project).where(
    Project.organization_id == bindparam("organization_id"), Project.id == bindparam("project_id")
)


def create_project(session: WriteSession, *, organization_id: str, name: str) -> Project:
    """A new, empty bot."""
    now = utc_now()
    row = Project(
        organization_id=organization_id,
        id=new_id("prj"),
        name=name,
        refusal_text=None,
        answer_threshold=None,
        retention_days=None,
        settings={},
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    return row


COLUMNS = frozenset({"name", "refusal_text", "answer_threshold", "retention_days"})  # the rest is in `settings`


def change_project(project: Project, changes: Mapping[str, Any]) -> None:
    """Set what is named; None takes a setting, or a field of one, back to its default.

    Raises `InvalidRequest` for metadata that would be too large with what is there.
    """
    settings = dict(project.settings)
    for name, value in changes.items():
        if name in COLUMNS:
            setattr(project, name, value)
        elif value is None:
            settings.pop(name, None)
        else:
            settings[name] = (
                _metadata(settings.get(name), value) if name == "metadata" else _group(settings.get(name), value)
            )
    project.settings = settings
    project.updated_at = utc_now()


def _group(kept: Any, value: Any) -> Any:
    """Fields that are not named stay; lists and what is deeper are replaced."""
    if not isinstance(value, dict):
        return value
    both = {**(kept or {}), **value}
    return {name: one for name, one in both.items() if one is not None}


def _metadata(kept: Any, value: dict[str, Any]) -> dict[str, Any]:
    try:
        return merged_metadata(kept or {}, value)
    except ValueError as error:
        raise InvalidRequest(f"metadata {error}", param="metadata") from error


def list_projects(
    session: ReadSession, organization_id: str, *, only: str | None, limit: int, after: str | None
) -> list[Project]:
    """Newest first, at most `limit` + 1 rows; `only` is the one project that a narrower caller sees."""
    query = select(Project).where(Project.organization_id == organization_id)
    if only is not None:
        query = query.where(Project.id == only)
    if after is not None:
        query = query.where(Project.id < after)
    return list(session.scalars(query.order_by(Project.id.desc()).limit(limit + 1)))


def projects_of(organization_id: str) -> Select[int]:
    """How many projects an organisation has, to be counted against its plan."""
    return select(func.count()).select_from(Project).where(Project.organization_id == organization_id)


def first_project(session: ReadSession, organization_id: str) -> Project | None:
    """The oldest project of an organisation."""
    return session.scalar(
        select(Project).where(Project.organization_id == organization_id).order_by(Project.id).limit(1)
    )


def find_project(session: ReadSession, organization_id: str, project_id: str) -> Project | None:
    """One project of an organisation."""
    return session.get(Project, (organization_id, project_id))


def owning_project(session: ReadSession, project_id: str) -> Project:
    """The project that something found without a caller belongs to, such as a widget. Raises `NotFound`."""
    project = session.scalar(select(Project).where(Project.id == project_id))
    if project is None:
        raise NotFound
    return project


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
    which = {"organization_id": principal.organization_id, "project_id": project_id}
    project = session.scalars(_PROJECT, which).first()
    if project is None:
        raise NotFound
    return project


def organization_of(session: ReadSession, project_id: str) -> str:
    """Whose project it is. Raises `NotFound`."""
    found = session.scalar(select(Project.organization_id).where(Project.id == project_id))
    if found is None:
        raise NotFound
    return found
