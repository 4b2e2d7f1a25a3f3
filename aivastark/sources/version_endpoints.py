"""HTTP for the history of a source: its versions, what each changed, what failed, and the way back."""

from typing import Annotated

from fastapi import APIRouter, Path

from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict, NotFound
from aivastark.kit.pages import LIMIT_DEFAULT
from aivastark.projects.endpoints import cursor_for, position_after
from aivastark.sources.add import queue_sync
from aivastark.sources.endpoints import Cursor, Limit, Reading, SourceId, Writing, announce
from aivastark.sources.models import Document, Source, SourceFailure, SourceVersion
from aivastark.sources.schemas import SourceOut, source_out
from aivastark.sources.store import find_source
from aivastark.sources.version_schemas import (
    VERSION_MAX,
    SourceChangeList,
    SourceFailureList,
    SourceRollback,
    SourceVersionList,
    change_out,
    failure_out,
    version_out,
)
from aivastark.sources.versions import Kind, find_version, list_changes, list_failures, list_versions

router = APIRouter(prefix="/v1/projects/{project_id}/sources/{source_id}", tags=["Sources"])

Version = Annotated[int, Path(ge=1, le=VERSION_MAX, description="The number of a version.")]


@router.get("/versions", operation_id="listSourceVersions", summary="List a source's versions")
async def versions(
    here: Reading, source_id: SourceId, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> SourceVersionList:
    """What each published version added, changed and removed, newest first. The last ten are kept."""
    scope = f"versions:{source_id}"
    after = position_after(here, scope, {}, cursor)

    def look(session: ReadSession) -> list[SourceVersion]:
        source = find_source(session, here.project_id, source_id)
        return list_versions(session, source, limit=limit, before=int(after[0]) if after else None)

    rows = await here.backends.db.read(look)
    more, rows = len(rows) > limit, rows[:limit]
    return SourceVersionList(
        data=[version_out(row) for row in rows],
        next_cursor=cursor_for(here, scope, {}, [str(rows[-1].version)]) if more else None,
        has_more=more,
    )


@router.get(
    "/versions/{version}/changes", operation_id="listSourceVersionChanges", summary="List what a version changed"
)
async def changes(
    here: Reading, source_id: SourceId, version: Version, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> SourceChangeList:
    """The documents a version added, changed or removed. 404 for a version that is not kept any more."""
    scope = f"changes:{source_id}:{version}"
    after = position_after(here, scope, {}, cursor)

    def look(session: ReadSession) -> list[tuple[Kind, Document]]:
        source = find_source(session, here.project_id, source_id)
        _require_version(session, source, version)
        return list_changes(session, source, version, limit=limit, after=after[0] if after else None)

    rows = await here.backends.db.read(look)
    more, rows = len(rows) > limit, rows[:limit]
    return SourceChangeList(
        data=[change_out(change, row) for change, row in rows],
        next_cursor=cursor_for(here, scope, {}, [rows[-1][1].id]) if more else None,
        has_more=more,
    )


@router.get("/failures", operation_id="listSourceFailures", summary="List what failed or was left out")
async def failures(
    here: Reading, source_id: SourceId, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> SourceFailureList:
    """Documents the last sync could not have or read, and those it left out on purpose (`skipped`), each with why.

    Try the failed ones again with `POST …/sync` and `{"only": "failed"}`.
    """
    scope = f"failures:{source_id}"
    after = position_after(here, scope, {}, cursor)

    def look(session: ReadSession) -> list[SourceFailure]:
        source = find_source(session, here.project_id, source_id)
        return list_failures(session, source, limit=limit, after=after[0] if after else None)

    rows = await here.backends.db.read(look)
    more, rows = len(rows) > limit, rows[:limit]
    return SourceFailureList(
        data=[failure_out(row) for row in rows],
        next_cursor=cursor_for(here, scope, {}, [rows[-1].id]) if more else None,
        has_more=more,
    )


@router.post("/rollback", status_code=202, operation_id="rollBackSource", summary="Bring an older version back")
async def roll_back(here: Writing, source_id: SourceId, body: SourceRollback) -> SourceOut:
    """Publish what an older version held as a new version. Refreshes pause until somebody syncs, or they would undo it.

    404 for a version that is not kept any more, 409 for the one that is published.
    """

    def queue(session: WriteSession) -> Source:
        source = find_source(session, here.project_id, source_id)
        if source.status == "deleting":
            raise Conflict("This source is being deleted.")
        _require_version(session, source, body.version)
        if body.version == source.version:
            raise Conflict(f"Version {body.version} is what is published.", param="version")
        queue_sync(session, source, rollback=body.version)
        here.note(session, "source.rolled_back", source.id, version=body.version)
        return source

    source = await here.backends.db.write(queue)
    announce(here.backends, source)
    return source_out(source)


def _require_version(session: ReadSession, source: Source, version: int) -> None:
    if find_version(session, source, version) is None:
        raise NotFound
