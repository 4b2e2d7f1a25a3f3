"""HTTP for those who run widgets: making and changing them, earlier versions, keys and secrets."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

import orjson
import structlog
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from aivastark.accounts.conditions import Changing, Showing
from aivastark.accounts.media import media_type_of
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import MalformedBody, PayloadTooLarge, UnsupportedMedia
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.etags import etag_of
from aivastark.kit.pages import LIMIT_DEFAULT, LIMIT_MAX
from aivastark.projects.endpoints import Here, cursor_for, in_project, position_after
from aivastark.widgets.configuration import Configuration
from aivastark.widgets.identity import secret_of
from aivastark.widgets.merging import merged
from aivastark.widgets.models import Widget, WidgetVersion
from aivastark.widgets.schemas import (
    CONFIGURATION_BODY,
    PATCH_BODY,
    EmbedKeyOut,
    IdentitySecretOut,
    NewWidget,
    Overlap,
    VersionList,
    WidgetList,
    WidgetOut,
    checked,
    version_out,
    widget_fields,
    widget_out,
)
from aivastark.widgets.store import (
    change_widget,
    create_widget,
    delete_widget,
    find_version,
    find_widget,
    hold_widget,
    list_versions,
    list_widgets,
    rotate_embed_key,
    rotate_identity,
)

CONFIGURATION_MAX_BYTES = 256_000
NO_STORE = {"Cache-Control": "no-store"}
USUAL_OVERLAP = Overlap()

log = structlog.get_logger()
router = APIRouter(prefix="/v1/projects/{project_id}/widgets", tags=["Widgets"])

Reading = Annotated[Here, Depends(in_project("widgets"))]
Writing = Annotated[Here, Depends(in_project("widgets", write=True))]
WidgetId = Annotated[str, Path(description="The widget's id, `wgt_…`.", max_length=64)]
Version = Annotated[int, Path(description="The version's number.", ge=1, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows on a page.")]
Cursor = Annotated[str | None, Query(max_length=1024, description="`next_cursor` of the page before.")]


@router.post(
    "",
    status_code=201,
    operation_id="createWidget",
    summary="Make a widget",
    openapi_extra=CONFIGURATION_BODY,
)
async def create(request: Request, response: Response, here: Writing) -> NewWidget:
    """A name is enough: everything else has a default. The identity secret is shown this once."""
    settings = checked(merged(Configuration, {}, await _object(request, "application/json")))
    by = here.principal.actor_id
    widget = await _act(
        here, "widget.created", lambda session: create_widget(session, here.project_id, settings, by=by)
    )
    response.headers.update({**NO_STORE, "Location": f"/v1/projects/{here.project_id}/widgets/{widget.id}"})
    return NewWidget.model_validate({**widget_fields(widget), "identity_secret": _secret(here, widget)})


@router.get("", operation_id="listWidgets", summary="List widgets")
async def index(here: Reading, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None) -> WidgetList:
    """Newest first."""
    after = position_after(here, "widgets", {}, cursor)
    rows = await here.backends.db.read(
        lambda session: list_widgets(session, here.project_id, limit=limit, after=after[0] if after else None)
    )
    more = len(rows) > limit
    rows = rows[:limit]
    return WidgetList(
        data=[widget_out(row) for row in rows],
        next_cursor=cursor_for(here, "widgets", {}, [rows[-1].id]) if more else None,
        has_more=more,
    )


@router.get("/{widget_id}", operation_id="getWidget", summary="Look at a widget")
async def show(here: Reading, widget_id: WidgetId, conditions: Showing) -> WidgetOut:
    """One widget with everything it does, defaults included."""
    widget = await here.backends.db.read(lambda session: find_widget(session, here.project_id, widget_id))
    conditions.show(_state_of(widget))
    return widget_out(widget)


@router.patch("/{widget_id}", operation_id="updateWidget", summary="Change a widget", openapi_extra=PATCH_BODY)
async def update(request: Request, here: Writing, widget_id: WidgetId, conditions: Changing) -> WidgetOut:
    """JSON merge patch, as deep as the configuration is: what is absent stays, `null` goes back to the default.

    The configuration before is kept as a version.
    """
    patch = await _object(request, "application/json", "application/merge-patch+json")

    def change(session: WriteSession) -> Widget:
        held = hold_widget(session, here.project_id, widget_id)
        settings = checked(merged(Configuration, held.settings, patch))
        conditions.require(_state_of(held))  # after the body: what is refused anyway does not depend on a state
        return change_widget(session, here.project_id, widget_id, settings, by=here.principal.actor_id)

    widget = await _act(here, "widget.updated", change)
    conditions.tag(_state_of(widget))
    return widget_out(widget)


@router.delete("/{widget_id}", status_code=204, operation_id="deleteWidget", summary="Delete a widget")
async def delete(here: Writing, widget_id: WidgetId) -> None:
    """Its keys and its visitors' tokens stop working at once; its conversations stay."""
    await _act(here, "widget.deleted", lambda session: delete_widget(session, here.project_id, widget_id))


