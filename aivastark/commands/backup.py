"""`backup`, `restore`: a whole install as one file, and back to life from it.

Where everything is in the data directory, the file has that directory's files. Otherwise it is an archive as `export`
writes it, of one snapshot of the database with the uploads, wherever they are, and with the secret key.
"""

import contextlib
import gzip
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import IO, Annotated

import typer

from aivastark.accounts.audit import COMMAND_LINE
from aivastark.backends.base import Backends
from aivastark.bootstrap import SECRET_KEY_FILE, database_url, secret_key, write_once
from aivastark.commands.moving import told, whole_or_not_at_all
from aivastark.commands.shell import (
    CommandFailed,
    DataDir,
    console,
    read_settings,
    run,
    set_up_logs,
    with_backends,
)
from aivastark.errors import Conflict, InvalidArchive
from aivastark.migrations.migrate import HEAD, version_of
from aivastark.moving.begin import Place
from aivastark.moving.check import Checked, check, header_of
from aivastark.moving.manifest import HEADER, key_in
from aivastark.moving.pack import pack
from aivastark.moving.unpack import BroughtIn, bring_in
from aivastark.settings import Settings

DATABASE_FILE = "aivastark.db"
NOBODY = Place(organization_id=None, actor_id=COMMAND_LINE)
PIECE_BYTES = 1024 * 1024


