"""HTTP for events: what happened, for those who catch up or have no webhook."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from aivastark.events import EventType
from aivastark.kit.pages import LIMIT_DEFAULT
from aivastark.projects.endpoints import cursor_for, position_after
from aivastark.webhooks.delivery_endpoints import Since, Until
from aivastark.webhooks.endpoints import Cursor, Limit, Reading
from aivastark.webhooks.schemas import EventList, event_out
from aivastark.webhooks.store import list_events

router = APIRouter(prefix="/v1/projects/{project_id}/events", tags=["Webhooks"])

Types = Annotated[list[EventType], Query(description="Only of this type; repeat it for several.", max_length=20)]
Order = Annotated[Literal["asc", "desc"], Query(description="`asc` for the oldest first.")]


@router.get("", operation_id="listEvents", summary="List events")
async def index(
    here: Reading,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    type: Types = [],  # noqa: B006 - FastAPI copies it
    since: Since = None,
    until: Until = None,
    order: Order = "desc",
) -> EventList:
    """What happened in the project, each event exactly as webhooks receive it; newest first unless `order=asc`."""
    bound: dict[str, object] = {"type": sorted(type), "from": since, "to": until, "order": order}
    after = position_after(here, "events", bound, cursor)
    rows = await here.backends.db.read(
        lambda session: list_events(
            session,
            here.project_id,
            types=type,
            since=since,
            until=until,
            oldest_first=order == "asc",
            limit=limit,
            after=(datetime.fromisoformat(after[0]), after[1]) if after else None,
        )
    )
    more = len(rows) > limit
    rows = rows[:limit]
    last = [rows[-1].created_at.isoformat(), rows[-1].id] if more else None
    return EventList(
        data=[event_out(row) for row in rows],
        next_cursor=cursor_for(here, "events", bound, last) if last else None,
        has_more=more,
    )