@router.get("/{widget_id}/versions", operation_id="listWidgetVersions", summary="List a widget's versions")
async def versions(
    here: Reading, widget_id: WidgetId, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> VersionList:
    """What the configuration was after each change, newest first."""
    scope = f"widget_versions:{widget_id}"
    after = position_after(here, scope, {}, cursor)

    def look(session: ReadSession) -> list[WidgetVersion]:
        return list_versions(session, here.project_id, widget_id, limit=limit, after=int(after[0]) if after else None)

    rows = await here.backends.db.read(look)
    more = len(rows) > limit
    rows = rows[:limit]
    return VersionList(
        data=[version_out(row) for row in rows],
        next_cursor=cursor_for(here, scope, {}, [str(rows[-1].version)]) if more else None,
        has_more=more,
    )


@router.post(
    "/{widget_id}/versions/{version}/restore", operation_id="restoreWidgetVersion", summary="Go back to a version"
)
async def restore(here: Writing, widget_id: WidgetId, version: Version) -> WidgetOut:
    """The configuration of that version becomes the newest version; nothing in between is lost."""

    def go_back(session: WriteSession) -> Widget:
        settings = find_version(session, here.project_id, widget_id, version).settings
        return change_widget(
            session, here.project_id, widget_id, settings, by=here.principal.actor_id, restored_from=version
        )

    return widget_out(await _act(here, "widget.restored", go_back))


@router.post("/{widget_id}/rotate-embed-key", operation_id="rotateEmbedKey", summary="Change the embed key")
async def rotate_key(here: Writing, widget_id: WidgetId, body: Overlap = USUAL_OVERLAP) -> EmbedKeyOut:
    """A new key; the old one goes on for `expires_in` seconds, a day unless told otherwise."""
    overlap = timedelta(seconds=body.expires_in)

    previous = ""

    def rotate(session: WriteSession) -> Widget:
        nonlocal previous
        previous = hold_widget(session, here.project_id, widget_id).embed_key
        return rotate_embed_key(session, here.project_id, widget_id, overlap=overlap)

    widget = await _act(here, "widget.embed_key_rotated", rotate)
    return EmbedKeyOut(
        embed_key=widget.embed_key,
        previous_embed_key=previous,
        previous_expires_at=to_wire(widget.updated_at + overlap),
    )


@router.post(
    "/{widget_id}/rotate-identity-secret", operation_id="rotateIdentitySecret", summary="Change the identity secret"
)
async def rotate_secret(
    response: Response, here: Writing, widget_id: WidgetId, body: Overlap = USUAL_OVERLAP
) -> IdentitySecretOut:
    """A new secret, shown this once; the one before is accepted for `expires_in` seconds more."""
    overlap = timedelta(seconds=body.expires_in)
    widget = await _act(
        here,
        "widget.identity_secret_rotated",
        lambda session: rotate_identity(session, here.project_id, widget_id, overlap=overlap),
    )
    response.headers.update(NO_STORE)
    return IdentitySecretOut(
        identity_secret=_secret(here, widget),
        previous_expires_at=to_wire(widget.previous_identity_until or utc_now()),
    )


async def _act(here: Here, action: str, work: Callable[[WriteSession], Widget]) -> Widget:
    """Every change made here passes through, with its name: what is done, by whom, to which widget."""

    def noted(session: WriteSession) -> Widget:
        widget = work(session)
        here.note(session, action, widget.id, name=widget.settings["name"])
        return widget

    widget = await here.backends.db.write(noted)
    log.info(action, widget=widget.id, by=here.principal.actor_id, project=here.project_id)
    return widget


def _state_of(widget: Widget) -> str:
    return etag_of(widget.version, widget.updated_at)


async def _object(request: Request, *media_types: str) -> dict[str, Any]:
    """The body as a JSON object, not looked into."""
    if media_type_of(request) not in media_types:
        raise UnsupportedMedia(f"Send the body as {media_types[0]}.")
    body = await request.body()
    if len(body) > CONFIGURATION_MAX_BYTES:
        raise PayloadTooLarge(f"A widget's configuration may hold {CONFIGURATION_MAX_BYTES // 1_000} kB at most.")
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedBody("The body is not valid JSON.") from error
    if not isinstance(decoded, dict):
        raise MalformedBody("The body is not a JSON object.")
    return decoded


def _secret(here: Here, widget: Widget) -> str:
    return secret_of(here.backends.secret_key, widget.id, widget.identity_salt)
