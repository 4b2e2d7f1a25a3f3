"""Archives made, looked into and tampered with."""

import io
from collections.abc import Mapping
from typing import Any

import orjson

from aivastark.backends.base import Backends
from aivastark.kit.ids import new_id
from aivastark.migrations.tables import metadata
from aivastark.moving.begin import Place
from aivastark.moving.manifest import HEADER, MANIFEST, Counting, header_for, manifest_of
from aivastark.moving.pack import pack
from aivastark.moving.tables import carried, columns_of
from aivastark.moving.tar import Packer, members
from aivastark.moving.unpack import BroughtIn, unpack

NOBODY = Place(organization_id=None, actor_id="command_line")


def silent(_what: str, _count: int) -> None:
    """For a move that nobody watches."""


async def packed(backends: Backends, project_id: str | None = None) -> io.BytesIO:
    """What an export writes."""
    file = io.BytesIO()
    await pack(backends, file, project_id=project_id, report=silent)
    return file


async def brought_in(backends: Backends, archive: io.BytesIO, place: Place = NOBODY) -> BroughtIn:
    """An import that is not interrupted."""
    return await unpack(backends, archive, place, report=silent)


def inside(archive: io.BytesIO) -> dict[str, Any]:
    """Everything in it but the time it was made."""
    found: dict[str, Any] = dict(members(archive))
    manifest = orjson.loads(found[MANIFEST])
    assert manifest.pop("created_at")
    return {**found, MANIFEST: manifest}


def made_of(contents: Mapping[str, bytes]) -> io.BytesIO:
    """An archive with these members, whatever they are."""
    file = io.BytesIO()
    packer = Packer(file)
    for name, content in contents.items():
        packer.add(name, content)
    packer.close()
    return file


def an_empty_project() -> bytes:
    """The archive of a project that has a name and nothing else."""
    project_id, now = new_id("prj"), "2026-11-26T00:00:00.000000+00:00"
    fields = {"id": project_id, "name": "Moved", "settings": {}, "pinned_questions": 0, "answer_tests": 0}
    fields |= {"created_at": now, "updated_at": now}
    columns = columns_of(metadata().tables["projects"], "project")
    row = orjson.dumps({str(column.name): fields.get(column.name) for column in columns}) + b"\n"
    tables = {table.name: Counting().end() for table in carried("project")}
    contents = {
        HEADER: header_for(project_id, b""),
        "tables/projects/000001.jsonl": row,
        MANIFEST: manifest_of(tables, Counting().end(), {}),
    }
    return made_of(signed(contents)).getvalue()


def signed(contents: dict[str, bytes]) -> dict[str, bytes]:
    """With a manifest that says what there is, as somebody would write it who forges one."""
    manifest = orjson.loads(contents[MANIFEST])
    for kind in ("tables", "vectors"):
        sums: dict[str, Counting] = {}
        for name, content in contents.items():
            if name.startswith(f"{kind}/"):
                counting = sums.setdefault(name.split("/")[1], Counting())
                for line in content.splitlines(keepends=True):
                    counting.add(line)
        said = {name: counting.end().model_dump() for name, counting in sums.items()}
        manifest[kind] = {**(manifest[kind] if kind == "tables" else {}), **said}
    blobs = Counting()
    for name in contents:
        if name.startswith("blobs/"):
            blobs.add(name.encode() + b"\n")
    manifest["blobs"] = blobs.end().model_dump()
    return {**contents, MANIFEST: orjson.dumps(manifest)}
