"""HTTP for webhooks: make, list, look, change, delete, try out, rotate the secret."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from aivastark.accounts.conditions import Changing, Showing
from aivastark.database import WriteSession
from aivastark.errors import InvalidRequest
from aivastark.kit.clock import utc_now
from aivastark.kit.etags import etag_of
from aivastark.kit.ids import new_id
from aivastark.kit.pages import CURSOR_MAX_CHARS, LIMIT_DEFAULT, LIMIT_MAX
from aivastark.projects.endpoints import Here, cursor_for, in_project, position_after
from aivastark.webhooks.deliver import note, send
from aivastark.webhooks.fan_out import example_event, new_delivery
from aivastark.webhooks.models import Webhook
from aivastark.webhooks.schemas import (
    DeliveryWithAttempts,
    NewWebhook,
    RotateSecret,
    TestEvent,
    WebhookList,
    WebhookOut,
    WebhookPatch,
    WebhookWithSecret,
    delivery_with_attempts,
    webhook_fields,
    webhook_out,
)
from aivastark.webhooks.secrets import rotate, set_secret
from aivastark.webhooks.sign import issue_secret, standard_form
from aivastark.webhooks.store import (
    add_webhook,
    delete_webhook,
    find_webhook,
    list_webhooks,
    patch_webhook,
)

# What is meant by no body at all.
ANY_EVENT = TestEvent()
AS_USUAL = RotateSecret()

router = APIRouter(prefix="/v1/projects/{project_id}/webhooks", tags=["Webhooks"])

Reading = Annotated[Here, Depends(in_project("webhooks"))]
Writing = Annotated[Here, Depends(in_project("webhooks", write=True))]
WebhookId = Annotated[str, Path(description="The webhook's id, `whk_…`.", max_length=64)]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows on a page.")]
Cursor = Annotated[str | None, Query(max_length=CURSOR_MAX_CHARS, description="`next_cursor` of the page before.")]


@router.post("", status_code=201, operation_id="createWebhook", summary="Subscribe to events")
async def create(here: Writing, posted: NewWebhook, response: Response) -> WebhookWithSecret:
    """An address to tell of events. The secret is shown in this answer and never again."""
    _check_url(here, posted.url)
    secret = posted.secret or issue_secret()
    now = utc_now()
    row = Webhook(
        project_id=here.project_id,
        id=new_id("whk"),
        url=posted.url,
        description=posted.description,
        events=posted.events,
        enabled=posted.enabled,
        disabled_reason=None if posted.enabled else "manual",
        disabled_at=None if posted.enabled else now,
        failing_since=None,
        previous_secret=None,
        previous_secret_until=None,
        created_at=now,
        updated_at=now,
    )
    set_secret(row, secret, secret_key=here.backends.secret_key)
    await here.backends.db.write(lambda session: add_webhook(session, here.project_id, row))
    response.headers["Location"] = f"/v1/projects/{here.project_id}/webhooks/{row.id}"
    return _with_secret(row, secret, response)


@router.get("", operation_id="listWebhooks", summary="List webhooks")
async def index(here: Reading, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None) -> WebhookList:
    """Newest first."""
    after = position_after(here, "webhooks", {}, cursor)
    rows = await here.backends.db.read(
        lambda session: list_webhooks(session, here.project_id, limit=limit, after=after[0] if after else None)
    )
    more = len(rows) > limit
    rows = rows[:limit]
    return WebhookList(
        data=[webhook_out(row) for row in rows],
        next_cursor=cursor_for(here, "webhooks", {}, [rows[-1].id]) if more else None,
        has_more=more,
    )


@router.get("/{webhook_id}", operation_id="getWebhook", summary="Look at a webhook")
async def show(here: Reading, webhook_id: WebhookId, conditions: Showing) -> WebhookOut:
    """One webhook, whether it is enabled, and since when it fails."""
    row = await here.backends.db.read(lambda session: find_webhook(session, here.project_id, webhook_id))
    conditions.show(_etag(row))
    return webhook_out(row)


@router.patch("/{webhook_id}", operation_id="updateWebhook", summary="Change a webhook")
async def update(here: Writing, webhook_id: WebhookId, patch: WebhookPatch, conditions: Changing) -> WebhookOut:
    """JSON merge patch. `enabled: true` switches a disabled one on again, and what waited for it is sent."""
    changes = {name: getattr(patch, name) for name in patch.model_fields_set}
    if "url" in changes:
        _check_url(here, patch.url)

    def change(session: WriteSession) -> Webhook:
        conditions.require(_etag(find_webhook(session, here.project_id, webhook_id)))
        return patch_webhook(session, here.project_id, webhook_id, changes)

    row = await here.backends.db.write(change)
    conditions.tag(_etag(row))
    here.backends.work_waiting.set()
    return webhook_out(row)


@router.delete("/{webhook_id}", status_code=204, operation_id="deleteWebhook", summary="Delete a webhook")
async def delete(here: Writing, webhook_id: WebhookId) -> None:
    """Nothing is sent to it any more; its deliveries go with it."""
    await here.backends.db.write(lambda session: delete_webhook(session, here.project_id, webhook_id))


@router.post("/{webhook_id}/test", operation_id="testWebhook", summary="Send an example now")
async def try_out(here: Writing, webhook_id: WebhookId, posted: TestEvent = ANY_EVENT) -> DeliveryWithAttempts:
    """A signed example of an event, marked `"test": true`, is sent once; the answer says how it went.

    Works on a disabled webhook too, and decides nothing about it.
    """
    backends = here.backends
    webhook = await backends.db.read(lambda session: find_webhook(session, here.project_id, webhook_id))
    type_ = posted.type or webhook_out(webhook).events[0]
    delivery = new_delivery(webhook, example_event(here.project_id, type_), is_test=True)
    attempt = note(delivery, await send(backends.fetcher, webhook, delivery, secret_key=backends.secret_key))

    def write(session: WriteSession) -> None:
        find_webhook(session, here.project_id, webhook_id)
        session.add(delivery)
        session.flush()  # an attempt needs its delivery to be there
        session.add(attempt)

    await backends.db.write(write)
    return delivery_with_attempts(delivery, [attempt])


@router.post("/{webhook_id}/rotate-secret", operation_id="rotateWebhookSecret", summary="Change the secret")
async def rotate_secret(
    here: Writing, webhook_id: WebhookId, response: Response, posted: RotateSecret = AS_USUAL
) -> WebhookWithSecret:
    """A new secret, yours or an issued one. The one before signs beside it for a day, or as long as you say."""
    secret = posted.secret or issue_secret()
    change = partial(
        rotate, secret=secret, secret_key=here.backends.secret_key, at=utc_now(), overlap_s=posted.overlap_seconds
    )

    def write(session: WriteSession) -> Webhook:
        webhook = find_webhook(session, here.project_id, webhook_id)
        change(webhook)
        return webhook

    return _with_secret(await here.backends.db.write(write), secret, response)


def _with_secret(row: Webhook, secret: str, response: Response) -> WebhookWithSecret:
    response.headers["Cache-Control"] = "no-store"  # neither a proxy nor an idempotency key keeps what is shown once
    fields = {**webhook_fields(row), "secret": secret, "standard_secret": standard_form(secret)}
    return WebhookWithSecret.model_validate(fields)


def _etag(row: Webhook) -> str:
    """A name for what is shown of it; its deliveries change that too."""
    return etag_of(webhook_out(row).model_dump_json())


def _check_url(here: Here, url: str) -> None:
    """Refuse what could never be called; what its name leads to is checked at every connection."""
    if sentence := here.backends.fetcher.why_not(url):
        raise InvalidRequest(f"url cannot be called: {sentence}", param="url")
