"""The log of deliveries, sending once more, trying out, and catching up with events."""

from datetime import timedelta
from typing import get_args

from sqlalchemy import update

from aivastark.backends.base import Backends
from aivastark.events import EventType
from aivastark.kit.clock import to_wire, utc_now
from aivastark.webhooks.fan_out import EXAMPLES
from aivastark.webhooks.models import Delivery
from aivastark.webhooks.store import forget_old_deliveries
from tests.conftest import Settle
from tests.loopback import Page, page, serving
from tests.make import Client, assert_error, read
from tests.webhooks.hooks import (
    OK,
    ask_the_unanswerable,
    bodies,
    deliveries,
    hung_up,
    in_turn,
    subscribe,
)


async def test_a_delivery_is_sent_once_more_under_its_id_and_with_its_body(api: Client, settle: Settle) -> None:
    async with serving({"/": OK}) as site:
        webhook = await subscribe(api, site.url())
        await ask_the_unanswerable(api)
        await settle()
        [delivery] = await deliveries(api, webhook)
        again = await api.post(f"webhooks/{webhook['id']}/deliveries/{delivery['id']}/redeliver")
        await settle()

        first, second = site.requests
        shown = read(await api.get(f"webhooks/{webhook['id']}/deliveries/{delivery['id']}"))
    assert (again.status_code, read(again)["status"]) == (202, "pending")
    assert first.body == second.body == shown["body"].encode()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert [attempt["number"] for attempt in shown["attempts"]] == [1, 2]
    assert shown["status"] == "delivered"


async def test_a_time_range_is_sent_once_more(api: Client, backends: Backends, settle: Settle) -> None:
    pages: dict[str, Page] = {"/": page(410)}
    async with serving(pages) as site:
        webhook = await subscribe(api, site.url())
        path = f"webhooks/{webhook['id']}"
        for number in range(3):
            await ask_the_unanswerable(api, number)
            await settle()
            pages["/"] = OK
            await api.patch(path, {"enabled": True})
        long_ago = utc_now() - timedelta(hours=5)
        oldest = (await deliveries(api, webhook))[-1]["id"]
        await backends.db.write(
            lambda session: session.execute(update(Delivery).where(Delivery.id == oldest).values(created_at=long_ago))
        )
        before, now, later = (to_wire(utc_now() + timedelta(hours=hours)) for hours in (-6, -1, 1))

        failed = await api.post(f"{path}/redeliver", {"from": before, "to": later, "status": "failed"})
        await settle()
        recent = await api.post(f"{path}/redeliver", {"from": now, "to": later})
        await settle()
        none = await api.post(f"{path}/redeliver", {"from": before, "to": later, "status": "failed"})

        assert len(site.requests) == 3 + 1 + 2
    assert [read(answer)["queued"] for answer in (failed, recent, none)] == [1, 2, 0]
    assert_error(await api.post(f"{path}/redeliver", {"from": later, "to": now}), 422, "invalid_request", param="from")
    assert_error(await api.post(f"{path}/redeliver", {"to": now}), 422, "invalid_request", param="from")


async def test_an_example_is_sent_at_once_signed_and_decides_nothing(api: Client, settle: Settle) -> None:
    async with serving({"/": in_turn(page(410, b"no"), OK)}) as site:
        webhook = await subscribe(api, site.url(), events=["lead.captured"], enabled=False)
        refused = read(await api.post(f"webhooks/{webhook['id']}/test"))
        taken = read(await api.post(f"webhooks/{webhook['id']}/test", {"type": "knowledge.updated"}))
        await settle()

        assert len(site.requests) == 2
        first, second = bodies(site)
    assert (refused["status"], refused["attempts"][0]["response_body"]) == ("failed", "no")
    assert (taken["status"], taken["test"], taken["attempts"][0]["response_status"]) == ("delivered", True, 200)
    assert (first["type"], second["type"]) == ("lead.captured", "knowledge.updated")
    assert first["test"] is second["test"] is True
    assert read(await api.get("events"))["data"] == []
    assert read(await api.get(f"webhooks/{webhook['id']}"))["disabled_reason"] == "manual"
    assert_error(
        await api.post(f"webhooks/{webhook['id']}/test", {"type": "lead.lost"}), 422, "invalid_request", param="type"
    )


