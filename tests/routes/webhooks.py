"""Webhooks, their deliveries, and the events they tell of."""

from typing import Any

from tests.make import read
from tests.routes.route import Customer, Ids, Route

NOBODY_LISTENS: dict[str, Any] = {"url": "http://127.0.0.1:9/hook", "events": ["knowledge.updated"]}


async def make_webhook(customer: Customer) -> Ids:
    made = await customer.client.post("webhooks", NOBODY_LISTENS)
    if made.status_code == 409:  # a fuzzer has made as many as there may be
        newest = read(await customer.client.get("webhooks", limit=1))["data"][0]
        await customer.client.delete(f"webhooks/{newest['id']}")
        made = await customer.client.post("webhooks", NOBODY_LISTENS)
    webhook = read(made)
    delivery = read(await customer.client.post(f"webhooks/{webhook['id']}/test"))
    return {"webhook_id": webhook["id"], "delivery_id": delivery["id"]}


OBJECTS = {"webhook_id": make_webhook, "delivery_id": make_webhook}

ROUTES = {
    "createWebhook": Route(
        scope="webhooks", write=True, body=NOBODY_LISTENS, status=201, beyond_schema="the address may be called"
    ),
    "listWebhooks": Route(scope="webhooks"),
    "getWebhook": Route(scope="webhooks"),
    "updateWebhook": Route(
        scope="webhooks", write=True, body={"enabled": True}, beyond_schema="the address may be called"
    ),
    "deleteWebhook": Route(scope="webhooks", write=True, status=204, media_type=None),
    "testWebhook": Route(scope="webhooks", write=True, body={"type": "lead.captured"}),
    "testWebhook: of any event": Route(scope="webhooks", write=True),
    "rotateWebhookSecret": Route(
        scope="webhooks", write=True, body={"overlap_seconds": 60}, beyond_schema="a secret is long enough"
    ),
    "listDeliveries": Route(scope="webhooks"),
    "getDelivery": Route(scope="webhooks"),
    "redeliver": Route(scope="webhooks", write=True, status=202),
    "redeliverRange": Route(
        scope="webhooks",
        write=True,
        body={"from": "2026-11-22T10:00:00Z", "to": "2026-11-22T12:00:00Z"},
        status=202,
        beyond_schema="a range begins before it ends",
    ),
    "listEvents": Route(scope="webhooks", query={"type": "knowledge.updated", "order": "asc"}),
}
