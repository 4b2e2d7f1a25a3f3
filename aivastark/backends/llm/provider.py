"""HTTP to a model provider: one request, its answer piece by piece, and failures in words.

Not through `fetching.py`, whose guard is for addresses that strangers name: this one the operator set, and it is often
a private one. What holds there holds here as well: no redirect is followed, no cookie is kept, no proxy of the
environment is used, and time and size have limits.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import httpcore
import orjson

from aivastark import __version__
from aivastark.backends.llm.base import ModelFailed
from aivastark.kit.headers import from_the_wire, on_the_wire
from aivastark.kit.urls import canonical_url
from aivastark.telemetry.tracing import trace_headers

CONNECT_TIMEOUT_S = 5.0
WRITE_TIMEOUT_S = 10.0
MAX_CALLS = 500  # at the same time
MAX_IDLE = 100
KEEP_ALIVE_S = 60.0
MAX_ANSWER_BYTES = 32_000_000
MAX_ERROR_BYTES = 16_000
ERROR_BODY_S = 2.0

USER_AGENT = f"Aivastark/{__version__}"


class Patience:
    """How long an answer may keep us waiting: for each sign of life, and in all."""

    def __init__(self, *, silence_s: float, whole_s: float) -> None:
        self.silence_s = silence_s
        self._end = asyncio.get_running_loop().time() + whole_s
        self.renew()

    def renew(self) -> None:
        """There was a sign of life, or our side was busy."""
        self.until = min(asyncio.get_running_loop().time() + self.silence_s, self._end)

    def hurry(self, seconds: float) -> None:
        """Wait no longer than this for what comes now; until `renew`."""
        self.until = min(asyncio.get_running_loop().time() + seconds, self._end)


class Answer:
    """The status and headers of an answer, and its body as it comes."""

    def __init__(self, response: httpcore.Response, *, host: str, patience: Patience) -> None:
        self.status = response.status
        self.headers = from_the_wire(response.headers)
        self.host = host
        self._pieces = response.aiter_stream()
        self._patience = patience
        self._size = 0

    async def piece(self) -> bytes | None:
        """Some more of the body, None at its end. Raises ModelFailed."""
        with _in_words(self.host, self._patience, begun=True):
            async with asyncio.timeout_at(self._patience.until):
                piece = await anext(self._pieces, None)
        self._size += len(piece or b"")
        if self._size > MAX_ANSWER_BYTES:
            raise ModelFailed("nonsense", f"{self.host} sent more than {MAX_ANSWER_BYTES / 1e6:g} MB.")
        return piece

    async def whole(self) -> object:
        """All of the body, read as JSON; None where it is none. Raises ModelFailed."""
        body = bytearray()
        while (piece := await self.piece()) is not None:
            body += piece
        return _json(bytes(body))

    async def beginning(self) -> object:
        """Up to `MAX_ERROR_BYTES` of the body, as far as they come within `ERROR_BODY_S`, read as `whole` is."""
        kept = bytearray()
        self._patience.hurry(ERROR_BODY_S)
        with contextlib.suppress(ModelFailed):
            while len(kept) < MAX_ERROR_BYTES and (piece := await self.piece()) is not None:
                kept += piece
        return _json(bytes(kept[:MAX_ERROR_BYTES]))


class Provider:
    """Where a model is. Holds connections: `close` it in the end."""

    def __init__(self, url: str, *, api_key: str | None) -> None:
        """`url` is what the paths of the API begin with, such as `https://api.example.com/v1`. Raises ValueError."""
        parts = urlsplit(canonical_url(url))
        self.host = parts.netloc
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._path = parts.path.removesuffix("/").removesuffix("/chat/completions")
        self._query = f"?{parts.query}" if parts.query else ""
        # Azure's older form, known by its `api-version`, takes keys in a header of its own.
        is_azure = "api-version=" in parts.query
        self._credentials: dict[str, str] = {}
        if api_key is not None:
            self._credentials = {"api-key": api_key} if is_azure else {"Authorization": f"Bearer {api_key}"}
        self._tls = httpcore.default_ssl_context() if parts.scheme == "https" else None
        self._idle: list[httpcore.AsyncHTTPConnection] = []  # the one used last is the last
        self._under_way = 0
        self._closed = False

    async def close(self) -> None:
        """Close the kept connections; those in use close when their calls end."""
        self._closed = True
        while self._idle:
            await self._idle.pop().aclose()

    @contextlib.asynccontextmanager
    async def post(self, path: str, body: bytes, *, patience: Patience) -> AsyncIterator[Answer]:
        """Send JSON; whatever comes back is the answer. Leaving the block ends the call. Raises ModelFailed."""
        headers = {
            "Host": self.host,
            "User-Agent": USER_AGENT,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Accept": "text/event-stream, application/json",
            "Accept-Encoding": "identity",
            **trace_headers(),
            **self._credentials,
        }
        request = httpcore.Request(
            "POST",
            f"{self._origin}{self._path}{path}{self._query}",
            headers=on_the_wire(headers),
            content=body,
            extensions={"timeout": {"connect": CONNECT_TIMEOUT_S, "write": WRITE_TIMEOUT_S}},
        )
        async with self._connection() as connection:
            with _in_words(self.host, patience, begun=False):
                async with asyncio.timeout_at(patience.until):
                    response = await connection.handle_async_request(request)
            try:
                yield Answer(response, host=self.host, patience=patience)
            finally:
                await response.aclose()

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[httpcore.AsyncHTTPConnection]:
        """A connection for one call, kept afterwards if its answer was read to the end.

        Not httpcore's pool: with many idle connections it gives all waiting calls the same one, and they get on at a
        fraction of the pace.
        """
        if self._under_way >= MAX_CALLS:
            raise ModelFailed("unavailable", f"{MAX_CALLS} calls to {self.host} are under way.", retryable=True)
        self._under_way += 1
        connection = None
        try:
            while connection is None and self._idle:
                connection = self._idle.pop()
                if connection.has_expired() or not connection.is_available():
                    await connection.aclose()
                    connection = None
            if connection is None:
                connection = httpcore.AsyncHTTPConnection(
                    origin=httpcore.URL(self._origin).origin, ssl_context=self._tls, keepalive_expiry=KEEP_ALIVE_S
                )
            yield connection
        finally:
            self._under_way -= 1
            if connection is not None:
                await self._put_back(connection)

    async def _put_back(self, connection: httpcore.AsyncHTTPConnection) -> None:
        if connection.is_available() and len(self._idle) < MAX_IDLE and not self._closed:
            self._idle.append(connection)
        else:
            await connection.aclose()
        while self._idle and self._idle[0].has_expired():
            await self._idle.pop(0).aclose()


@contextlib.contextmanager
def _in_words(host: str, patience: Patience, *, begun: bool) -> Iterator[None]:
    """Errors of the network as ModelFailed; `begun` once there was a status."""
    try:
        yield
    except httpcore.ConnectTimeout as error:
        raise ModelFailed(
            "timeout", f"{host} took no connection within {CONNECT_TIMEOUT_S:g} seconds.", retryable=True
        ) from error
    except (TimeoutError, httpcore.TimeoutException) as error:
        sentence = f"{host} was silent for {patience.silence_s:g} seconds, or took too long in all."
        raise ModelFailed("timeout", sentence, retryable=True, was_taken=True) from error
    except (httpcore.ConnectError, ssl.SSLError) as error:
        trouble = _certificate_trouble(error)
        sentence = f"{host} cannot be reached" + (f": its certificate is not valid ({trouble})." if trouble else ".")
        raise ModelFailed("unreachable", sentence, retryable=trouble is None) from error
    except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
        if begun:
            raise ModelFailed("cut_off", f"{host} broke off its answer.", retryable=True) from error
        raise ModelFailed("unavailable", f"{host} hung up without an answer.", retryable=True) from error


def _certificate_trouble(error: BaseException | None) -> str | None:
    """What is wrong with a certificate, from the chain of causes; None if it was something else."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return None


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