async def test_an_example_of_every_event_has_the_fields_of_a_real_one(api: Client, settle: Settle) -> None:
    await ask_the_unanswerable(api)
    await api.add(text="We open at nine.")
    await settle()

    assert EXAMPLES.keys() == set(get_args(EventType))
    for event in read(await api.get("events"))["data"]:
        assert EXAMPLES[event["type"]].keys() == event["data"].keys()


async def test_the_log_is_filtered_and_has_pages(api: Client, settle: Settle) -> None:
    async with serving({"/": in_turn(hung_up, OK)}) as site:
        webhook = await subscribe(api, site.url())
        for number in range(3):
            await ask_the_unanswerable(api, number)
            await settle()
        await api.add(text="We open at nine.")
        await settle()

    everything = await deliveries(api, webhook)
    assert [row["event_type"] for row in everything] == ["knowledge.updated"] + ["low_confidence.detected"] * 3
    assert [row["id"] for row in await deliveries(api, webhook, status="pending")] == [everything[3]["id"]]
    assert await deliveries(api, webhook, event_type="knowledge.updated") == everything[:1]
    assert await deliveries(api, webhook, **{"to": everything[0]["created_at"]}) == everything[1:]
    path = f"webhooks/{webhook['id']}/deliveries"
    first = read(await api.get(path, limit=3))
    second = read(await api.get(path, limit=3, cursor=first["next_cursor"]))
    assert first["data"] + second["data"] == everything
    assert_error(
        await api.get(path, cursor=first["next_cursor"], status="failed"), 400, "invalid_cursor", param="cursor"
    )
    assert_error(await api.get(path, status="lost"), 422, "invalid_request", param="status")
    assert_error(await api.get(path, **{"from": "0001-01-01T00:00:00+14:00"}), 422, "invalid_request", param="from")


async def test_events_are_there_to_catch_up_with_in_either_order(api: Client, stranger: Client, settle: Settle) -> None:
    for number in range(4):
        await ask_the_unanswerable(api, number)
    await api.add(text="We open at nine.")
    await ask_the_unanswerable(stranger)
    await settle()

    newest_first = read(await api.get("events"))["data"]
    oldest_first: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        listed = read(await api.get("events", order="asc", limit=2, **cursor))
        oldest_first += [event["id"] for event in listed["data"]]
        if not listed["has_more"]:
            break
        cursor = {"cursor": listed["next_cursor"]}

    assert len(newest_first) == 5
    assert oldest_first == [event["id"] for event in newest_first][::-1]
    of_one_type = read(await api.get("events", type="knowledge.updated"))["data"]
    assert of_one_type == newest_first[:1]
    since = read(await api.get("events", **{"from": of_one_type[0]["created_at"]}))["data"]
    assert since == of_one_type
    assert_error(await api.get("events", type="lead.lost"), 422, "invalid_request", param="type.0")


async def test_what_nothing_happened_to_for_a_month_is_forgotten(
    api: Client, backends: Backends, settle: Settle
) -> None:
    async with serving({"/": OK}) as site:
        webhook = await subscribe(api, site.url())
        for number in range(2):
            await ask_the_unanswerable(api, number)
        await settle()
    newer, older = await deliveries(api, webhook)
    month = utc_now() - timedelta(days=31)
    await backends.db.write(
        lambda session: session.execute(update(Delivery).where(Delivery.id == older["id"]).values(updated_at=month))
    )

    await backends.db.write(forget_old_deliveries)

    assert await deliveries(api, webhook) == [newer]
    assert_error(await api.get(f"webhooks/{webhook['id']}/deliveries/{older['id']}"), 404, "not_found")
