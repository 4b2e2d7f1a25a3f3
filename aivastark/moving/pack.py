"""Making an archive: rows from one snapshot, then the files they refer to, then the vectors of the index.

It may be done while the install is at work: what was acknowledged before is in it. Of a source that is published just
then the index may be ahead of the rows; the import notices and has it built from the rows.
"""

import asyncio
import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import orjson
from sqlalchemy import Table, select

from aivastark.backends.base import Backends
from aivastark.backends.blobs.base import BlobNotFound
from aivastark.backends.search.base import StoredVectors
from aivastark.conversations.models import Message
from aivastark.database import ReadSession
from aivastark.moving.manifest import HEADER, MANIFEST, Counting, Sum, header_for, manifest_of, part_name
from aivastark.moving.rows import encode
from aivastark.moving.tables import Holds, carried, columns_of, emptied, rows_of
from aivastark.moving.tar import Packer
from aivastark.projects.models import Project
from aivastark.sources.models import Source

PART_BYTES = 1024 * 1024
ROWS_AT_A_TIME = 500
VECTORS_AT_A_TIME = 500
NO_MODEL = "-"  # asked for passages without a vector by this one, the index names all

Report = Callable[[str, int], None]
"""Told what is being moved, and how much of it has been."""


@dataclass(kw_only=True)
class _Found:
    """What the snapshot had."""

    tables: dict[str, Sum] = field(default_factory=dict)
    projects: list[str] = field(default_factory=list)
    blobs: list[tuple[str, str]] = field(default_factory=list)


async def pack(
    backends: Backends, file: IO[bytes], *, project_id: str | None = None, with_key: bool = False, report: Report
) -> None:
    """Write the whole install, or one project, into `file`. A project that is not there makes an empty archive.

    `with_key`: the secret key as well, of a whole install that is to come back to life from this file alone.
    """
    packer = Packer(file)
    packer.add(HEADER, header_for(project_id, backends.secret_key, with_key=with_key))
    found = await backends.db.read(lambda session: _pack_rows(session, packer, project_id, report))
    blobs = await _pack_blobs(backends, packer, found, report)
    vectors: dict[str, Sum] = {}
    for one in found.projects:
        counted = await _pack_vectors(backends, packer, one, report)
        if counted.count:
            vectors[one] = counted
    packer.add(MANIFEST, manifest_of(found.tables, blobs, vectors))
    await asyncio.to_thread(packer.close)


def sums_of(session: ReadSession, project_id: str | None) -> dict[str, Sum]:
    """What an archive made now would say of its tables."""
    return {
        table.name: _sum_of(lines_of(session, table, project_id))
        for table in carried("install" if project_id is None else "project")
    }


def _sum_of(lines: Iterator[bytes]) -> Sum:
    counting = Counting()
    for line in lines:
        counting.add(line)
    return counting.end()


def lines_of(session: ReadSession, table: Table, project_id: str | None) -> Iterator[bytes]:
    """The rows of a table that travel, as lines, in the order of their keys; a few in memory at a time."""
    holds: Holds = "install" if project_id is None else "project"
    columns, empty = columns_of(table, holds), emptied(table, holds)
    query = rows_of(table, columns, project_id, session.get_bind().dialect)
    for row in session.execute(query, execution_options={"yield_per": ROWS_AT_A_TIME}):
        yield encode(columns, row, empty)


def _pack_rows(session: ReadSession, packer: Packer, project_id: str | None, report: Report) -> _Found:
    found, done = _Found(), 0
    for table in carried("install" if project_id is None else "project"):
        parts = Parts(packer, f"tables/{table.name}")
        for line in lines_of(session, table, project_id):
            parts.add(line)
            done += 1
            if done % ROWS_AT_A_TIME == 0:
                report("rows", done)
        found.tables[table.name] = parts.end()
    report("rows", done)
    projects = select(Project.id).order_by(Project.id)
    blobs = select(Source.project_id, Source.blob).where(Source.blob.is_not(None)).distinct()
    if project_id is not None:
        projects, blobs = projects.where(Project.id == project_id), blobs.where(Source.project_id == project_id)
    found.projects = sorted(session.scalars(projects))
    found.blobs = sorted(
        {*_files(session, project_id), *((row.project_id, row.blob) for row in session.execute(blobs))}
    )
    return found


def _files(session: ReadSession, project_id: str | None) -> Iterator[tuple[str, str]]:
    """What visitors sent. Sealed, so that it is left out where only one project goes: nothing there could open it."""
    if project_id is None:
        sent = select(Message.project_id, Message.attachments).where(Message.attachments.is_not(None))
        for row in session.execute(sent):
            yield from ((row.project_id, one["blob"]) for one in row.attachments)


class Parts:
    """Lines on their way into members of a bounded size."""

    def __init__(self, packer: Packer, folder: str) -> None:
        self._packer, self._folder = packer, folder
        self._counting = Counting()
        self._waiting = bytearray()
        self._number = 0

    def add(self, line: bytes) -> None:
        """One more; a member is written when the next line would make it too large."""
        if self._waiting and len(self._waiting) + len(line) > PART_BYTES:
            self._flush()
        self._waiting += line
        self._counting.add(line)

    def end(self) -> Sum:
        """Write what waits; what there was in all."""
        if self._waiting:
            self._flush()
        return self._counting.end()

    def _flush(self) -> None:
        self._number += 1
        self._packer.add(part_name(self._folder, self._number), bytes(self._waiting))
        self._waiting.clear()


async def _pack_blobs(backends: Backends, packer: Packer, found: _Found, report: Report) -> Sum:
    counting = Counting()
    for project_id, key in found.blobs:
        try:
            content = await backends.blobs.get(project_id, key)
        except BlobNotFound:  # its source was deleted since, or it was lost before: the archive says so by its count
            continue
        name = f"blobs/{project_id}/{key}"
        await asyncio.to_thread(packer.add, name, content)
        counting.add(name.encode() + b"\n")
        report("files", counting.count)
    return counting.end()


async def _pack_vectors(backends: Backends, packer: Packer, project_id: str, report: Report) -> Sum:
    """All that serve. Those that are gathered beside them for another model are made again on the other side."""
    parts, after, done = Parts(packer, f"vectors/{project_id}"), "", 0
    models = await backends.search.models(project_id)
    while models is not None and models.serving:
        ids = await backends.search.without_vectors(project_id, NO_MODEL, after=after, limit=VECTORS_AT_A_TIME)
        if not ids:
            break
        stored = await backends.search.vectors(project_id, ids, model_id=models.serving)
        lines = [_line(models.serving, chunk_id, stored[chunk_id]) for chunk_id in ids if chunk_id in stored]
        await asyncio.to_thread(_add_all, parts, lines)
        done, after = done + len(ids), ids[-1]
        report("vectors", done)
    return parts.end()


def _add_all(parts: Parts, lines: list[bytes]) -> None:
    for line in lines:
        parts.add(line)


def _line(model_id: str, chunk_id: str, stored: StoredVectors) -> bytes:
    said: dict[str, Any] = {"chunk_id": chunk_id, "model_id": model_id, "vector": _floats(stored.vector)}
    said["heading_vector"] = None if stored.heading_vector is None else _floats(stored.heading_vector)
    return orjson.dumps(said) + b"\n"


def _floats(vector: Any) -> str:
    """Little-endian float32, in base64."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
