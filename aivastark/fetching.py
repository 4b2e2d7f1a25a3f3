"""The one door for outgoing HTTP: an address guard at connect time, limits, deadlines.

What can go wrong is `fetch_failures.FetchFailed`.

Built on httpcore, the engine of httpx: httpx has no public way to hand it a network, and brings cookies,
redirects and proxy variables that a door which strangers knock at must not have. The guard sits where the
connection is made, so no redirect, spelling or second DNS answer (rebinding) gets around it: the name is
resolved once, every answer must pass, and the connection goes to a passed address. Host header and TLS name
stay those of the URL.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import IO
from urllib.parse import urljoin, urlsplit

import httpcore

from aivastark import __version__
from aivastark.fetch_failures import FetchFailed, refusal, tls_trouble
from aivastark.kit.addresses import Address, literal_address, why_refused
from aivastark.kit.headers import as_utf8, from_the_wire, on_the_wire, title_case
from aivastark.kit.inflate import BadEncoding, Inflater, TooLarge
from aivastark.kit.lookup import addresses_of
from aivastark.kit.urls import DEFAULT_PORTS, canonical_url

DEADLINE_SECONDS = 30.0  # from the call to the last byte, redirects included
CONNECT_TIMEOUT_SECONDS = 10.0  # for each address tried
READ_TIMEOUT_SECONDS = 20.0  # of silence
WRITE_TIMEOUT_SECONDS = 10.0
MAX_BODY_BYTES = 25_000_000  # decoded
MAX_REDIRECTS = 5
MAX_ADDRESSES_TRIED = 4
MAX_CONNECTIONS = 300
KEEP_ALIVE_SECONDS = 5.0
PUBLIC_PORTS = frozenset({80, 443})

USER_AGENT = f"Aivastark/{__version__} (+https://aivastark.com)"
ACCEPT_ANYTHING = "*/*"

_REDIRECTS = frozenset({301, 302, 303, 307, 308})

# (host, port) → IP addresses as text. Raises OSError where there are none.
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """What a server answered: a 2xx, or a 304 (`not_modified`, no body)."""

    url: str  # the last one, after redirects
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes  # decoded from gzip or deflate, not from its charset
    not_modified: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """What a server answered to a POST, whatever its status."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes  # the beginning of it, as it was sent


