"""Bringing an archive in: checked whole, then rows part by part, files, index; then counted again and opened.

Each part of the rows is one transaction, which notes that it is in. Killed at any moment, the same import goes on
where it was. A project is seen by nobody until its own row is written, with the last transaction of all.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from sqlalchemy import insert
from sqlalchemy.exc import DataError, IntegrityError

from aivastark.backends.base import Backends
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict, InvalidArchive, Refused
from aivastark.moving.begin import Overtaken, Place, Run, begin, forget, note_progress
from aivastark.moving.check import Checked, Part, blobs_of, check, parts_of
from aivastark.moving.finish import finish
from aivastark.moving.index import bring_in_index
from aivastark.moving.pack import Report, sums_of
from aivastark.moving.tar import UNBOUNDED_BYTES


@dataclass(frozen=True, kw_only=True, slots=True)
class BroughtIn:
    """What an import came to."""

    project_id: str | None
    rows: int
    files: int
    indexes_to_build: int
    """Sources whose index a worker builds from their rows, because the archive had not all of it."""


async def unpack(
    backends: Backends,
    archive: IO[bytes],
    place: Place,
    *,
    report: Report,
    only_projects: bool = False,
    max_bytes: int = UNBOUNDED_BYTES,
) -> BroughtIn:
    """Everything in an archive, into this install. The same archive again goes on with an import that was cut off.

    Raises `InvalidArchive` for what is not whole or not ours, `Conflict` where it is there already, and
    `PlanLimitReached`; then nothing of a project is left.
    """
    checked = await asyncio.to_thread(
        lambda: check(archive, secret_key=backends.secret_key, report=report, max_bytes=max_bytes)
    )
    if checked.header.project_id is None and only_projects:
        raise InvalidArchive("This is the archive of a whole install. `aivastark import` takes it.")
    return await bring_in(backends, archive, checked, place, report=report)


async def bring_in(
    backends: Backends, archive: IO[bytes], checked: Checked, place: Place, *, report: Report
) -> BroughtIn:
    """What was found whole and ours. Raises as `unpack` does."""
    project_id = checked.header.project_id
    run, done = await begin(backends, checked, place)
    try:
        own = await _bring_in_rows(backends, archive, run, done, report)
        files = await _bring_in_blobs(backends, archive, report)
        to_build = await bring_in_index(backends, archive, project_id, report)
        await backends.db.read(lambda session: _must_be_whole(session, checked))
        await backends.db.write(lambda session: finish(session, run, own))
    except Overtaken:
        raise
    except Refused:
        if project_id is not None:
            await forget(backends, run)
        raise
    backends.work_waiting.set()
    rows = sum(one.count for one in checked.manifest.tables.values())
    return BroughtIn(project_id=project_id, rows=rows, files=files, indexes_to_build=to_build)


async def _bring_in_rows(
    backends: Backends, archive: IO[bytes], run: Run, done: int, report: Report
) -> Mapping[str, Any] | None:
    """All rows but a project's own, which is given back: it is written last."""
    own: Mapping[str, Any] | None = None
    reading, rows = parts_of(archive, run.checked.header), 0
    while (part := await asyncio.to_thread(next, reading, None)) is not None:
        rows += len(part.rows)
        if run.project_id is not None and part.table.name == "projects":
            own = part.rows[0]
        elif part.number > done:
            await _insert(backends, run, part)
        report("rows", rows)
    return own


async def _insert(backends: Backends, run: Run, part: Part) -> None:
    def work(session: WriteSession) -> None:
        note_progress(session, run, part.number)
        session.execute(insert(part.table), part.rows)

    try:
        await backends.db.write(work)
    except (IntegrityError, DataError) as error:
        raise Conflict(
            f"Rows of {part.table.name} in the archive contradict each other, or what is in this install already."
        ) from error


async def _bring_in_blobs(backends: Backends, archive: IO[bytes], report: Report) -> int:
    reading, files = blobs_of(archive), 0
    while (one := await asyncio.to_thread(next, reading, None)) is not None:
        await backends.blobs.put(*one)
        files += 1
        report("files", files)
    return files


def _must_be_whole(session: ReadSession, checked: Checked) -> None:
    """What an archive made now would have. Raises `InvalidArchive` where that differs."""
    there = sums_of(session, checked.header.project_id)
    said = checked.manifest.tables
    own = {"projects"} if checked.header.project_id is not None else set()
    wrong = sorted(name for name in said if name not in own and there[name] != said[name])
    if wrong:
        raise InvalidArchive(f"What was brought in is not what the archive has: {', '.join(wrong)}.")
