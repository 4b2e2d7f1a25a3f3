"""HTTP for deliveries of a webhook: the log, and sending once more."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from aivastark.errors import InvalidRequest
from aivastark.events import EventType
from aivastark.kit.pages import LIMIT_DEFAULT
from aivastark.projects.endpoints import cursor_for, position_after
from aivastark.webhooks.endpoints import Cursor, Limit, Reading, WebhookId, Writing
from aivastark.webhooks.schemas import (
    DeliveryList,
    DeliveryOut,
    DeliveryStatus,
    DeliveryWithAttempts,
    Instant,
    Redelivered,
    RedeliverRange,
    delivery_fields,
    delivery_with_attempts,
)
from aivastark.webhooks.store import Filters, find_delivery, list_deliveries, redeliver, redeliver_range

router = APIRouter(prefix="/v1/projects/{project_id}/webhooks/{webhook_id}", tags=["Webhooks"])

DeliveryId = Annotated[str, Path(description="The delivery's id, `dlv_…`.", max_length=64)]
Since = Annotated[Instant | None, Query(alias="from", description="Made at or after.")]
Until = Annotated[Instant | None, Query(alias="to", description="Made before.")]


@router.get("/deliveries", operation_id="listDeliveries", summary="List deliveries")
async def index(
    here: Reading,
    webhook_id: WebhookId,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    status: DeliveryStatus | None = None,
    event_type: EventType | None = None,
    since: Since = None,
    until: Until = None,
) -> DeliveryList:
    """The log of the last 30 days, newest first."""
    filters = Filters(status=status, event_type=event_type, since=since, until=until)
    bound: dict[str, object] = {name: getattr(filters, name) for name in Filters.__dataclass_fields__}
    scope = f"deliveries:{webhook_id}"
    after = position_after(here, scope, bound, cursor)
    rows = await here.backends.db.read(
        lambda session: list_deliveries(
            session, here.project_id, webhook_id, filters=filters, limit=limit, after=after[0] if after else None
        )
    )
    more = len(rows) > limit
    rows = rows[:limit]
    return DeliveryList(
        data=[DeliveryOut.model_validate(delivery_fields(row)) for row in rows],
        next_cursor=cursor_for(here, scope, bound, [rows[-1].id]) if more else None,
        has_more=more,
    )


@router.get("/deliveries/{delivery_id}", operation_id="getDelivery", summary="Look at a delivery")
async def show(here: Reading, webhook_id: WebhookId, delivery_id: DeliveryId) -> DeliveryWithAttempts:
    """The body that is sent, and every attempt with status, latency and the beginning of what came back."""
    found = await here.backends.db.read(
        lambda session: find_delivery(session, here.project_id, webhook_id, delivery_id)
    )
    return delivery_with_attempts(*found)


@router.post(
    "/deliveries/{delivery_id}/redeliver", status_code=202, operation_id="redeliver", summary="Send one once more"
)
async def once_more(here: Writing, webhook_id: WebhookId, delivery_id: DeliveryId) -> DeliveryOut:
    """The same body under the same delivery id, signed anew, with the whole schedule of retries before it."""
    row = await here.backends.db.write(lambda session: redeliver(session, here.project_id, webhook_id, delivery_id))
    here.backends.work_waiting.set()
    return DeliveryOut.model_validate(delivery_fields(row))


@router.post("/redeliver", status_code=202, operation_id="redeliverRange", summary="Send a time range once more")
async def range_once_more(here: Writing, webhook_id: WebhookId, posted: RedeliverRange) -> Redelivered:
    """All deliveries made in a time range, or those of one status, up to 10,000 at a call. Tests are left out."""
    if posted.since >= posted.until:
        raise InvalidRequest("from must be before to", param="from")
    filters = Filters(status=posted.status, since=posted.since, until=posted.until)
    queued = await here.backends.db.write(
        lambda session: redeliver_range(session, here.project_id, webhook_id, filters)
    )
    here.backends.work_waiting.set()
    return Redelivered(queued=queued)
