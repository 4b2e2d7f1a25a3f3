"""HTTP for moving a project: out as an archive, and in."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile

from aivastark import wall
from aivastark.accounts import audit
from aivastark.accounts.endpoints import Caller
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import InvalidRequest, Unavailable
from aivastark.moving.begin import Place
from aivastark.moving.pack import pack
from aivastark.moving.unpack import unpack
from aivastark.projects.crud_endpoints import administering, configuring
from aivastark.projects.endpoints import ProjectId
from aivastark.projects.schemas import ProjectOut, project_out
from aivastark.projects.store import reach_project

UNPACKED_MAX_BYTES = 1_000_000_000
PIECE_BYTES = 1024 * 1024
BUSY_RETRY_AFTER_S = 10

BYTES = "application/octet-stream"  # gzip has a type too, which generators of clients do not know
_BINARY = {"type": "string", "format": "binary"}
ARCHIVE: dict[str, Any] = {BYTES: {"schema": _BINARY}}
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": _BINARY},
    "examples": [{"file": "(what the export of a project answered)"}],
}
ARCHIVE_BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}

router = APIRouter(prefix="/v1/projects", tags=["Projects"])

Configuring = Annotated[Caller, Depends(configuring)]
Administering = Annotated[Caller, Depends(administering)]


@router.get(
    "/{project_id}/export",
    operation_id="exportProject",
    summary="Export a project",
    response_class=StreamingResponse,
    responses={200: {"content": ARCHIVE, "description": "The archive, a gzipped tar."}},
)
async def export(request: Request, caller: Configuring, project_id: ProjectId) -> StreamingResponse:
    """Everything of a project but secrets, as one archive that `importProject` takes here or elsewhere.

    It takes what changing the project takes, and is audited as `project.exported`.
    """

    def note(session: WriteSession) -> None:
        row = reach_project(session, project_id, caller.principal)
        audit.note(session, caller.principal, "project.exported", row.id, {"project_id": row.id})

    with _alone(request, caller.organization_id):
        await caller.backends.db.write(note)
        file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it was sent, or with its last reference)
        await pack(caller.backends, file, project_id=project_id, report=_to_nobody)
    size = file.tell()
    file.seek(0)
    headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="{project_id}.tar.gz"'}
    return StreamingResponse(_pieces(file), media_type=BYTES, headers=headers)


@router.post(
    "/import",
    status_code=201,
    operation_id="importProject",
    summary="Import a project",
    openapi_extra=ARCHIVE_BODY,
)
async def bring_in(request: Request, response: Response, caller: Administering) -> ProjectOut:
    """A project with its ids, from what `exportProject` answered, into the caller's organisation.

    Answered when it is whole. It takes an organisation key with the scope `*`, or an owner or admin, and room in the
    plan. What is not whole or not allowed in an archive is 422 `invalid_archive`, a project that is there already 409.
    """
    place = Place(organization_id=caller.organization_id, actor_id=caller.principal.actor_id)
    with _alone(request, caller.organization_id), wall.everything():
        async with request.form(max_files=1, max_fields=0) as form:
            sent = next((part for part in form.getlist("file") if isinstance(part, UploadFile)), None)
            if sent is None:
                raise InvalidRequest("Send the archive as the form's file.", param="file")
            came = await unpack(
                caller.backends, sent.file, place, report=_to_nobody, only_projects=True, max_bytes=UNPACKED_MAX_BYTES
            )
    assert came.project_id is not None  # only a project was asked for

    def look(session: ReadSession) -> ProjectOut:
        return project_out(reach_project(session, str(came.project_id), caller.principal))

    response.headers["Location"] = f"/v1/projects/{came.project_id}"
    return await caller.backends.db.read(look)


@contextlib.contextmanager
def _alone(request: Request, organization_id: str) -> Iterator[None]:
    """One archive of an organisation at a time in each process: they take room on the disk. Raises `Unavailable`."""
    state = request.app.state
    under_way: set[str] = getattr(state, "moving", set())
    state.moving = under_way
    if organization_id in under_way:
        busy = Unavailable("Another archive of this organisation is being written or read. Try again in a moment.")
        busy.retry_after = BUSY_RETRY_AFTER_S
        raise busy
    under_way.add(organization_id)
    try:
        yield
    finally:
        under_way.discard(organization_id)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            yield piece


def _to_nobody(_what: str, _count: int) -> None:
    """Nobody watches a request."""
