"""The one door for outgoing HTTP, against real servers on loopback."""

import asyncio
import contextlib
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import timedelta
from email.utils import format_datetime

import httpcore
import pytest

from aivastark import __version__
from aivastark.fetching import MAX_REDIRECTS, Fetcher, FetchFailed
from aivastark.kit.clock import utc_now
from tests.loopback import Page, Request, head, page, serving

PUBLIC = "93.184.216.34"
BOMB = gzip.compress(bytes(30_000_000))


@pytest.fixture
async def intranet() -> AsyncIterator[Fetcher]:
    """As an operator who opened private networks has it: loopback may be called."""
    fetcher = Fetcher(allow_private_networks=True)
    yield fetcher
    await fetcher.close()


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
    with pytest.raises(FetchFailed) as caught:
        await fetcher.get(url, max_bytes=max_bytes)
    assert caught.value.message.endswith(".")
    return caught.value


# --- the guard


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "localhost",
        "LOCALHOST.",
        "deep.localhost",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "①②⑦.0.0.1",
    ],
)
async def test_no_spelling_of_an_inner_address_is_connected_to(host: str) -> None:
    async with internet(9, [PUBLIC]) as (fetcher, exchange):
        assert (await failure(fetcher, f"http://{host}/")).code == "blocked_address"
        assert exchange.dialled == []


@pytest.mark.parametrize("answers", [["10.0.0.5"], [PUBLIC, "127.0.0.1"], [PUBLIC, "fe80::1%eth0"], ["::1", PUBLIC]])
async def test_a_name_is_refused_if_any_of_its_addresses_is(answers: list[str]) -> None:
    async with internet(9, answers) as (fetcher, exchange):
        assert (await failure(fetcher, "http://docs.example/")).code == "blocked_address"
        assert exchange.dialled == []


async def test_the_connection_goes_to_the_address_that_was_vetted_under_the_name_that_was_asked() -> None:
    async with (
        serving({"/": page(200, b"hello")}) as site,
        internet(site.port, [PUBLIC]) as (fetcher, exchange),
    ):
        fetched = await fetcher.get("http://Docs.example/")
        assert (fetched.body, fetched.url) == (b"hello", "http://docs.example/")
        assert exchange.dialled == [(PUBLIC, 80)]
        assert site.requests[0].headers["host"] == "docs.example"
        assert site.requests[0].headers["user-agent"].startswith(f"Aivastark/{__version__} (+")


async def test_a_name_that_turns_private_on_its_second_answer_is_refused() -> None:
    async with (
        serving({"/": page(200)}) as site,
        internet(site.port, [PUBLIC], ["127.0.0.1"]) as (fetcher, exchange),
    ):
        await fetcher.get("http://docs.example/")
        assert (await failure(fetcher, "http://docs.example/")).code == "blocked_address"
        assert exchange.dialled == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("http://169.254.169.254/latest/meta-data/", "blocked_address"),
        ("http://127.0.0.1/", "blocked_address"),
        ("//2130706433/", "blocked_address"),
        ("http://docs.example:22/", "blocked_address"),
        ("file:///etc/passwd", "invalid_url"),
        ("http://user:secret@docs.example/", "invalid_url"),
        ("http://1.2.3.4.5/", "invalid_url"),
    ],
)
async def test_a_redirect_passes_the_same_guard(target: str, code: str) -> None:
    pages = {"/": page(302, headers={"Location": target})}
    async with serving(pages) as site, internet(site.port, [PUBLIC]) as (fetcher, exchange):
        assert (await failure(fetcher, "http://docs.example/")).code == code
        assert exchange.dialled == [(PUBLIC, 80)]


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
async def test_only_the_ports_of_the_web_are_called(port: int) -> None:
    async with internet(9, [PUBLIC]) as (fetcher, exchange):
        assert (await failure(fetcher, f"http://docs.example:{port}/")).code == "blocked_address"
        assert exchange.dialled == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "100.100.100.200", "0.0.0.0"])
