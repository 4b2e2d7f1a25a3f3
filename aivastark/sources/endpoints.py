"""HTTP for sources: post, list, look, patch, delete, sync, cancel, watch."""

import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.datastructures import UploadFile

from aivastark.accounts.conditions import Changing, Showing
from aivastark.accounts.media import JSON, media_type_of
from aivastark.backends.base import Backends
from aivastark.backends.blobs.base import BlobsFailed
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import NotFound, Refused, Unavailable
from aivastark.kit.etags import etag_of
from aivastark.kit.pages import CURSOR_MAX_CHARS, LIMIT_DEFAULT, LIMIT_MAX
from aivastark.projects.endpoints import (
    PING_S,
    SSE_HEADERS,
    Here,
    cursor_for,
    in_project,
    position_after,
)
from aivastark.sources.add import Candidate, add_source, subject_of
from aivastark.sources.connected_accounts import find_account
from aivastark.sources.models import ChunkRow, Document, Source
from aivastark.sources.receive import PATCH_BODY, SOURCE_BODY, from_form, from_json, parse
from aivastark.sources.remove import mark_for_removal
from aivastark.sources.schemas import (
    ChunkOut,
    DocumentList,
    DocumentWithText,
    NewSource,
    OnConflict,
    SourceList,
    SourceOut,
    SourcePatch,
    SourceStatus,
    SourceSyncIn,
    SourceType,
    document_out,
    source_out,
)
from aivastark.sources.store import (
    cancel_sync,
    find_document,
    find_source,
    list_documents,
    list_sources,
    patch_source,
    state_of,
    sync_again,
)
from aivastark.sources.uploads import drop_unused_blob, is_being_forgotten

AS_USUAL = SourceSyncIn()  # what is meant by no body at all
LOOK_AGAIN_S = 2.0  # for changes of which nobody told
WATCH_MAX_S = 3_600.0
WATCHED = {
    "text/event-stream": {
        "example": 'event: progress\ndata: {"type":"progress","source":{…}}\n\n'
        'event: done\ndata: {"type":"done","source":{…}}\n\n'
    }
}

router = APIRouter(prefix="/v1/projects/{project_id}/sources", tags=["Sources"])

Reading = Annotated[Here, Depends(in_project("sources"))]
Writing = Annotated[Here, Depends(in_project("sources", write=True))]
SourceId = Annotated[str, Path(description="The source's id, `src_…`.", max_length=64)]
DocumentId = Annotated[str, Path(description="The document's id, `doc_…`.", max_length=64)]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows on a page.")]
Cursor = Annotated[str | None, Query(max_length=CURSOR_MAX_CHARS, description="`next_cursor` of the page before.")]


@router.post(
    "",
    status_code=202,
    response_model=SourceOut,
    operation_id="createSource",
    summary="Teach the bot something",
    openapi_extra=SOURCE_BODY,
    responses={200: {"model": SourceOut, "description": "Known already: the same source, a sync queued."}},
)
async def create(request: Request, response: Response, here: Writing) -> SourceOut:
    """Post a web page, a file or a text. The work is queued; watch `status` or the source's events."""
    candidate, on_conflict = await _read_posted(request, here)

    def add(session: WriteSession) -> tuple[Source, bool]:
        if "account_id" in candidate.secrets:
            find_account(session, here.project_id, candidate.secrets["account_id"])
        source, is_new = add_source(
            session,
            here.project_id,
            candidate,
            secret_key=here.backends.secret_key,
            on_conflict=on_conflict,
        )
        if source.blob != candidate.blob:  # it is there and stays as it is: what was sent is not needed
            drop_unused_blob(session, here.project_id, candidate.blob)
        return source, is_new

    try:
        source, is_new = await here.backends.db.write(add)
    except Refused:  # what came with it is not kept either
        await here.backends.db.write(lambda session: drop_unused_blob(session, here.project_id, candidate.blob))
        raise
    await _keep_blob(here.backends, here.project_id, source)
    announce(here.backends, source)
    response.status_code = 202 if is_new else 200
    response.headers["Location"] = f"/v1/projects/{here.project_id}/sources/{source.id}"
    return source_out(source)


