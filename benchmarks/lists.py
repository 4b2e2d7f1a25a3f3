"""Lists: what a page far down costs beside the first one, taking turns on one server."""

import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import insert

from aivastark.bootstrap import SECRET_KEY_FILE
from aivastark.conversations.models import Conversation
from aivastark.conversations.store import Filters
from aivastark.database import WriteSession
from aivastark.kit.ids import new_id
from aivastark.kit.pages import LIMIT_DEFAULT, make_cursor
from benchmarks.client import WARM_UP_REQUESTS, Connection, request
from benchmarks.opened import Opened
from benchmarks.report import Measured
from benchmarks.sizes import Sizes
from evals.server import Install, Server, fresh_install, running

CONVERSATIONS = 100_000
PAGE = 1_000
BATCH = 10_000
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = timedelta(seconds=30)
STATUSES = ("open", "waiting_human", "closed")
ASSIGNEE = "usr_01HW0000000000000000000000"
FILTERS = {
    "none": Filters(),
    "status": Filters(status="open"),
    "channel": Filters(channel="api"),
    "tag": Filters(tag="docs"),
    "assignee": Filters(assignee=ASSIGNEE),
    "from": Filters(since=BEGAN + EVERY),
    "to": Filters(until=BEGAN + EVERY * (CONVERSATIONS - 1)),
    "confidence": Filters(min_confidence=0.2, max_confidence=0.9),
}
SENT_AS = {"since": "from", "until": "to"}


async def measure(sizes: Sizes) -> list[Measured]:
    """Page 1,000 ÷ page 1, plain and with each filter."""
    with fresh_install() as install:
        last = await _fill(install)
        with running(install, "--no-worker") as server:
            connection = await Connection.open(server.host, server.port)
            milliseconds = {
                name: await _both(connection, server, last, filters, sizes) for name, filters in FILTERS.items()
            }
            await connection.close()
    ratios = {name: far / first for name, (first, far) in milliseconds.items()}
    first, far = milliseconds["none"]
    worst = max((name for name in ratios if name != "none"), key=lambda name: ratios[name])
    return [
        Measured(
            name=f"conversations, page {PAGE:,} of {CONVERSATIONS:,} rows ÷ page 1",
            value=ratios["none"],
            floor=1.5,
            note=f"{far:.2f} ÷ {first:.2f} ms",
        ),
        Measured(
            name="the same with a filter, the worst of them",
            value=ratios[worst],
            floor=1.5,
            note=", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items() if name != "none"),
        ),
    ]


async def _fill(install: Install) -> list[str]:
    """Conversations straight into the table; gives the position at the end of the page before the far one."""
    ids = [new_id("conv") for _ in range(CONVERSATIONS)]
    opened = Opened(install)
    for begin in range(0, CONVERSATIONS, BATCH):
        rows = [_row(install.project_id, place, ids[place]) for place in range(begin, begin + BATCH)]

        def work(session: WriteSession, rows: list[dict[str, Any]] = rows) -> None:
            session.execute(insert(Conversation), rows)

        await opened.db.write(work)
    await opened.close()
    place = CONVERSATIONS - (PAGE - 1) * LIMIT_DEFAULT
    return [(BEGAN + EVERY * place).isoformat(), ids[place]]


def _row(project_id: str, place: int, id_: str) -> dict[str, Any]:
    at = BEGAN + EVERY * place
    return {
        "project_id": project_id,
        "id": id_,
        "session_id": f"sess_{place}",
        "channel": "api" if place % 2 else "widget",
        "status": STATUSES[place % len(STATUSES)],
        "subject": f"Question number {place}",
        "language": "en",
        "tags": ["docs"] if place % 5 == 0 else [],
        "assignee": ASSIGNEE if place % 4 == 0 else None,
        "details": {},
        "message_count": 2,
        "min_confidence": place % 100 / 100,
        "created_at": at,
        "updated_at": at,
        "visitor": {},
    }


async def _both(
    connection: Connection, server: Server, last: list[str], filters: Filters, sizes: Sizes
) -> tuple[float, float]:
    """Milliseconds of the first page and of the far one: medians over turns."""
    bound: dict[str, object] = asdict(filters)
    secret = (server.data_dir / SECRET_KEY_FILE).read_bytes()
    asked = {SENT_AS.get(name, name): value for name, value in bound.items() if value is not None}
    cursor = make_cursor(secret, f"{server.project_id}:conversations", bound, last)
    pages = [_list(server, asked), _list(server, {**asked, "cursor": cursor})]
    for _ in range(WARM_UP_REQUESTS):
        for page in pages:
            await connection.send(page)
    took: tuple[list[float], list[float]] = ([], [])
    until = time.perf_counter() + sizes.seconds
    while time.perf_counter() < until:
        for page, milliseconds in zip(pages, took, strict=True):
            begun = time.perf_counter()
            await connection.send(page)
            milliseconds.append((time.perf_counter() - begun) * 1000)
    return median(took[0]), median(took[1])


def _list(server: Server, asked: dict[str, object]) -> bytes:
    sent = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asked.items()}
    return request(server, "GET", f"/conversations?{urlencode(sent)}")