def backup(
    target: Annotated[Path, typer.Argument(help="The file to write, .tar.gz.", show_default=False)],
    data_dir: DataDir = None,
) -> None:
    """Write everything into one file, while the server runs. `restore` takes it."""
    settings = read_settings(data_dir=data_dir)
    set_up_logs(settings, beside_progress=True)
    if not target.absolute().parent.is_dir():
        raise typer.BadParameter(f"{target.parent} is no directory")
    run(_back_up(settings, target))
    console.print(f"{target}: {target.stat().st_size / 1e6:.1f} MB", soft_wrap=True)


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` wrote.", show_default=False)],
    data_dir: DataDir = None,
) -> None:
    """Bring an install back from what `backup` wrote, into an empty data directory and an empty database.

    The file is read from end to end before anything is written. Was it interrupted, run it again.
    """
    settings = read_settings(data_dir=data_dir)
    set_up_logs(settings, beside_progress=True)
    if not source.is_file():
        raise typer.BadParameter(f"there is no file {source}")
    came = run(_restore(settings, source))
    if came is None:
        console.print(f"{settings.data_dir}: everything is there again.", soft_wrap=True)
        return
    console.print(f"Everything is there again: {came.rows:,} rows and {came.files:,} files, counted and hashed.")
    if came.indexes_to_build:
        console.print(f"[dim]The index of {came.indexes_to_build:,} sources is built when a worker starts.[/dim]")


def is_all_files(settings: Settings) -> bool:
    """Whether the data directory has everything."""
    return settings.database_url is None and settings.blobs_url is None


async def _back_up(settings: Settings, target: Path) -> None:
    version = version_of(database_url(settings)) if _may_have_a_database(settings) else None
    if version is None:
        raise CommandFailed("There is no install to back up: look at --data-dir and AIVASTARK_DATABASE_URL.")
    if is_all_files(settings):
        with whole_or_not_at_all(target) as file:
            _write_files(settings.data_dir, file, besides=target)
        return
    if version != HEAD:  # opening it would change it, beside a server that knows the older form
        raise CommandFailed(
            f"The database has schema {version}, this version {HEAD}. Back it up with the version that serves it."
        )

    async def work(backends: Backends) -> None:
        with whole_or_not_at_all(target) as file, told("Backing up") as report:
            await pack(backends, file, with_key=settings.secret_key is None, report=report)

    await with_backends(settings, work)


def _may_have_a_database(settings: Settings) -> bool:
    """Looking into a SQLite file that is not there would make one."""
    return settings.database_url is not None or (settings.data_dir / DATABASE_FILE).exists()


def _write_files(data_dir: Path, file: IO[bytes], *, besides: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=file, mode="w:gz") as archive:
        for one in _in_order(data_dir, besides):
            name = one.relative_to(data_dir)
            if one.suffix != ".db":
                archive.add(one, name)
                continue
            # SQLite's own backup: a whole database also while others write to it.
            copy = Path(folder) / "copy.db"
            with contextlib.closing(sqlite3.connect(one)) as source, contextlib.closing(sqlite3.connect(copy)) as into:
                source.backup(into)
            archive.add(copy, name)
            copy.unlink()


def _in_order(data_dir: Path, besides: Path) -> list[Path]:
    """Search files first, then the database, then the rest: an index behind the tables mends itself, one ahead
    of them would name passages that no table has.
    """
    target = besides.resolve()
    written = {target, *target.parent.glob(f".{target.name}.*.part")}
    files = [file for file in data_dir.rglob("*") if file.is_file() and file.resolve() not in written]
    kept = [file for file in files if not file.name.endswith(("-wal", "-shm")) and ".incoming" not in file.parts]
    return sorted(kept, key=lambda file: (file.parent.name != "search", file.suffix != ".db", file))


async def _restore(settings: Settings, source: Path) -> BroughtIn | None:
    """None: it was a directory's files."""
    with source.open("rb") as file:
        if _begins_with(file) == HEADER:
            return await _restore_archive(settings, file)
        _restore_files(settings, file)
        return None


def _begins_with(file: IO[bytes]) -> str:
    """The name of the first member. Raises `InvalidArchive`."""
    try:
        with tarfile.open(fileobj=file, mode="r|gz") as archive:
            first = archive.next()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise InvalidArchive("This is no backup of Aivastark, or it is cut off or damaged.") from error
    finally:
        file.seek(0)
    return "" if first is None else first.name


async def _restore_archive(settings: Settings, file: IO[bytes]) -> BroughtIn:
    key_file, key = settings.data_dir.absolute() / SECRET_KEY_FILE, key_in(header_of(file))
    comes_along = settings.secret_key is None and not key_file.exists()
    if not comes_along:
        key = secret_key(settings)
    if key is None:
        raise InvalidArchive(
            "The backup has no secret key in it, since AIVASTARK_SECRET_KEY was set where it was made. Set the same."
        )
    with told("Looking through it") as report:
        checked = check(file, secret_key=key, report=report)
    if checked.header.project_id is not None:
        raise InvalidArchive("This is the archive of one project. `aivastark import` takes it.")
    if comes_along:
        settings.data_dir.absolute().mkdir(parents=True, exist_ok=True, mode=0o700)
        write_once(key_file, key)
    try:
        return await with_backends(settings, lambda backends: _bring_back(backends, file, checked))
    except Conflict:  # another install's database: its key is not this one
        if comes_along:
            key_file.unlink()
        raise


async def _bring_back(backends: Backends, file: IO[bytes], checked: Checked) -> BroughtIn:
    with told("Restoring") as report:
        return await bring_in(backends, file, checked, NOBODY, report=report)


def _restore_files(settings: Settings, file: IO[bytes]) -> None:
    """Unpacked beside the data directory, looked at, and then given its name."""
    if not is_all_files(settings):
        raise InvalidArchive(
            "This backup has the files of a data directory. Restore it without AIVASTARK_DATABASE_URL and "
            "AIVASTARK_BLOBS_URL, then move it with `aivastark export` and `import`."
        )
    place = settings.data_dir.absolute()
    if place.exists() and any(place.iterdir()):
        raise Conflict(f"{place} is not empty. Name another --data-dir, or move what is there away.")
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))  # readable by its owner alone
    try:
        _unpack_files(file, draft)
        if place.exists():
            place.rmdir()
        draft.replace(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _unpack_files(file: IO[bytes], folder: Path) -> None:
    """Raises `InvalidArchive` unless it is whole and has a sound database."""
    try:
        with gzip.open(file) as whole:  # to its end, where the sum of everything stands
            while whole.read(PIECE_BYTES):
                pass
        file.seek(0)
        with tarfile.open(fileobj=file, mode="r:gz") as archive:
            archive.extractall(folder, filter="data")
        with contextlib.closing(sqlite3.connect(f"file:{folder / DATABASE_FILE}?immutable=1", uri=True)) as database:
            is_sound = database.execute("PRAGMA quick_check").fetchone() == ("ok",)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, sqlite3.Error) as error:
        raise InvalidArchive("This is no backup of Aivastark, or it is cut off or damaged.") from error
    if not is_sound:
        raise InvalidArchive("The database in the backup is damaged.")