async def test_metadata_stays_shut_even_where_private_networks_are_open(intranet: Fetcher, host: str) -> None:
    assert (await failure(intranet, f"http://{host}/")).code == "blocked_address"


@pytest.mark.parametrize("url", ["docs.example", "ftp://docs.example/", "http://", "http://a:b@docs.example/"])
async def test_a_url_we_cannot_fetch_is_refused(intranet: Fetcher, url: str) -> None:
    assert (await failure(intranet, url)).code == "invalid_url"


@pytest.mark.parametrize(("errno", "retryable"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)])
async def test_a_resolver_that_fails_lets_nothing_through(errno: int, retryable: bool) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(errno, "no")

    fetcher = Fetcher(resolve=resolve)
    failed = await failure(fetcher, "http://docs.example/")
    assert (failed.code, failed.retryable) == ("dns_failed", retryable)
    await fetcher.close()


async def test_a_dead_address_is_followed_by_the_next_one() -> None:
    class HalfDead(Exchange):
        async def connect_tcp(self, host: str, *args: object, **kwargs: object) -> httpcore.AsyncNetworkStream:
            if host == "2606:4700::1111":
                raise httpcore.ConnectError("no IPv6 here")
            return await super().connect_tcp(host, 80)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["2606:4700::1111", PUBLIC]

    async with serving({"/": page(200, b"hello")}) as site:
        fetcher = Fetcher(resolve=resolve, network=HalfDead(site.port))
        assert (await fetcher.get("http://docs.example/")).body == b"hello"
        await fetcher.close()


# --- TLS and connections


