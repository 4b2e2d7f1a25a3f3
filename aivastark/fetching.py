"""The one door for outgoing HTTP: an address guard at connect time, limits, deadlines.

What can go wrong is `fetch_failures.FetchFailed`.

Built on httpcore, the engine of httpx: httpx has no public way to hand it a network, and brings cookies,
redirects and proxy variables that a door which strangers knock at must not have. The guard (`fetching_guard.py`)
sits where the connection is made.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import IO
from urllib.parse import urljoin, urlsplit

import httpcore

from aivastark import __version__
from aivastark.fetch_failures import FetchFailed, refusal, tls_trouble
from aivastark.fetching_guard import GuardedNetwork, Resolver, why_blocked
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
MAX_CONNECTIONS = 300
KEEP_ALIVE_SECONDS = 5.0

USER_AGENT = f"Aivastark/{__version__} (+https://aivastark.com)"
ACCEPT_ANYTHING = "*/*"

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """What a server answered: a 2xx, or a 304 (`not_modified`, no body); a 3xx where redirects are not followed."""

    url: str  # the last one, after redirects
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes  # decoded from gzip or deflate, not from its charset
    not_modified: bool
    redirects_to: str | None = None  # where redirects are not followed: the whole address, no body
    declined: bool = False  # the caller did not want a body with these headers, and none was read


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """What a server answered to a POST, whatever its status."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes  # the beginning of it, as it was sent


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wishes:
    """How a page is asked for: see `Fetcher.get`."""

    ours: Mapping[str, str]
    theirs: Mapping[str, str]
    max_bytes: int
    error_bytes: int
    redirects: int = MAX_REDIRECTS
    wanted: Callable[[Mapping[str, str]], bool] | None = None
    into: IO[bytes] | None = None


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
            ssl_context=_trusted(),
            max_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=GuardedNetwork(
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
        redirects: int = MAX_REDIRECTS,
        wanted: Callable[[Mapping[str, str]], bool] | None = None,
    ) -> Fetched:
        """Fetch one page, following up to `redirects` redirects; with 0, a redirect is the answer.

        `headers` (credentials, say) go to the origin of `url` alone: a redirect to another one loses them.
        `wanted` is asked, by the headers of a 2xx, whether its body is worth reading.
        With `etag` or `last_modified`, as the server gave them last time, the answer may be `not_modified`.
        `max_bytes` counts decoded bytes. Raises FetchFailed for anything but a 2xx or an expected 304, with the
        first `error_bytes` of what the server said.
        """
        ours = {"User-Agent": USER_AGENT, "Accept": accept, "Accept-Encoding": "gzip, deflate"}
        if etag:
            ours["If-None-Match"] = etag
        if last_modified:
            ours["If-Modified-Since"] = last_modified
        wishes = _Wishes(
            ours=ours,
            theirs=headers or {},
            max_bytes=max_bytes,
            error_bytes=error_bytes,
            redirects=redirects,
            wanted=wanted,
        )
        async with _deadline(url, self._deadline_seconds):
            return await self._follow(url, wishes)

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
        wishes = _Wishes(ours=ours, theirs=headers or {}, max_bytes=max_bytes, error_bytes=error_bytes, into=into)
        async with _deadline(url, deadline_seconds):
            return await self._follow(url, wishes)

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
        return why_blocked(parts.hostname or "", port, allow_private_networks=self._allow_private_networks)

    async def _follow(self, url: str, wishes: _Wishes) -> Fetched:
        current, theirs = _checked(url), wishes.theirs
        for _ in range(wishes.redirects + 1):
            async with self._exchange("GET", current, {**title_case(theirs), **wishes.ours}) as response:
                headers = from_the_wire(response.headers)
                if response.status not in _REDIRECTS or "location" not in headers:
                    expected = response.status == 304 and _is_conditional(wishes.ours)
                    if not (200 <= response.status < 300 or expected):
                        raise refusal(current, response.status, headers, await _beginning(response, wishes.error_bytes))
                    declined = not expected and wishes.wanted is not None and not wishes.wanted(headers)
                    body = b"" if expected or declined else await _body(response, headers, wishes)
                    return Fetched(
                        url=current,
                        status=response.status,
                        headers=headers,
                        body=body,
                        not_modified=expected,
                        declined=declined,
                    )
            target = _checked(urljoin(current, as_utf8(headers["location"])))
            if not wishes.redirects:
                return Fetched(
                    url=current,
                    status=response.status,
                    headers=headers,
                    body=b"",
                    not_modified=False,
                    redirects_to=target,
                )
            if _origin(target) != _origin(current):
                theirs = {}  # for good: coming back does not bring them back
            current = target
        raise FetchFailed("too_many_redirects", f"{_host(url)} redirects more than {wishes.redirects} times.")

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


@cache  # reading them takes tens of milliseconds, and every connection of the process may share them
def _trusted() -> ssl.SSLContext:
    """Mozilla's authorities and this machine's own, as they were when first asked for."""
    return httpcore.default_ssl_context()


@contextlib.asynccontextmanager
async def _deadline(url: str, seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        sentence = f"{_host(url)} did not deliver the page within {seconds:g} seconds."
        raise FetchFailed("timeout", sentence, retryable=True) from error


async def _body(response: httpcore.Response, headers: Mapping[str, str], wishes: _Wishes) -> bytes:
    """The decoded body, read while every limit is watched; nothing where it goes into a file."""
    max_bytes, into = wishes.max_bytes, wishes.into
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


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme]


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _is_conditional(headers: Mapping[str, str]) -> bool:
    return "If-None-Match" in headers or "If-Modified-Since" in headers
