"""Reading an archive from its first byte to its last before anything is written: it is whole and ours, or refused.

Members must come in the one order in which they are written, so none can come twice, and none that is not known. In
the archive of a project every row, file and vector must be the project's: another tenant's is out of its reach.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
from sqlalchemy import Column, Table

from aivastark.backends.search.base import StoredVectors
from aivastark.errors import InvalidArchive
from aivastark.kit.ids import is_id
from aivastark.moving.manifest import (
    HEADER,
    MANIFEST,
    Counting,
    Header,
    Manifest,
    Sum,
    part_name,
    read_header,
    read_manifest,
    require_key,
)
from aivastark.moving.pack import Report
from aivastark.moving.rows import decode, read_line
from aivastark.moving.tables import carried, columns_of, emptied, owner_of
from aivastark.moving.tar import UNBOUNDED_BYTES, members

DIMENSIONS_MAX = 16_384
MODEL_ID_MAX_CHARS = 80
BLOBS_MAX = 10_000_000
TOLD_EVERY_MEMBERS = 20

_BLOB = re.compile(r"blobs/([^/]{1,64})/([0-9a-f]{64})")
_VECTORS = re.compile(r"(vectors/([^/]{1,64}))/([0-9]{6})\.jsonl")


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """An archive that may be brought in. `id` names it, and no other."""

    id: str
    header: Header
    manifest: Manifest


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Some rows of a table; `number` counts the parts of all tables from 1."""

    number: int
    table: Table
    rows: Sequence[Mapping[str, Any]]


def check(archive: IO[bytes], *, secret_key: bytes, report: Report, max_bytes: int = UNBOUNDED_BYTES) -> Checked:
    """Raises `InvalidArchive` unless everything in it is what its manifest says and what its tables can hold."""
    reading = members(archive, max_bytes=max_bytes)
    header = _first(reading)
    require_key(header, secret_key)
    seen = _Seen(header)
    for number, (name, content) in enumerate(reading, start=1):
        if name == MANIFEST:
            manifest = read_manifest(content)
            seen.must_be(manifest)
            if next(reading, None) is not None:
                raise InvalidArchive("The archive goes on after its end.")
            return Checked(id=hashlib.sha256(content).hexdigest(), header=header, manifest=manifest)
        seen.take(name, content)
        if number % TOLD_EVERY_MEMBERS == 0:
            report("checked parts", number)
    raise InvalidArchive("The archive has no manifest: it is not whole.")


def header_of(archive: IO[bytes]) -> Header:
    """What an archive says of itself, which nobody has looked into yet. Raises `InvalidArchive`."""
    return _first(members(archive))


def parts_of(archive: IO[bytes], header: Header) -> Iterator[Part]:
    """The rows of a checked archive."""
    tables = {table.name: table for table in carried(header.holds)}
    number = 0
    for name, content in members(archive):
        folder, _, rest = name.partition("/")
        if folder == "tables":
            number += 1
            table = tables[rest.partition("/")[0]]
            yield Part(number=number, table=table, rows=rows_in(table, header, name, content))
        elif folder in ("blobs", "vectors"):
            return


def rows_in(table: Table, header: Header, name: str, content: bytes) -> list[dict[str, Any]]:
    """The rows of one member. Raises `InvalidArchive` for one that is not what it should be, or another project's."""
    columns, empty = columns_of(table, header.holds), emptied(table, header.holds)
    rows = [decode(_nullable_where(columns, empty), line, name) for line in _lines(name, content)]
    for row in rows:
        if header.project_id is not None and row[owner_of(table).name] != header.project_id:
            raise InvalidArchive(f"{name}: a row belongs to another project.")
        if any(row[column] is not None for column in empty):
            raise InvalidArchive(f"{name}: a row says what an archive leaves out.")
    return rows


def _nullable_where(columns: Sequence[Column[Any]], empty: frozenset[str]) -> Sequence[Column[Any]]:
    assert all(column.nullable for column in columns if column.name in empty)
    return columns


