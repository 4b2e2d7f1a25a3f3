"""Archives made, looked into and tampered with."""

import io
from collections.abc import Mapping
from typing import Any

import orjson

from aivastark.backends.base import Backends
from aivastark.moving.begin import Place
from aivastark.moving.manifest import MANIFEST
from aivastark.moving.pack import pack
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