@router.get("", operation_id="listSources", summary="List sources")
async def index(
    here: Reading,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    status: SourceStatus | None = None,
    type: SourceType | None = None,  # the contract's name
    tag: Annotated[str | None, Query(max_length=64)] = None,
    q: Annotated[str | None, Query(max_length=200, description="Part of title, locator or external id.")] = None,
) -> SourceList:
    """Newest first."""
    filters: dict[str, object] = {"status": status, "type": type, "tag": tag, "q": q}
    after = position_after(here, "sources", filters, cursor)
    rows = await here.backends.db.read(
        lambda session: list_sources(
            session,
            here.project_id,
            limit=limit,
            after=after[0] if after else None,
            status=status,
            type_=type,
            tag=tag,
            q=q,
        )
    )
    more = len(rows) > limit
    rows = rows[:limit]
    return SourceList(
        data=[source_out(row) for row in rows],
        next_cursor=cursor_for(here, "sources", filters, [rows[-1].id]) if more else None,
        has_more=more,
    )


@router.get("/{source_id}", operation_id="getSource", summary="Look at a source")
async def show(here: Reading, source_id: SourceId, conditions: Showing) -> SourceOut:
    """One source with its state, progress and, when it failed, why."""
    source = await here.backends.db.read(lambda session: find_source(session, here.project_id, source_id))
    conditions.show(etag_of(source.updated_at))
    return source_out(source)


@router.patch(
    "/{source_id}",
    operation_id="updateSource",
    summary="Change a source's description",
    openapi_extra=PATCH_BODY,
)
async def update(request: Request, here: Writing, source_id: SourceId, conditions: Changing) -> SourceOut:
    """JSON merge patch: what is absent stays, `null` clears. A new title queues a sync."""
    patch = parse(SourcePatch, await request.body())
    changes = {name: getattr(patch, name) for name in patch.model_fields_set}

    def change(session: WriteSession) -> Source:
        conditions.require(etag_of(find_source(session, here.project_id, source_id).updated_at))
        return patch_source(session, here.project_id, source_id, changes)

    source = await here.backends.db.write(change)
    conditions.tag(etag_of(source.updated_at))
    announce(here.backends, source)
    return source_out(source)


@router.delete("/{source_id}", status_code=202, operation_id="deleteSource", summary="Delete a source")
async def delete(here: Writing, source_id: SourceId) -> SourceOut:
    """No answer uses it from now on; its rows, index entries and files go in a moment. Then it is a 404."""

    def mark(session: WriteSession) -> Source:
        source = find_source(session, here.project_id, source_id)
        mark_for_removal(session, source)
        return source

    source = await here.backends.db.write(mark)
    announce(here.backends, source)
    return source_out(source)


@router.post("/{source_id}/sync", status_code=202, operation_id="syncSource", summary="Sync now")
async def sync(here: Writing, source_id: SourceId, body: SourceSyncIn = AS_USUAL) -> SourceOut:
    """Look at the origin again. What is unchanged costs a hash; queries see the old content until then.

    `only: failed` tries what failed again and leaves the rest alone. `accept_removals` publishes what a `held` source
    found, `accept_failing_tests` what answer tests took back. A sync ends the pause that a rollback began.
    """

    def queue(session: WriteSession) -> Source:
        source = find_source(session, here.project_id, source_id)
        return sync_again(
            session,
            source,
            only=body.only,
            accept_removals=body.accept_removals,
            accept_failing_tests=body.accept_failing_tests,
        )

    source = await here.backends.db.write(queue)
    announce(here.backends, source)
    return source_out(source)


@router.post("/{source_id}/cancel", operation_id="cancelSourceSync", summary="Stop a sync")
async def cancel(here: Writing, source_id: SourceId) -> SourceOut:
    """Stops the sync under way or waiting. What was published before keeps serving."""
    source = await here.backends.db.write(lambda session: cancel_sync(session, here.project_id, source_id))
    announce(here.backends, source)
    return source_out(source)


