"""A load client that costs next to nothing, because it shares the cores with the server it measures.

Plain asyncio streams, keep-alive, requests encoded beforehand, answers counted and not parsed. It runs in the
process of the benchmark, which is another one than the server's.
"""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from evals.server import Server

WARM_UP_REQUESTS = 30


class AnswerIsAnError(RuntimeError):
    """The server answered with something else than 2xx: a measurement of errors would be worth nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What a number of clients saw: each request's milliseconds, and all requests' number per second."""

    milliseconds: list[float]
    per_second: float


def request(server: Server, method: str, path: str, body: object = None, *, project_id: str | None = None) -> bytes:
    """A whole HTTP/1.1 request as bytes; `path` begins below the project, the install's own unless given."""
    content = b"" if body is None else orjson.dumps(body)
    where = f"/v1/projects/{project_id or server.project_id}{path}"
    head = (
        f"{method} {where} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n"
        f"Authorization: Bearer {server.organization_key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def query(server: Server, message: str, *, project_id: str | None = None) -> bytes:
    """A question in a session of its own."""
    return request(server, "POST", "/query", {"message": message}, project_id=project_id)


class Connection:
    """One keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, host: str, port: int) -> "Connection":
        """Connect."""
        return cls(*await asyncio.open_connection(host, port))

    async def send(self, encoded: bytes) -> bytes:
        """One request; returns the body of the answer. Raises `AnswerIsAnError`."""
        self._writer.write(encoded)
        head = await self.reader.readuntil(b"\r\n\r\n")
        body = await self.reader.readexactly(_content_length(head))
        if not head.startswith(b"HTTP/1.1 2"):
            raise AnswerIsAnError(f"{head.splitlines()[0].decode()}: {body[:300].decode()}")
        return body

    async def begin(self, encoded: bytes) -> None:
        """Send a request whose answer is a stream, and read the head of the answer."""
        self._writer.write(encoded)
        head = await self.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise AnswerIsAnError(head.decode())

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()


async def load(host: str, port: int, requests: Sequence[bytes], *, clients: int, seconds: float) -> Load:
    """So many clients for so long, each sending its next request when it has its answer."""
    waiting = itertools.cycle(requests)
    connections = [await Connection.open(host, port) for _ in range(clients)]
    started = time.perf_counter()
    until = started + seconds

    async def client(connection: Connection) -> list[float]:
        took: list[float] = []
        while (begun := time.perf_counter()) < until:
            await connection.send(next(waiting))
            took.append((time.perf_counter() - begun) * 1000)
        return took

    took = await asyncio.gather(*map(client, connections))
    elapsed = time.perf_counter() - started
    for connection in connections:
        await connection.close()
    milliseconds = [one for client_took in took for one in client_took]
    return Load(milliseconds=milliseconds, per_second=len(milliseconds) / elapsed)


async def ask_for(server: Server, requests: Sequence[bytes], *, seconds: float, clients: int = 1) -> Load:
    """`load` on the product."""
    return await load(server.host, server.port, requests, clients=clients, seconds=seconds)


async def warm_up(server: Server, requests: Sequence[bytes]) -> None:
    """Ask what fills caches before anything is measured."""
    connection = await Connection.open(server.host, server.port)
    for one in requests[:WARM_UP_REQUESTS]:
        await connection.send(one)
    await connection.close()


async def ask_json(connection: Connection, encoded: bytes) -> Any:
    """One request with its answer read as JSON, for what is not measured."""
    return orjson.loads(await connection.send(encoded))


def _content_length(head: bytes) -> int:
    at = head.lower().index(b"content-length:") + len(b"content-length:")
    return int(head[at : head.index(b"\r\n", at)])