async def test_tls_greets_the_server_by_its_name_and_a_broken_one_is_told_apart() -> None:
    greetings: list[bytes] = []

    async def greet(reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        greetings.append(await reader.read(4096))
        out.write(b"HTTP/1.1 400 This is no TLS\r\n\r\n")
        out.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with internet(server.sockets[0].getsockname()[1], [PUBLIC]) as (fetcher, exchange):
        failed = await failure(fetcher, "https://docs.example/")
        assert (failed.code, failed.retryable) == ("tls_failed", False)
        assert b"docs.example" in greetings[0]
        assert exchange.dialled == [(PUBLIC, 443)]
    server.close()
    await server.wait_closed()


async def test_a_closed_port_is_a_failed_connection(intranet: Fetcher) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        failed = await failure(intranet, f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert (failed.code, failed.retryable) == ("connect_failed", True)


async def cut_in_a_chunk(request: Request, out: asyncio.StreamWriter) -> None:
    out.write(head(200, {"Transfer-Encoding": "chunked"}) + b"64\r\nonly this much")


async def cut_short(request: Request, out: asyncio.StreamWriter) -> None:
    out.write(head(200, {"Content-Length": "100"}) + b"only this much")


async def no_http(request: Request, out: asyncio.StreamWriter) -> None:
    out.write(b"220 mail.example ESMTP\r\n")


@pytest.mark.parametrize("broken", [cut_in_a_chunk, cut_short, no_http])
async def test_half_a_page_is_no_page(intranet: Fetcher, broken: Page) -> None:
    async with serving({"/": broken}) as site:
        failed = await failure(intranet, site.url())
        assert (failed.code, failed.retryable) == ("connect_failed", True)


# --- limits


async def drip(request: Request, out: asyncio.StreamWriter) -> None:
    out.write(head(200, {"Content-Length": "1000"}))
    for _ in range(1000):
        out.write(b"x")
        await out.drain()
        await asyncio.sleep(0.05)


async def silence(request: Request, out: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


@pytest.mark.parametrize("slow", [drip, silence])
async def test_the_deadline_holds_however_the_server_stalls(slow: Page) -> None:
    fetcher = Fetcher(allow_private_networks=True, deadline_seconds=0.3)
    async with serving({"/": slow}) as site, asyncio.timeout(3):
        failed = await failure(fetcher, site.url())
        assert (failed.code, failed.retryable) == ("timeout", True)
    await fetcher.close()


async def endless(request: Request, out: asyncio.StreamWriter) -> None:
    out.write(head(200, {"Transfer-Encoding": "chunked"}))
    while True:
        out.write(b"4000\r\n" + bytes(0x4000) + b"\r\n")
        await out.drain()


async def nothing_for_ever(request: Request, out: asyncio.StreamWriter) -> None:
    """A gzip stream of empty blocks: it never holds a byte and never ends."""
    packer = zlib.compressobj(wbits=31)
    out.write(head(200, {"Content-Encoding": "gzip"}) + packer.compress(b""))
    while True:
        out.write(b"".join(packer.flush(zlib.Z_FULL_FLUSH) or b"\0\0\0\xff\xff" for _ in range(3_000)))
        await out.drain()


@pytest.mark.parametrize(
    "huge",
    [
        page(200, b"x", {"Content-Length": "25000000"}),
        endless,
        nothing_for_ever,
        page(200, bytes(1_000_001)),
        page(200, gzip.compress(bytes(1_000_001)), {"Content-Encoding": "gzip"}),
    ],
)
async def test_a_body_above_the_limit_is_given_up(intranet: Fetcher, huge: Page) -> None:
    async with serving({"/": huge}) as site:
        failed = await failure(intranet, site.url(), max_bytes=1_000_000)
        assert (failed.code, failed.retryable) == ("too_large", False)
        assert failed.message == "The page is larger than 1 MB."


async def test_a_gzip_bomb_is_given_up_long_before_it_is_unpacked(intranet: Fetcher) -> None:
    async with serving({"/": page(200, BOMB, {"Content-Encoding": "gzip"})}) as site:
        assert (await failure(intranet, site.url(), max_bytes=10**9)).code == "too_large"


async def test_a_body_of_just_the_limit_passes(intranet: Fetcher) -> None:
    async with serving({"/": page(200, bytes(1_000_000))}) as site:
        assert len((await intranet.get(site.url(), max_bytes=1_000_000)).body) == 1_000_000


# --- what comes back


async def test_a_page_comes_back_with_its_headers_as_sent(intranet: Fetcher) -> None:
    headers = {"Content-Type": "text/html; charset=iso-8859-1", "ETag": '"v1"'}
    async with serving({"/": page(200, "Größe".encode("latin-1"), headers)}) as site:
        fetched = await intranet.get(site.url(), accept="text/html", headers={"x-token": "t"})
        assert fetched.body.decode("latin-1") == "Größe"
        assert fetched.headers["content-type"] == "text/html; charset=iso-8859-1"
        assert (fetched.status, fetched.not_modified) == (200, False)
        asked = site.requests[0].headers
        assert (asked["accept"], asked["accept-encoding"], asked["x-token"]) == (
            "text/html",
            "gzip, deflate",
            "t",
        )


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("identity", b"hello"),
        ("gzip", gzip.compress(b"hello")),
        ("x-gzip", gzip.compress(b"hello")),
        ("gzip", gzip.compress(b"hel") + gzip.compress(b"lo")),
        ("gzip", gzip.compress(b"hello") + bytes(512)),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compress(b"hello", wbits=-15)),
    ],
)
async def test_compressed_pages_are_unpacked(intranet: Fetcher, encoding: str, packed: bytes) -> None:
    async with serving({"/": page(200, packed, {"Content-Encoding": encoding})}) as site:
        assert (await intranet.get(site.url())).body == b"hello"


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", b"no gzip"), ("gzip", gzip.compress(b"hello")[:-4]), ("br", b"\x0b"), ("gzip, gzip", b"")],
)
async def test_what_cannot_be_unpacked_is_an_error(intranet: Fetcher, encoding: str, packed: bytes) -> None:
    async with serving({"/": page(200, packed, {"Content-Encoding": encoding})}) as site:
        assert (await failure(intranet, site.url())).code == "decoding_failed"


async def unchanged_if_known(request: Request, out: asyncio.StreamWriter) -> None:
    known = request.headers.get("if-none-match") == '"v1"' or "if-modified-since" in request.headers
    await page(304 if known else 200, b"" if known else b"hello", {"ETag": '"v1"'})(request, out)


