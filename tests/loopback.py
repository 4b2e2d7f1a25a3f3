"""A real HTTP server on loopback whose pages a test writes out byte for byte, and an internet that ends there."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import httpcore
import pytest

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What arrived: header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes = b""


Page = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


@dataclass(kw_only=True)
class Site:
    """A running server and what it was asked, in order."""

    port: int
    requests: list[Request] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def page(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Page:
    """A page that answers everyone alike."""

    async def write(request: Request, out: asyncio.StreamWriter) -> None:
        out.write(head(status, {"Content-Length": str(len(body)), **(headers or {})}) + body)

    return write


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """Status line and header fields; the connection closes after each answer."""
    lines = [
        f"HTTP/1.1 {status} Word",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@contextlib.asynccontextmanager
async def serving(pages: Mapping[str, Page]) -> AsyncIterator[Site]:
    """Serve `pages` by path (without its query) until the block ends; 404 elsewhere."""
    site = Site(port=0)
    running: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        try:
            request = _parsed(await reader.readuntil(b"\r\n\r\n"))
            request = replace(request, body=await reader.readexactly(int(request.headers.get("content-length", "0"))))
            site.requests.append(request)
            await pages.get(request.path.partition("?")[0], page(404))(request, out)
            await out.drain()
            out.close()
            await out.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client had enough; some tests are about that
        finally:
            out.transport.abort()

    def accept(reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(handle(reader, out))
        running.add(task)
        task.add_done_callback(running.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        server.close()
        await server.wait_closed()


def _parsed(raw: bytes) -> Request:
    first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Request(path=first.split(" ")[1], headers={name.lower(): value.strip() for name, _, value in pairs})


PUBLIC = "93.184.216.34"


class Exchange(httpcore.AsyncNetworkBackend):
    """Stands where the internet would be: notes the address dialled and puts the call through to loopback."""

    def __init__(self, port: int) -> None:
        self.dialled: list[tuple[str, int]] = []
        self._port = port
        self._wire = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append((host, port))
        return await self._wire.connect_tcp("127.0.0.1", self._port, timeout)


@contextlib.asynccontextmanager
async def internet(port: int, *answers: Sequence[str]) -> AsyncIterator[tuple[Fetcher, Exchange]]:
    """A fetcher as it is by default, with `answers` from DNS one after the other, the last one for ever."""
    left = list(answers)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    exchange = Exchange(port)
    fetcher = Fetcher(resolve=resolve, network=exchange)
    try:
        yield fetcher, exchange
    finally:
        await fetcher.close()


async def failure(fetcher: Fetcher, url: str, *, max_bytes: int = 25_000_000) -> FetchFailed:
    """What a fetch that must fail says."""
    with pytest.raises(FetchFailed) as caught:
        await fetcher.get(url, max_bytes=max_bytes)
    assert caught.value.message.endswith(".")
    return caught.value