@router.get("/{source_id}/documents", operation_id="listDocuments", summary="List a source's documents")
async def documents(
    here: Reading, source_id: SourceId, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> DocumentList:
    """The published documents, without their text."""
    scope = f"documents:{source_id}"
    after = position_after(here, scope, {}, cursor)

    def look(session: ReadSession) -> list[Document]:
        source = find_source(session, here.project_id, source_id)
        return list_documents(session, source, limit=limit, after=after[0] if after else None)

    rows = await here.backends.db.read(look)
    more = len(rows) > limit
    rows = rows[:limit]
    return DocumentList(
        data=[document_out(row) for row in rows],
        next_cursor=cursor_for(here, scope, {}, [rows[-1].id]) if more else None,
        has_more=more,
    )


@router.get("/{source_id}/documents/{document_id}", operation_id="getDocument", summary="Read a document")
async def document(here: Reading, source_id: SourceId, document_id: DocumentId) -> DocumentWithText:
    """The canonical text, which every quote is checked against, and the passages cut from it."""

    def look(session: ReadSession) -> tuple[Document, list[ChunkRow]]:
        return find_document(session, find_source(session, here.project_id, source_id), document_id)

    row, chunks = await here.backends.db.read(look)
    return DocumentWithText(
        **document_out(row).model_dump(),
        text=row.text,
        data=[
            ChunkOut(
                id=chunk.id,
                text=row.text[chunk.char_start : chunk.char_end],
                heading_path=chunk.heading_path,
                page=chunk.page,
                char_start=chunk.char_start,
                char_end=chunk.char_end,
            )
            for chunk in chunks
        ],
    )


@router.get(
    "/{source_id}/events",
    operation_id="watchSource",
    summary="Watch a sync",
    response_class=EventSourceResponse,
    responses={200: {"content": WATCHED, "description": "`progress` events, then `done`."}},
)
async def events(here: Reading, source_id: SourceId) -> EventSourceResponse:
    """Server-Sent Events: the source as `progress` whenever it changes, and `done` when it has settled."""
    await here.backends.db.read(lambda session: find_source(session, here.project_id, source_id))
    watching = _watch(here.backends, here.project_id, source_id)
    return EventSourceResponse(watching, ping=0, sep="\n", headers=SSE_HEADERS)


async def _read_posted(request: Request, here: Here) -> tuple[Candidate, OnConflict]:
    if media_type_of(request) == JSON:
        posted = parse(NewSource, await request.body())
        return await from_json(posted, here.backends.blobs, here.project_id), posted.on_conflict
    async with request.form(max_files=1, max_fields=100) as form:
        upload = next((part for part in form.getlist("file") if isinstance(part, UploadFile)), None)
        fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        candidate, common = await from_form(fields, upload, here.backends.blobs, here.project_id)
    return candidate, common.on_conflict


def announce(backends: Backends, source: Source) -> None:
    """There may be work, and those who watch look again."""
    backends.work_waiting.set()
    backends.broadcast.tell(subject_of(source.id))


async def _watch(backends: Backends, project_id: str, source_id: str) -> AsyncIterator[ServerSentEvent]:
    """What is to be sent, signs of life among it: a task only for those would be a tenth of what a stream costs."""
    shown: object = None
    said_at = time.monotonic()
    ends_at = said_at + WATCH_MAX_S
    with backends.broadcast.listen(subject_of(source_id)) as listener:
        while time.monotonic() < ends_at:
            look = partial(_look, project_id=project_id, source_id=source_id, shown=shown)
            shown, news = await backends.db.read(look)
            is_over = bool(news) and news[-1].event == "done"
            if not news and time.monotonic() - said_at >= PING_S:
                news = [ServerSentEvent(comment="ping", sep="\n")]
            if news:
                said_at = time.monotonic()
            while news:  # emptied: those who only wait keep nothing of the source
                yield news.pop(0)
            if is_over:
                return
            await listener.wait(LOOK_AGAIN_S)


def _look(
    session: ReadSession, *, project_id: str, source_id: str, shown: object
) -> tuple[object, list[ServerSentEvent]]:
    """What state the source is in, and what to say of it to who was `shown` another one."""
    state = state_of(session, project_id, source_id)
    if state is not None and state == shown:
        return state, []
    try:
        source = find_source(session, project_id, source_id)
    except NotFound:
        return None, [ServerSentEvent('{"type":"done","status":"deleted"}', event="done", sep="\n")]
    news = [_event("progress", source)]
    if source.status in ("ready", "partial", "held", "failed"):
        news.append(_event("done", source))
    return state, news


def _event(kind: Literal["progress", "done"], source: Source) -> ServerSentEvent:
    body = source_out(source).model_dump_json()
    return ServerSentEvent(f'{{"type":"{kind}","source":{body}}}', event=kind, sep="\n")


async def _keep_blob(backends: Backends, project_id: str, source: Source) -> None:
    """The same bytes may have been deleted with another source between upload and row, or are just now: say so."""
    blob = source.blob
    if blob is None:
        return
    goes = await backends.db.read(lambda session: is_being_forgotten(session, project_id, blob))
    try:
        is_there = not goes and await backends.blobs.exists(project_id, blob)
    except BlobsFailed:  # a moment ago it took the bytes, and the source is acknowledged: its sync will see
        return
    if not is_there:
        raise Unavailable("The upload was lost to a deletion of the same content. Send it again.")