def blobs_of(archive: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """Project and content of each file of a checked archive."""
    for name, content in members(archive):
        if found := _BLOB.fullmatch(name):
            yield found[1], content


def vectors_of(archive: IO[bytes]) -> Iterator[tuple[str, str, str, StoredVectors]]:
    """Project, passage, model and vectors of a checked archive, project by project."""
    for name, content in members(archive):
        if found := _VECTORS.fullmatch(name):
            for line in _lines(name, content):
                yield found[2], *vectors_in(line, name)


def vectors_in(line: bytes, where: str) -> tuple[str, str, StoredVectors]:
    """Passage, model and vectors of one line. Raises `InvalidArchive`."""
    said = read_line(line, where)
    match said:
        case {"chunk_id": str(chunk_id), "model_id": str(model_id), "vector": vector, "heading_vector": heading}:
            if not is_id(chunk_id, "chk") or not 0 < len(model_id) <= MODEL_ID_MAX_CHARS:
                raise InvalidArchive(f"{where}: a vector belongs to nothing.")
            made = StoredVectors(
                vector=_floats(vector, where),
                heading_vector=None if heading is None else _floats(heading, where),
            )
            if made.heading_vector is not None and made.heading_vector.shape != made.vector.shape:
                raise InvalidArchive(f"{where}: two vectors of one passage differ in length.")
            return chunk_id, model_id, made
    raise InvalidArchive(f"{where}: a line is no vector.")


def _floats(written: object, where: str) -> Any:
    try:
        vector = np.frombuffer(base64.b64decode(str(written), validate=True), "<f4").astype(np.float32)
    except (ValueError, binascii.Error) as error:
        raise InvalidArchive(f"{where}: a vector cannot be read.") from error
    if not 0 < len(vector) <= DIMENSIONS_MAX or not np.isfinite(vector).all():
        raise InvalidArchive(f"{where}: a vector is none.")
    return vector


def _first(reading: Iterator[tuple[str, bytes]]) -> Header:
    name, content = next(reading, ("", b""))
    if name != HEADER:
        raise InvalidArchive("This is no archive of Aivastark.")
    header = read_header(content)
    if header.holds == "project" and header.secret_key is not None:
        raise InvalidArchive("The archive of a project has no secret key in it.")
    if header.holds == "project" and not (header.project_id and is_id(header.project_id, "prj")):
        raise InvalidArchive("The archive does not say which project it holds.")
    if header.holds == "install" and (header.project_id is not None or header.key_check is None):
        raise InvalidArchive("The archive does not say what it holds.")
    return header


def _lines(name: str, content: bytes) -> Iterator[bytes]:
    if not content.endswith(b"\n"):
        raise InvalidArchive(f"{name} ends in the middle of a line.")
    yield from content[:-1].split(b"\n")


@dataclass
class _Seen:
    """What came so far."""

    header: Header
    _last: tuple[Any, ...] = ()
    _tables: dict[str, Counting] = field(default_factory=dict)
    _vectors: dict[str, Counting] = field(default_factory=dict)
    _shapes: dict[str, tuple[str, int]] = field(default_factory=dict)
    _blobs: Counting = field(default_factory=Counting)

    def __post_init__(self) -> None:
        self._order = {table.name: place for place, table in enumerate(carried(self.header.holds))}
        self._known = {table.name: table for table in carried(self.header.holds)}

    def take(self, name: str, content: bytes) -> None:
        """One more member. Raises `InvalidArchive` where it may not be, or not be so."""
        folder, _, rest = name.partition("/")
        match folder:
            case "tables":
                self._take_rows(name, rest, content)
            case "blobs":
                self._take_blob(name, content)
            case "vectors":
                self._take_vectors(name, content)
            case _:
                raise InvalidArchive("The archive has a file that no archive has.")

    def _take_rows(self, name: str, rest: str, content: bytes) -> None:
        table = self._known.get(rest.partition("/")[0])
        if table is None:
            raise InvalidArchive("The archive has rows of a table that it cannot have.")
        counting = self._tables.setdefault(table.name, Counting())
        self._advance(
            0, self._order[table.name], self._number(name, f"tables/{table.name}", (0, self._order[table.name]))
        )
        rows_in(table, self.header, name, content)
        for line in _lines(name, content):
            counting.add(line + b"\n")

    def _take_blob(self, name: str, content: bytes) -> None:
        found = _BLOB.fullmatch(name)
        if found is None or not self._is_ours(found[1]):
            raise InvalidArchive("The archive has a file of nobody's.")
        self._advance(1, found[1], found[2])
        if hashlib.sha256(content).hexdigest() != found[2]:
            raise InvalidArchive(f"{name} is damaged.")
        self._blobs.add(name.encode() + b"\n")
        if self._blobs.count > BLOBS_MAX:
            raise InvalidArchive(f"The archive has more than {BLOBS_MAX:,} files.")

    def _take_vectors(self, name: str, content: bytes) -> None:
        found = _VECTORS.fullmatch(name)
        if found is None or not self._is_ours(found[2]):
            raise InvalidArchive("The archive has vectors of nobody's.")
        self._advance(2, found[2], self._number(name, found[1], (2, found[2])))
        counting = self._vectors.setdefault(found[2], Counting())
        for line in _lines(name, content):
            _, model_id, made = vectors_in(line, name)
            shape = (model_id, len(made.vector))
            if self._shapes.setdefault(found[2], shape) != shape:
                raise InvalidArchive(f"{name}: vectors of two models in one project.")
            counting.add(line + b"\n")

    def must_be(self, manifest: Manifest) -> None:
        """Raises `InvalidArchive` unless the manifest says exactly what came."""
        nothing = Counting().end()
        tables = {name: self._tables[name].end() if name in self._tables else nothing for name in self._order}
        vectors = {project: counting.end() for project, counting in self._vectors.items()}
        _same("tables", tables, manifest.tables)
        _same("vectors", vectors, manifest.vectors)
        _same("files", {"": self._blobs.end()}, {"": manifest.blobs})
        if self.header.project_id is not None and manifest.tables["projects"].count != 1:
            raise InvalidArchive("The archive of a project holds none: it was not there any more.")

    def _is_ours(self, project_id: str) -> bool:
        return is_id(project_id, "prj") and self.header.project_id in (None, project_id)

    def _number(self, name: str, folder: str, place: tuple[Any, ...]) -> int:
        """Parts of a folder are numbered without gaps."""
        number: int = self._last[2] + 1 if self._last[:2] == place else 1
        if name != part_name(folder, number):
            raise InvalidArchive("The archive's parts are not in their order.")
        return number

    def _advance(self, *place: Any) -> None:
        if self._last and self._last >= place:
            raise InvalidArchive("The archive's files are not in their order.")
        self._last = place


def _same(what: str, came: Mapping[str, Sum], said: Mapping[str, Sum]) -> None:
    if dict(came) != dict(said):
        wrong = sorted(name for name in {*came, *said} if came.get(name) != said.get(name))
        raise InvalidArchive(f"The archive's {what} are not what its manifest says: {', '.join(wrong)[:200]}.")
