"""`kill -9` between a fact and its delivery, again and again: every event arrives, with a signature that holds."""

import asyncio
import hashlib
import hmac
import os
import random
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.journeys.server import Server
from tests.loopback import Request, Site, head, serving

KILLS = int(os.environ.get("TEST_KILLS", "6"))  # each costs a start; `make kills` has thirty
SEED = 20_261_125
FACTS_AT_A_TIME = 3
ARRIVE_MAX_S = 90.0
SECRET = "the receiver's own secret"
EVENTS = ["knowledge.updated", "low_confidence.detected"]


@dataclass(kw_only=True)
class Facts:
    """What the server acknowledged: answers of low confidence, and texts it took in."""

    message_ids: set[str] = field(default_factory=set)
    source_ids: set[str] = field(default_factory=set)
    one_more: asyncio.Event = field(default_factory=asyncio.Event)


async def test_no_event_is_lost_between_the_fact_and_its_delivery(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {"EMBEDDING_MODEL": "hashing", "RATE_LIMIT_PER_MINUTE": "0", "ALLOW_PRIVATE_NETWORKS": "true"}
    chance, facts, begun = random.Random(SEED), Facts(), time.monotonic()

    async def slow_thanks(request: Request, out: asyncio.StreamWriter) -> None:
        await asyncio.sleep(chance.uniform(0.0, 0.2))  # so that some are killed while it thinks
        out.write(head(204, {}))

    with Server(data_dir=tmp_path / "data", environment=environment) as server:
        install = await asyncio.to_thread(server.init)
        async with serving({"/hook": slow_thanks}) as site:
            await asyncio.to_thread(server.start)
            await _subscribe(server, install, site)
            for number in range(KILLS):
                await _kill_after_some_facts(server, install, facts, chance, number)
                await asyncio.to_thread(server.start)
            killed_s = time.monotonic() - begun
            await _all_arrived(site, tmp_path / "data", facts)
            arrived_s = time.monotonic() - begun - killed_s
            received = [orjson.loads(request.body) for request in site.requests]

    assert len(facts.message_ids) >= KILLS
    _assert_every_recorded_event_arrived(tmp_path / "data", received)
    _assert_signed_and_never_changed(site)
    with capsys.disabled():
        told = f"{KILLS} kills in {killed_s:.0f} s, {len(facts.message_ids)} answers and {len(facts.source_ids)} texts"
        twice = len(received) - len({body["id"] for body in received})
        print(f"\n{told} heard of {arrived_s:.0f} s later, {twice} of {len(received)} deliveries repeated")  # noqa: T201


async def _subscribe(server: Server, install: dict[str, Any], site: Site) -> None:
    async with server.client(install["api_key"]) as http:
        webhook = {"url": site.url("/hook"), "events": EVENTS, "secret": SECRET}
        made = await http.post(f"/v1/projects/{install['project_id']}/webhooks", json=webhook)
        assert made.status_code == 201, made.text


async def _kill_after_some_facts(
    server: Server, install: dict[str, Any], facts: Facts, chance: random.Random, number: int
) -> None:
    at_work = asyncio.create_task(_make_facts(server, install, facts, number))
    facts.one_more.clear()
    await facts.one_more.wait()
    await asyncio.sleep(chance.uniform(0.0, 0.6))
    await asyncio.to_thread(server.kill)
    at_work.cancel()
    with suppress(asyncio.CancelledError):
        await at_work


async def _make_facts(server: Server, install: dict[str, Any], facts: Facts, number: int) -> None:
    base = f"/v1/projects/{install['project_id']}"
    with suppress(httpx.TransportError):
        async with server.client(install["api_key"]) as http:
            for place in range(FACTS_AT_A_TIME):
                asked = {"message": f"Do you sell gift card {number}-{place}?"}
                answer = await http.post(f"{base}/query", json=asked)
                assert answer.json()["confidence_level"] == "low", answer.text
                facts.message_ids.add(answer.json()["id"])
                facts.one_more.set()
                text = {"type": "raw", "text": f"Room {number}-{place} opens at nine."}
                posted = await http.post(f"{base}/sources", json=text)
                assert posted.status_code == 202, posted.text
                facts.source_ids.add(posted.json()["id"])


async def _all_arrived(site: Site, data_dir: Path, facts: Facts) -> None:
    """Wait until every acknowledged fact was heard of, and nothing is left to be done."""
    give_up_at = time.monotonic() + ARRIVE_MAX_S
    while True:
        told = [orjson.loads(request.body)["data"] for request in site.requests]
        missing = facts.message_ids - {data.get("message_id") for data in told}
        missing |= facts.source_ids - {data.get("source_id") for data in told}
        left = _look(data_dir, "SELECT subject FROM jobs WHERE subject NOT LIKE 'schedule:%'")
        if not missing and not left:
            return
        assert time.monotonic() < give_up_at, (missing, left)
        await asyncio.sleep(0.1)


def _assert_every_recorded_event_arrived(data_dir: Path, received: list[dict[str, Any]]) -> None:
    """Those of facts that were never acknowledged, too."""
    recorded = _look(data_dir, "SELECT id FROM events")
    planned = _look(data_dir, "SELECT event_id FROM webhook_deliveries")

    assert set(recorded) == {body["id"] for body in received}
    assert sorted(planned) == sorted(recorded), "an event was fanned out twice, or never"


def _look(data_dir: Path, query: str) -> list[str]:
    with closing(sqlite3.connect(data_dir / "aivastark.db")) as tables:
        return [row[0] for row in tables.execute(query)]


def _assert_signed_and_never_changed(site: Site) -> None:
    bodies: dict[str, bytes] = {}
    for request in site.requests:
        signature = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
        assert request.headers["x-aivastark-signature"] == signature
        assert bodies.setdefault(request.headers["webhook-id"], request.body) == request.body
