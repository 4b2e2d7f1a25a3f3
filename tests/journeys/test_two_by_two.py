"""Two servers and two workers on one PostgreSQL, any of them killed at random under load.

Nothing acknowledged is lost, every event is delivered, a bound is kept to the last source, and a stream goes on where
it was, in whichever process.
"""

import asyncio
import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import psycopg
import pytest

from aivastark.postgresql import libpq_url
from tests.journeys.server import Server
from tests.loopback import Request, Site, head, serving
from tests.make import Body, events_in, read
from tests.postgres import Postgres

KILLS = int(os.environ.get("TEST_KILLS", "5"))  # each costs two starts of seconds; 30 take two minutes
SEED = 20_261_126
SOURCES_MAX = 3 * KILLS
SETTLE_MAX_S = 120.0
BETWEEN_S = (0.2, 0.8)
KNOWN = "Returns are accepted within 30 days of delivery. Items must be unused."
QUESTION = "Within how many days are returns accepted?"


@dataclass(kw_only=True)
class Worker:
    """A real `aivastark worker`."""

    data_dir: Path
    environment: dict[str, str]
    name: str
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        run = [sys.executable, "-m", "aivastark", "worker", "--data-dir", str(self.data_dir)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AIVASTARK_")}
        environment |= {f"AIVASTARK_{name}": value for name, value in self.environment.items()}
        with self.data_dir.with_suffix(f".{self.name}.log").open("ab") as out:
            self._process = subprocess.Popen(run, env=environment, stdout=out, stderr=subprocess.STDOUT)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@dataclass(kw_only=True)
class Load:
    """Who asks and posts meanwhile, and what was acknowledged to them."""

    servers: tuple[Server, Server]
    key: str
    base: str
    chance: random.Random
    sources: dict[str, str] = field(default_factory=dict)
    """Ids by external id."""
    refused: set[str] = field(default_factory=set)
    messages: set[str] = field(default_factory=set)
    resumed: int = 0
    is_over: bool = False

    @contextlib.asynccontextmanager
    async def somebody(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client of either server; a server that dies meanwhile is no error of the block's."""
        with contextlib.suppress(httpx.TransportError):
            async with self.chance.choice(self.servers).client(self.key) as http:
                yield http
        await asyncio.sleep(0.01)

    async def post(self) -> None:
        """Texts, until there is no room: what was not acknowledged is posted again."""
        for number in range(SOURCES_MAX + 10):
            name = f"text-{number}"
            while name not in self.sources.keys() | self.refused:
                async with self.somebody() as http:
                    body = {"type": "raw", "text": f"Room {number} opens at nine.", "external_id": name}
                    answer = await http.post(f"{self.base}/sources", json=body)
                    if answer.status_code in (200, 202):
                        self.sources[name] = answer.json()["id"]
                    else:
                        assert answer.json()["error"]["code"] == "plan_limit_reached", answer.text
                        self.refused.add(name)
            await asyncio.sleep(self.chance.uniform(0.0, 0.4))

    async def ask(self) -> None:
        """What nobody knows, which is an event."""
        while not self.is_over:
            async with self.somebody() as http:
                answer = read(await http.post(f"{self.base}/query", json={"message": "Do you sell gift cards?"}))
                assert answer["confidence_level"] == "low"
                self.messages.add(answer["id"])

    async def stream(self) -> None:
        """An answer as a stream which breaks, and goes on at whichever server."""
        while not self.is_over:
            text = ""
            async with self.somebody() as http:
                asked = {"message": QUESTION, "stream": True}
                async with http.stream("POST", f"{self.base}/query", json=asked) as answer:
                    assert answer.status_code == 200
                    async for piece in answer.aiter_text(chunk_size=64):
                        text += piece
                        if "event: token" in text and self.chance.random() < 0.5:
                            break
            whole = text.rpartition("\n\n")[0] + "\n\n"
            if "event: message.start" in whole:
                await self._goes_on(whole)

    async def _goes_on(self, begun: str) -> None:
        events = events_in(begun)
        path = f"{self.base}/messages/{events[0].body['message_id']}/stream"
        rest = ""
        while "[DONE]" not in rest:
            async with self.somebody() as http:
                last = {"Last-Event-ID": str(len(events) - 1)}
                answer = await http.get(path, headers=last)
                assert answer.status_code == 200, answer.text
                rest = answer.text
        events += events_in(rest)
        [given] = [event.body["answer"] for event in events if event.kind == "answer"]
        assert "".join(event.body["delta"] for event in events if event.kind == "token") == given
        assert "30 days" in given
        self.resumed += 1


async def test_whichever_process_dies_nothing_is_lost(
    tmp_path: Path, postgres: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)

    async def slow_thanks(request: Request, out: asyncio.StreamWriter) -> None:
        await asyncio.sleep(chance.uniform(0.0, 0.2))  # so that some are killed while it thinks
        out.write(head(204, {}))

    with postgres.database() as url, contextlib.ExitStack() as running:
        environment = {
            "DATABASE_URL": libpq_url(url),
            "EMBEDDING_MODEL": "hashing",
            "RATE_LIMIT_PER_MINUTE": "0",
            "ALLOW_PRIVATE_NETWORKS": "true",
        }
        data_dir = tmp_path / "data"
        one, two = (
            running.enter_context(
                Server(data_dir=data_dir, environment=environment, log_suffix=f".{name}.log", options=("--no-worker",))
            )
            for name in ("one", "two")
        )
        workers = [Worker(data_dir=data_dir, environment=environment, name=name) for name in ("three", "four")]
        for worker in workers:
            running.callback(worker.kill)
        install = await asyncio.to_thread(one.init)
        bound = ("--sources-per-project", str(SOURCES_MAX))
        await asyncio.to_thread(one.command, "plan", "set", install["organization_id"], *bound)
        async with serving({"/hook": slow_thanks}) as site:
            for process in workers:
                process.start()
            await asyncio.gather(asyncio.to_thread(one.start), asyncio.to_thread(two.start))
            load = Load(
                servers=(one, two),
                key=install["api_key"],
                base=f"/v1/projects/{install['project_id']}",
                chance=chance,
            )
            begun = time.monotonic()
            await _under_fire(load, workers, site)
            killed_s = time.monotonic() - begun
            listed = await _settled(load, site)
            received = {orjson.loads(request.body)["id"] for request in site.requests}
        recorded = _look(url, "SELECT id FROM events")
        planned = _look(url, "SELECT event_id FROM webhook_deliveries")

    assert {source["id"] for source in listed} >= set(load.sources.values())
    assert {(source["status"], source["version"]) for source in listed} == {("ready", 1)}
    assert len(listed) == SOURCES_MAX, "the bound was not kept to the last source"
    assert load.refused
    assert received == set(recorded)
    assert sorted(planned) == sorted(recorded), "an event was fanned out twice, or never"
    assert load.resumed > 0
    with capsys.disabled():
        told = f"{KILLS} kills in {killed_s:.0f} s: {len(load.sources)} texts, {len(load.messages)} answers"
        print(f"\n{told}, {load.resumed} streams resumed, {len(received)} events delivered")  # noqa: T201


async def _under_fire(load: Load, workers: list[Worker], site: Site) -> None:
    """Any one of the four is killed, and started again, while all the others go on."""
    async with load.servers[0].client(load.key) as http:
        subscribed = {"url": site.url("/hook"), "events": ["knowledge.updated", "low_confidence.detected"]}
        assert (await http.post(f"{load.base}/webhooks", json=subscribed)).status_code == 201
        known = read(
            await http.post(f"{load.base}/sources", json={"type": "raw", "text": KNOWN, "external_id": "known"})
        )
        load.sources["known"] = known["id"]
        while read(await http.get(f"{load.base}/sources/{known['id']}"))["status"] != "ready":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    async with asyncio.TaskGroup() as at_work:
        for work in (load.post, load.ask, load.stream):
            at_work.create_task(work())
        for _ in range(KILLS):
            await asyncio.sleep(load.chance.uniform(*BETWEEN_S))
            processes: list[Server | Worker] = [*load.servers, *workers]
            victim = load.chance.choice(processes)
            await asyncio.to_thread(victim.kill)
            await asyncio.sleep(load.chance.uniform(*BETWEEN_S))
            await asyncio.to_thread(victim.start)
        load.is_over = True


async def _settled(load: Load, site: Site) -> list[Body]:
    """Every source, once all are done and every answer's event was heard of."""
    give_up_at = time.monotonic() + SETTLE_MAX_S
    while True:
        listed: list[Body] = []
        cursor: dict[str, Any] = {}
        async with load.servers[1].client(load.key) as http:
            while True:
                page = read(await http.get(f"{load.base}/sources", params={"limit": 100, **cursor}))
                listed += page["data"]
                if page["next_cursor"] is None:
                    break
                cursor = {"cursor": page["next_cursor"]}
        told = [orjson.loads(request.body)["data"] for request in site.requests]
        missing = load.messages - {data.get("message_id") for data in told}
        missing |= {source["id"] for source in listed} - {data.get("source_id") for data in told}
        waiting = [source["id"] for source in listed if source["status"] != "ready"]
        if not missing and not waiting:
            return listed
        assert time.monotonic() < give_up_at, (missing, waiting)
        await asyncio.sleep(0.2)


def _look(url: str, query: str) -> list[str]:
    with psycopg.connect(libpq_url(url)) as connection:
        return [row[0] for row in connection.execute(query.encode())]
