"""`export`, `import`: an install or a project as one archive, from one database to another."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.markup import escape
from sqlalchemy import select

from aivastark.accounts.audit import COMMAND_LINE
from aivastark.accounts.models import Organization
from aivastark.backends.base import Backends
from aivastark.commands.shell import (
    CommandFailed,
    DataDir,
    console,
    notices,
    read_settings,
    run,
    set_up_logs,
    with_backends,
)
from aivastark.moving.begin import Place
from aivastark.moving.pack import Report, pack
from aivastark.moving.unpack import BroughtIn, unpack
from aivastark.projects.store import owning_project


def export(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to write, .tar.gz.", show_default=False)],
    project: Annotated[
        str | None, typer.Option(help="Only this project, `prj_…`; without it the whole install.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Write the whole install, or one project, into one archive that `import` takes on any database.

    It may be done while the server runs: the rows are of one moment. A whole install's archive needs the same secret
    key on the other side and is to be kept as the data are; a project's archive has no secrets and no keys in it.
    """
    settings = read_settings(data_dir=data_dir)
    set_up_logs(settings, beside_progress=True)
    if not target.absolute().parent.is_dir():
        raise typer.BadParameter(f"{target.parent} is no directory")

    async def work(backends: Backends) -> None:
        if project is not None:
            await backends.db.read(lambda session: owning_project(session, project))
        with whole_or_not_at_all(target) as file, told("Writing") as report:
            await pack(backends, file, project_id=project, report=report)

    run(with_backends(settings, work))
    console.print(f"{target}: {target.stat().st_size:,} bytes", soft_wrap=True)


def import_(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="What `export` wrote.", show_default=False)],
    organization: Annotated[
        str | None, typer.Option(help="Whose a project becomes, `org_…`; without it the first organisation.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Bring in what `export` wrote: a whole install into an empty database, a project into an organisation.

    The archive is checked from end to end before anything is written. Was it interrupted, run it again: it goes on
    where it was. Afterwards everything is counted and hashed once more. Ids stay as they are.
    """
    settings = read_settings(data_dir=data_dir)
    set_up_logs(settings, beside_progress=True)
    if not archive.is_file():
        raise typer.BadParameter(f"there is no file {archive}")

    async def work(backends: Backends) -> BroughtIn:
        into = organization or await backends.db.read(
            lambda session: session.scalar(select(Organization.id).order_by(Organization.id).limit(1))
        )
        place = Place(organization_id=into, actor_id=COMMAND_LINE)
        with archive.open("rb") as file, told("Importing") as report:
            return await unpack(backends, file, place, report=report)

    came = run(with_backends(settings, work))
    what = "the whole install" if came.project_id is None else came.project_id
    console.print(f"{what}: {came.rows:,} rows and {came.files:,} files, counted and hashed.")
    if came.indexes_to_build:
        console.print(f"[dim]The index of {came.indexes_to_build:,} sources is built when a worker starts.[/dim]")


@contextlib.contextmanager
def whole_or_not_at_all(target: Path) -> Iterator[IO[bytes]]:
    """A file beside the target that gets its name when it is whole and on the disk. Nobody else may read it."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except IsADirectoryError as error:
        raise CommandFailed(f"{target} is a directory; name a file.") from error
    finally:
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def told(doing: str) -> Iterator[Report]:
    """A line that says how far it is, on a terminal."""
    with notices.status(f"{doing} …") as status:
        yield lambda what, count: status.update(f"{doing}: {count:,} {escape(what)}")