class Fetcher:
    """Fetches pages strangers name. Holds connections: one for the process, `close` it in the end.

    `allow_private_networks` opens loopback and private ranges and every port; link-local and cloud metadata
    stay shut. `resolve` and `network` are what names and connections go through.
    """

    def __init__(
        self,
        *,
        allow_private_networks: bool = False,
        deadline_seconds: float = DEADLINE_SECONDS,
        resolve: Resolver = addresses_of,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._deadline_seconds = deadline_seconds
        self._allow_private_networks = allow_private_networks
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpcore.default_ssl_context(),  # Mozilla's authorities and this machine's own
            max_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=_GuardedNetwork(
                allow_private_networks=allow_private_networks,
                resolve=resolve,
                network=network or httpcore.AnyIOBackend(),
            ),
        )

    async def close(self) -> None:
        """Close the kept connections."""
        await self._pool.aclose()

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        max_bytes: int = MAX_BODY_BYTES,
        accept: str = ACCEPT_ANYTHING,
        error_bytes: int = 0,
    ) -> Fetched:
        """Fetch one page, following up to `MAX_REDIRECTS` redirects.

        `headers` (credentials, say) go to the origin of `url` alone: a redirect to another one loses them.
        With `etag` or `last_modified`, as the server gave them last time, the answer may be `not_modified`.
        `max_bytes` counts decoded bytes. Raises FetchFailed for anything but a 2xx or an expected 304, with the
        first `error_bytes` of what the server said.
        """
        ours = {"User-Agent": USER_AGENT, "Accept": accept, "Accept-Encoding": "gzip, deflate"}
        if etag:
            ours["If-None-Match"] = etag
        if last_modified:
            ours["If-Modified-Since"] = last_modified
        async with _deadline(url, self._deadline_seconds):
            return await self._follow(url, ours, headers or {}, max_bytes, error_bytes)

    async def download(
        self,
        url: str,
        into: IO[bytes],
        *,
        max_bytes: int,
        deadline_seconds: float,
        headers: Mapping[str, str] | None = None,
        accept: str = ACCEPT_ANYTHING,
        error_bytes: int = 0,
    ) -> Fetched:
        """As `get`, for what is too large to be held: the body goes into a file as it comes, the answer has none.

        After a failure the file holds the beginning of it, or nothing.
        """
        ours = {"User-Agent": USER_AGENT, "Accept": accept, "Accept-Encoding": "gzip, deflate"}
        async with _deadline(url, deadline_seconds):
            return await self._follow(url, ours, headers or {}, max_bytes, error_bytes, into)

    async def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str], deadline_seconds: float, keep_bytes: int
    ) -> Posted:
        """Send `body`; whatever comes back is the answer, and a redirect is not followed.

        The status decides: of the body behind it `keep_bytes` are kept, as far as they come within the deadline.
        Each call is a connection of its own. Raises FetchFailed when there is no status by then.
        """
        ours = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Connection": "close"}
        answer: httpcore.Response | None = None
        kept = bytearray()
        try:
            async with (
                asyncio.timeout(deadline_seconds),
                self._exchange("POST", _checked(url), {**ours, **headers}, body) as response,
            ):
                answer = response
                async for piece in response.aiter_stream():
                    kept += piece
                    if len(kept) >= keep_bytes:
                        break
        except TimeoutError as error:
            if answer is None:
                sentence = f"{_host(url)} did not answer within {deadline_seconds:g} seconds."
                raise FetchFailed("timeout", sentence, retryable=True) from error
        except FetchFailed:
            if answer is None:
                raise
        assert answer is not None
        return Posted(status=answer.status, headers=from_the_wire(answer.headers), body=bytes(kept[:keep_bytes]))

    def why_not(self, url: str) -> str | None:
        """Why a URL will never be called, as far as it shows without looking its name up; None if it may be."""
        try:
            parts = urlsplit(canonical_url(url))
        except ValueError as error:
            return str(error)
        port = parts.port or DEFAULT_PORTS[parts.scheme]
        return _why_blocked(parts.hostname or "", port, allow_private_networks=self._allow_private_networks)

    async def _follow(
        self,
        url: str,
        ours: Mapping[str, str],
        theirs: Mapping[str, str],
        max_bytes: int,
        error_bytes: int,
        into: IO[bytes] | None = None,
    ) -> Fetched:
        current = _checked(url)
        for _ in range(MAX_REDIRECTS + 1):
            async with self._exchange("GET", current, {**title_case(theirs), **ours}) as response:
                headers = from_the_wire(response.headers)
                if response.status not in _REDIRECTS or "location" not in headers:
                    expected = response.status == 304 and _is_conditional(ours)
                    if not (200 <= response.status < 300 or expected):
                        raise refusal(current, response.status, headers, await _beginning(response, error_bytes))
                    body = b"" if response.status == 304 else await _body(response, headers, max_bytes, into)
                    return Fetched(
                        url=current,
                        status=response.status,
                        headers=headers,
                        body=body,
                        not_modified=response.status == 304,
                    )
            target = _checked(urljoin(current, as_utf8(headers["location"])))
            if _origin(target) != _origin(current):
                theirs = {}  # for good: coming back does not bring them back
            current = target
        raise FetchFailed("too_many_redirects", f"{_host(url)} redirects more than {MAX_REDIRECTS} times.")

    @contextlib.asynccontextmanager
    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None
    ) -> AsyncIterator[httpcore.Response]:
        """One request and its answer, whose body is still to be read; network errors become FetchFailed."""
        parts = urlsplit(url)
        target = httpcore.URL(
            scheme=parts.scheme.encode(),
            host=(parts.hostname or "").encode(),
            port=parts.port,
            target=(parts.path + (f"?{parts.query}" if parts.query else "")).encode(),
        )
        timeouts = {
            "connect": CONNECT_TIMEOUT_SECONDS,
            "read": READ_TIMEOUT_SECONDS,
            "write": WRITE_TIMEOUT_SECONDS,
            "pool": self._deadline_seconds,
        }
        with _in_words(parts.hostname or url):
            async with self._pool.stream(
                method,
                target,
                headers=[(b"Host", parts.netloc.encode()), *on_the_wire(headers)],
                content=content,
                extensions={"timeout": timeouts},
            ) as response:
                yield response


