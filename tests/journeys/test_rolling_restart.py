"""Two servers on one PostgreSQL are restarted in turn, as by an upgrade: no request fails, every stream ends whole."""

import asyncio
import contextlib
import itertools
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aivastark.postgresql import libpq_url
from tests.journeys.server import Server
from tests.make import events_in, read
from tests.postgres import Postgres

ASKERS = 3
BETWEEN_S = 0.5
DRAIN_S = 0.5  # from the moment a server is given no more to its end, as the chart's `preStop`
READY_MAX_S = 30.0
KNOWN = "Returns are accepted within 30 days of delivery. Items must be unused."
QUESTION = "Within how many days are returns accepted?"


@dataclass(kw_only=True)
class Balancer:
    """Which servers are given requests; one that is about to stop is given no more, and ends those it has."""

    key: str
    path: str
    serving: list[Server]
    answered: int = 0
    streamed: int = 0
    is_over: bool = False
    _turns: Iterator[int] = field(default_factory=itertools.count)

    def next(self) -> Server:
        """In turn."""
        return self.serving[next(self._turns) % len(self.serving)]

    async def ask(self) -> None:
        """Questions one after the other, none of which may fail in any way."""
        while not self.is_over:
            async with self.next().client(self.key) as http:
                assert read(await http.post(f"{self.path}/query", json={"message": QUESTION}))["citations"]
            self.answered += 1

    async def stream(self) -> None:
        """Answers as streams: one that is cut goes on at whichever server there is, with nothing lost or twice."""
        while not self.is_over:
            text = ""
            async with self.next().client(self.key) as http:
                asked = {"message": QUESTION, "stream": True}
                async with http.stream("POST", f"{self.path}/query", json=asked) as answer:
                    assert answer.status_code == 200
                    async for piece in answer.aiter_text(chunk_size=64):
                        text += piece
            if "[DONE]" not in text:
                text = await self._rest(text.rpartition("\n\n")[0] + "\n\n")
            events = events_in(text)
            [given] = [event.body["answer"] for event in events if event.kind == "answer"]
            assert "".join(event.body["delta"] for event in events if event.kind == "token") == given
            self.streamed += 1

    async def _rest(self, begun: str) -> str:
        events = events_in(begun)
        path = f"{self.path}/messages/{events[0].body['message_id']}/stream"
        async with self.next().client(self.key) as http:
            rest = await http.get(path, headers={"Last-Event-ID": str(len(events) - 1)})
        assert rest.status_code == 200, rest.text
        return begun + rest.text


async def test_servers_are_restarted_in_turn_without_a_failure(tmp_path: Path, postgres: Postgres) -> None:
    with postgres.database() as url, contextlib.ExitStack() as running:
        environment = {
            "DATABASE_URL": libpq_url(url),
            "EMBEDDING_MODEL": "hashing",
            "RATE_LIMIT_PER_MINUTE": "0",
        }
        one, two = (
            running.enter_context(
                Server(data_dir=tmp_path / "data", environment=environment, log_suffix=f".{name}.log", options=options)
            )
            for name, options in (("one", ()), ("two", ("--no-worker",)))
        )
        install = await asyncio.to_thread(one.init)
        await asyncio.gather(asyncio.to_thread(one.start), asyncio.to_thread(two.start))
        path = f"/v1/projects/{install['project_id']}"
        balancer = Balancer(key=install["api_key"], path=path, serving=[one, two])
        await _know(balancer)

        async with asyncio.TaskGroup() as asking:
            for _ in range(ASKERS):
                asking.create_task(balancer.ask())
            asking.create_task(balancer.stream())
            for server in (one, two):
                await asyncio.sleep(BETWEEN_S)
                before = balancer.answered
                balancer.serving.remove(server)
                await asyncio.sleep(DRAIN_S)  # a call on its way when the signal comes would find its door closed
                assert await asyncio.to_thread(server.stop) == -signal.SIGTERM  # uvicorn ends, then says what ended it
                await asyncio.to_thread(server.start)
                balancer.serving.append(server)
                assert balancer.answered > before
            balancer.is_over = True

    assert balancer.streamed > 0


async def _know(balancer: Balancer) -> None:
    """What the questions are about."""
    give_up_at = time.monotonic() + READY_MAX_S
    async with balancer.next().client(balancer.key) as http:
        path = f"{balancer.path}/sources"
        known = read(await http.post(path, json={"type": "raw", "text": KNOWN}))
        while read(await http.get(f"{path}/{known['id']}"))["status"] != "ready":
            assert time.monotonic() < give_up_at
            await asyncio.sleep(0.05)