async def test_a_known_page_is_not_sent_again(intranet: Fetcher) -> None:
    async with serving({"/": unchanged_if_known}) as site:
        first = await intranet.get(site.url())
        again = await intranet.get(site.url(), etag=first.headers["etag"])
        dated = await intranet.get(site.url(), last_modified="Sun, 22 Nov 2026 10:00:00 GMT")
        other = await intranet.get(site.url(), etag='"v0"')
    assert (first.body, other.body) == (b"hello", b"hello")
    assert (again.not_modified, again.status, again.body) == (True, 304, b"")
    assert dated.not_modified


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (304, "http_error", False),
        (302, "http_error", False),
        (400, "http_error", False),
        (401, "login_required", False),
        (403, "forbidden", False),
        (404, "not_found", False),
        (410, "gone", False),
        (418, "http_error", False),
        (429, "upstream_error", True),
        (500, "upstream_error", True),
        (503, "upstream_error", True),
    ],
)
async def test_each_status_has_its_code(intranet: Fetcher, status: int, code: str, retryable: bool) -> None:
    async with serving({"/": page(status)}) as site:
        failed = await failure(intranet, site.url())
        assert (failed.code, failed.retryable, failed.retry_after) == (code, retryable, None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), ("-5", 0.0), ("1e99", 86_400.0), ("nan", None), ("soon", None), ("", None)],
)
async def test_the_wish_to_be_asked_later_is_passed_on(intranet: Fetcher, value: str, seconds: float | None) -> None:
    async with serving({"/": page(429, headers={"Retry-After": value})}) as site:
        assert (await failure(intranet, site.url())).retry_after == seconds


async def test_the_wish_to_be_asked_later_may_be_a_date(intranet: Fetcher) -> None:
    moment = format_datetime(utc_now() + timedelta(minutes=2), usegmt=True)
    async with serving({"/": page(503, headers={"Retry-After": moment})}) as site:
        wait = (await failure(intranet, site.url())).retry_after
    assert wait is not None
    assert 110 < wait <= 120


# --- redirects


async def test_redirects_are_followed_to_the_page(intranet: Fetcher) -> None:
    pages = {
        "/": page(301, headers={"Location": "/a/b?x=1#part"}),
        "/a/b": page(302, headers={"Location": "../c"}),
        "/c": page(307, headers={"Location": "/größe".encode().decode("latin-1")}),
        "/gr%C3%B6%C3%9Fe": page(200, b"here"),
    }
    async with serving(pages) as site:
        fetched = await intranet.get(site.url())
        assert (fetched.body, fetched.url) == (b"here", site.url("/gr%C3%B6%C3%9Fe"))


async def test_a_redirect_loop_ends(intranet: Fetcher) -> None:
    async with serving({"/": page(302, headers={"Location": "/"})}) as site:
        assert (await failure(intranet, site.url())).code == "too_many_redirects"
        assert len(site.requests) == MAX_REDIRECTS + 1


async def test_credentials_stay_with_the_origin_they_were_given_for(intranet: Fetcher) -> None:
    secrets = {"Authorization": "Bearer secret", "Cookie": "session=secret", "X-Api-Key": "secret"}
    async with serving({"/b": page(200)}) as other:
        pages = {
            "/": page(302, headers={"Location": "/a", "Set-Cookie": "theirs=1"}),
            "/a": page(302, headers={"Location": other.url("/b")}),
        }
        async with serving(pages) as site:
            await intranet.get(site.url(), headers=secrets)
    for request in site.requests:
        assert request.headers["authorization"] == "Bearer secret"
        assert request.headers["cookie"] == "session=secret"
    assert not {"authorization", "cookie", "x-api-key"} & set(other.requests[0].headers)


async def test_the_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    fetcher = Fetcher(allow_private_networks=True)
    async with serving({"/": page(200, b"direct")}) as site:
        assert (await fetcher.get(site.url())).body == b"direct"
    await fetcher.close()