class _GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to addresses that may be called, and to no others."""

    def __init__(
        self, *, allow_private_networks: bool, resolve: Resolver, network: httpcore.AsyncNetworkBackend
    ) -> None:
        self._allow_private_networks = allow_private_networks
        self._resolve = resolve
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers. FetchFailed comes before any packet is sent."""
        if sentence := _why_blocked(host, port, allow_private_networks=self._allow_private_networks):
            raise FetchFailed("blocked_address", sentence)
        addresses = [literal] if (literal := _literal(host)) else await self._resolved(host, port)
        for address in addresses:  # all must pass: one good answer must not carry a bad one in
            if kind := why_refused(address, allow_private_networks=self._allow_private_networks):
                raise FetchFailed("blocked_address", f"{host} is not on the public internet ({kind}).")
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses[:MAX_ADDRESSES_TRIED]:
            try:
                return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure

    async def _resolved(self, host: str, port: int) -> list[Address]:
        try:
            answers = [ip_address(answer) for answer in await self._resolve(host, port)]
        except (OSError, ValueError) as error:
            passing = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            sentence = f"The host name {host} was not found."
            raise FetchFailed("dns_failed", sentence, retryable=passing) from error
        if not answers:
            raise FetchFailed("dns_failed", f"The host name {host} has no address.")
        return answers


def _why_blocked(host: str, port: int, *, allow_private_networks: bool) -> str | None:
    """What stands against a host and a port on their face: a sentence, or None."""
    if port not in PUBLIC_PORTS and not allow_private_networks:
        return f"Port {port} may not be called; only ports 80 and 443 may."
    literal = _literal(host)
    is_loopback = host == "localhost" or host.endswith(".localhost")
    kind = "loopback" if is_loopback and not allow_private_networks else None
    if literal is not None:
        kind = why_refused(literal, allow_private_networks=allow_private_networks)
    return f"{host} is not on the public internet ({kind})." if kind else None


@contextlib.asynccontextmanager
async def _deadline(url: str, seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        sentence = f"{_host(url)} did not deliver the page within {seconds:g} seconds."
        raise FetchFailed("timeout", sentence, retryable=True) from error


async def _body(
    response: httpcore.Response, headers: Mapping[str, str], max_bytes: int, into: IO[bytes] | None
) -> bytes:
    """The decoded body, read while every limit is watched; nothing where it goes into a file."""
    too_large = FetchFailed("too_large", f"The page is larger than {max_bytes / 1e6:g} MB.")
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise too_large
    body = bytearray()
    try:
        inflater = Inflater(headers.get("content-encoding", ""), max_bytes=max_bytes)
        async for piece in response.aiter_stream():
            for step in inflater.feed(piece):
                if into is None:
                    body += step
                else:
                    into.write(step)  # a piece of at most 256 KiB, which the system takes into its cache
        inflater.finish()
    except TooLarge as error:
        raise too_large from error
    except BadEncoding as error:
        raise FetchFailed("decoding_failed", f"The page cannot be unpacked: {error}.") from error
    return bytes(body)


async def _beginning(response: httpcore.Response, size: int) -> bytes:
    """Up to `size` bytes of a body that may be anything, as sent."""
    kept = bytearray()
    if size:
        async for piece in response.aiter_stream():
            kept += piece
            if len(kept) >= size:
                break
    return bytes(kept[:size])


@contextlib.contextmanager
def _in_words(host: str) -> Iterator[None]:
    """Network errors as FetchFailed."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise FetchFailed("timeout", f"{host} did not answer in time.", retryable=True) from error
    except (httpcore.ConnectError, ssl.SSLError) as error:
        if trouble := tls_trouble(error):
            raise FetchFailed("tls_failed", f"No secure connection to {host}: {trouble}.") from error
        raise FetchFailed("connect_failed", f"{host} cannot be reached.", retryable=True) from error
    except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
        sentence = f"The connection to {host} broke off before the page was complete."
        raise FetchFailed("connect_failed", sentence, retryable=True) from error


def _checked(url: str) -> str:
    try:
        return canonical_url(url)
    except ValueError as error:
        raise FetchFailed("invalid_url", str(error)) from error


def _literal(host: str) -> Address | None:
    try:
        return literal_address(host)
    except ValueError as error:
        raise FetchFailed("invalid_url", str(error)) from error


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme]


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _is_conditional(headers: Mapping[str, str]) -> bool:
    return "If-None-Match" in headers or "If-Modified-Since" in headers
