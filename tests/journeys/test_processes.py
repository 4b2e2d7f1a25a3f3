"""Several processes on one port: one that dies is replaced, all are replaced without a visitor noticing."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx

from tests.journeys.server import Server
from tests.make import read

PROCESSES = 2
WITHIN_S = 60.0


async def becomes(true: Callable[[], bool]) -> None:
    """Wait until the condition holds."""
    give_up_at = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < give_up_at, "it never came"
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def asking(server: Server, key: str, path: str) -> AsyncIterator[list[int]]:
    """Questions one after the other meanwhile, each on a connection of its own; the statuses of their answers."""
    statuses: list[int] = []
    is_over = asyncio.Event()

    async def ask() -> None:
        while not is_over.is_set():
            async with server.client(key) as http:
                answer = await http.post(path, json={"message": "When does the shop open?"})
            statuses.append(answer.status_code)

    asker = asyncio.create_task(ask())
    yield statuses
    is_over.set()
    await asker


async def test_processes_are_replaced_and_end_together(tmp_path: Path) -> None:
    environment = {"EMBEDDING_MODEL": "hashing", "RATE_LIMIT_PER_MINUTE": "0"}
    options = ("--processes", str(PROCESSES))
    with Server(data_dir=tmp_path / "data", environment=environment, options=options) as server:
        install = await asyncio.to_thread(server.init)
        await asyncio.to_thread(server.start)
        key, base = install["api_key"], f"/v1/projects/{install['project_id']}"
        async with server.client(key) as http:
            read(await http.post(f"{base}/sources", json={"type": "raw", "text": "The shop opens at nine every day."}))
        first = server.children()
        assert len(first) == PROCESSES

        async with asking(server, key, f"{base}/query") as statuses:
            os.kill(server.pid, signal.SIGHUP)
            await becomes(lambda: len(server.children()) == PROCESSES and not set(first) & set(server.children()))
        assert len(statuses) > PROCESSES
        assert set(statuses) == {200}
        told = await asyncio.to_thread(httpx.get, f"{server.url}/metrics")
        counted = re.search(r"http_requests_total\{\S*/query\S*status=\"200\"\} (\S+)", told.text)
        assert counted
        assert float(counted[1]) == len(statuses)  # by all of them, also those that are replaced

        second = server.children()
        os.kill(second[0], signal.SIGKILL)
        await becomes(lambda: len(server.children()) == PROCESSES and second[0] not in server.children())
        async with server.client(key) as http:
            assert read(await http.post(f"{base}/query", json={"message": "When does the shop open?"}))["citations"]

        last = server.children()
        port = httpx.URL(server.url).port
        server.kill()
        await becomes(lambda: not any(Path(f"/proc/{pid}").exists() for pid in last))
        with socket.create_server(("127.0.0.1", port or 0)) as free:
            assert free.getsockname()[1] == port
