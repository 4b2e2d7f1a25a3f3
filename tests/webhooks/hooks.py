"""A receiver of webhooks and what happens to it, for tests."""

import asyncio
from typing import Any

import orjson
from sqlalchemy import update

from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.jobs import JobRow
from aivastark.kit.clock import utc_now
from aivastark.webhooks.models import Delivery
from tests.loopback import Page, Request, Site, head, page
from tests.make import Body, Client, read

ALL = ["conversation.escalated", "lead.captured", "knowledge.updated", "low_confidence.detected"]
OK = page(200, b"thank you")


async def subscribe(api: Client, url: str, **fields: Any) -> Body:
    """A webhook for all events unless told otherwise."""
    made = await api.post("webhooks", {"url": url, "events": ALL, **fields})
    assert made.status_code == 201, made.text
    return read(made)


async def ask_the_unanswerable(api: Client, number: int = 0) -> Body:
    """A question with low confidence: its event is a fact of the project."""
    answer = await api.ask(f"Do you sell gift card number {number}?")
    assert answer["confidence_level"] == "low"
    return answer


async def let_time_pass(backends: Backends) -> None:
    """As if everything that waits for its time had come to it."""

    def work(session: WriteSession) -> None:
        now = utc_now()
        session.execute(update(Delivery).where(Delivery.next_attempt_at.is_not(None)).values(next_attempt_at=now))
        session.execute(update(JobRow).where(JobRow.subject.startswith("webhook:")).values(run_at=now))

    await backends.db.write(work)


async def deliveries(api: Client, webhook: Body, **filters: Any) -> list[Body]:
    """The log, newest first."""
    listed: list[Body] = read(await api.get(f"webhooks/{webhook['id']}/deliveries", **filters))["data"]
    return listed


async def attempts(api: Client, webhook: Body, delivery_id: str) -> list[Body]:
    """Every attempt of a delivery, in order."""
    tried: list[Body] = read(await api.get(f"webhooks/{webhook['id']}/deliveries/{delivery_id}"))["attempts"]
    return tried


def in_turn(*pages: Page) -> Page:
    """The first page for the first request and so on; the last one for ever."""
    left = list(pages)

    async def write(request: Request, out: asyncio.StreamWriter) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(request, out)

    return write


async def hung_up(request: Request, out: asyncio.StreamWriter) -> None:
    """A receiver that goes away without a word."""
    out.transport.abort()


async def silent(request: Request, out: asyncio.StreamWriter) -> None:
    """A receiver that takes everything and answers nothing."""
    await asyncio.sleep(60)


async def endless(request: Request, out: asyncio.StreamWriter) -> None:
    """A receiver that thanks for ever."""
    out.write(head(200, {}))
    while True:
        out.write(b"thank you " * 1_000)
        await out.drain()


def bodies(site: Site) -> list[Body]:
    """What was received, in order."""
    return [orjson.loads(request.body) for request in site.requests]
