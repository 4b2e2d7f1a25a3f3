"""The beginning of an import, the note that it is under way, and the end of one that came to nothing.

The note is a row of `jobs` that no worker takes: it says which archive, for whom, and how many parts are in.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, func, select

from aivastark import jobs
from aivastark.accounts.bounds import require_room
from aivastark.accounts.models import Organization
from aivastark.backends.base import Backends
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict
from aivastark.jobs import INSTALL, JobRow
from aivastark.kit.ids import new_id
from aivastark.moving.check import Checked
from aivastark.moving.tables import IMPORT, carried, owner_of
from aivastark.projects.models import Project
from aivastark.projects.store import projects_of

ROWS_AT_A_TIME = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a project goes, and who brings it. Both are of no use to an install, which has its own organisations."""

    organization_id: str | None
    actor_id: str


class Overtaken(Conflict):
    """The same was begun again elsewhere: that one goes on where this one stops."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One attempt at an import: it goes on for as long as its `id` stands in the note."""

    id: str
    checked: Checked
    place: Place

    @property
    def project_id(self) -> str | None:
        """The project that is brought in; None for a whole install."""
        return self.checked.header.project_id


async def begin(backends: Backends, checked: Checked, place: Place) -> tuple[Run, int]:
    """An attempt, and how many parts earlier ones brought in. It takes over from one that is under way.

    Raises `Conflict` and `PlanLimitReached`.
    """
    run = Run(id=new_id("run"), checked=checked, place=place)
    done = await backends.db.write(lambda session: _begin(session, run))
    if done is None:  # another archive of it came half in: that one goes first
        await forget(backends, run)
        done = await backends.db.write(lambda session: _begin(session, run))
    assert done is not None  # nothing is left
    return run, done


async def forget(backends: Backends, run: Run) -> None:
    """Take out what came in of a project; nobody ever saw it. Raises `Overtaken`."""
    project_id = run.project_id
    assert project_id is not None  # the parts of an install are not told from what else may be there
    await backends.db.read(lambda session: hold(session, run))
    await backends.search.remove(project_id)
    await backends.blobs.delete_all(project_id)
    for table in reversed(carried("project")):
        while await backends.db.write(lambda session: _forget_some(session, run, table)):  # noqa: B023
            pass
    await backends.db.write(lambda session: session.delete(hold(session, run)))


def hold(session: ReadSession, run: Run) -> JobRow:
    """The note, first in every transaction of an import. Raises `Overtaken`."""
    row = _note_of(session, run.project_id)
    if row is None or row.arguments["run"] != run.id:
        raise Overtaken("The same import was begun again elsewhere, which goes on with it.")
    return row


def note_progress(session: WriteSession, run: Run, parts: int) -> None:
    """This part is in, with this transaction. Raises `Overtaken`."""
    row = hold(session, run)
    row.arguments = {**row.arguments, "parts": parts}


def _begin(session: WriteSession, run: Run) -> int | None:
    """How many parts are in; None where they are another archive's."""
    if run.project_id is not None:
        _must_be_free(session, run.project_id, run.place)
    about: dict[str, Any] = {"archive": run.checked.id, "for": run.place.organization_id, "run": run.id}
    row = _note_of(session, run.project_id)
    if row is None:
        if run.project_id is None:
            _must_be_empty(session)
        jobs.enqueue_new(session, INSTALL, IMPORT, _subject(run.project_id), arguments={**about, "parts": 0})
        return 0
    is_ours = row.arguments["archive"] == run.checked.id
    if not is_ours and run.project_id is None:
        raise Conflict(
            "An import of another archive was begun here and did not end. Import that one again, or begin with an "
            "empty database."
        )
    row.arguments = {**row.arguments, "run": run.id}
    return int(row.arguments["parts"]) if is_ours else None


def _must_be_free(session: WriteSession, project_id: str, place: Place) -> None:
    organization = None if place.organization_id is None else session.get(Organization, place.organization_id)
    if organization is None:
        raise Conflict("There is no such organisation to bring the project into.")
    if session.scalar(select(Project.id).where(Project.id == project_id)) is not None:
        raise Conflict(f"The project {project_id} is there already. Delete it first, or keep it.")
    erasing = select(JobRow.id).where(JobRow.project_id == INSTALL, JobRow.subject == f"erase:{project_id}")
    if session.scalar(erasing) is not None:
        raise Conflict(f"The project {project_id} is still being deleted. Try again in some minutes.")
    row = _note_of(session, project_id)
    if row is not None and row.arguments["for"] != place.organization_id:
        raise Conflict(f"The project {project_id} is there already. Delete it first, or keep it.")
    require_room(session, organization.id, "projects", projects_of(organization.id))


def _must_be_empty(session: WriteSession) -> None:
    for table in carried("install"):
        if session.scalar(select(func.count()).select_from(table)):
            raise Conflict(
                f"This install is not empty ({table.name}). A whole install goes into an empty database: name another "
                "--data-dir or AIVASTARK_DATABASE_URL, and import before the first `aivastark serve`."
            )


def _forget_some(session: WriteSession, run: Run, table: Table) -> bool:
    hold(session, run)
    ours = owner_of(table) == run.project_id
    if not session.scalar(select(func.count()).select_from(table).where(ours)):
        return False
    key = list(table.primary_key.columns)[-1]
    session.execute(delete(table).where(ours, key.in_(select(key).where(ours).limit(ROWS_AT_A_TIME))))
    return True


def _note_of(session: ReadSession, project_id: str | None) -> JobRow | None:
    query = select(JobRow).where(JobRow.project_id == INSTALL, JobRow.subject == _subject(project_id))
    return session.scalar(query)


def _subject(project_id: str | None) -> str:
    return IMPORT if project_id is None else f"{IMPORT}:{project_id}"
