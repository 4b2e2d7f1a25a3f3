"""The one door for outgoing HTTP: limits, answers and redirects, against real servers on loopback."""

import asyncio
import gzip
import io
import socket
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime

import pytest

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import MAX_REDIRECTS, Fetcher
from aivastark.kit.clock import utc_now
from tests.loopback import Page, Request, failure, head, page, serving

BOMB = gzip.compress(bytes(30_000_000))


@pytest.fixture
async def intranet() -> AsyncIterator[Fetcher]:
    """As an operator who opened private networks has it: loopback may be called."""
    fetcher = Fetcher(allow_private_networks=True)
    yield fetcher
    await fetcher.close()


# --- connections


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
        ("gzip", gzip.compress(b"hello", mtime=0)),
        ("x-gzip", gzip.compress(b"hello", mtime=0)),
        ("gzip", gzip.compress(b"hel", mtime=0) + gzip.compress(b"lo", mtime=0)),
        ("gzip", gzip.compress(b"hello", mtime=0) + bytes(512)),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compress(b"hello", wbits=-15)),
    ],
)
async def test_compressed_pages_are_unpacked(intranet: Fetcher, encoding: str, packed: bytes) -> None:
    async with serving({"/": page(200, packed, {"Content-Encoding": encoding})}) as site:
        assert (await intranet.get(site.url())).body == b"hello"


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", b"no gzip"), ("gzip", gzip.compress(b"hello", mtime=0)[:-4]), ("br", b"\x0b"), ("gzip, gzip", b"")],
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


async def test_a_redirect_may_be_the_answer(intranet: Fetcher) -> None:
    async with serving({"/": page(301, headers={"Location": "there?x=1"}), "/there": page(200, b"There.")}) as site:
        fetched = await intranet.get(site.url(), redirects=0)
        assert (fetched.status, fetched.redirects_to, fetched.body) == (301, site.url("/there?x=1"), b"")
        assert [request.path for request in site.requests] == ["/"]


async def test_a_body_that_is_not_wanted_is_not_read(intranet: Fetcher) -> None:
    async def endless(request: Request, out: asyncio.StreamWriter) -> None:
        out.write(head(200, {"Content-Type": "video/mp4"}))
        while True:
            out.write(bytes(100_000))
            await out.drain()

    async with serving({"/": endless}) as site:
        fetched = await intranet.get(site.url(), wanted=lambda headers: headers["content-type"] == "text/html")
    assert (fetched.declined, fetched.body) == (True, b"")


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


# --- into a file


async def test_a_download_goes_into_a_file_and_its_credentials_stay_with_their_origin(intranet: Fetcher) -> None:
    file = io.BytesIO()
    async with (
        serving({"/file": page(200, gzip.compress(b"words " * 9), {"Content-Encoding": "gzip"})}) as store,
        serving({"/": page(302, headers={"Location": store.url("/file")})}) as api,
    ):
        fetched = await intranet.download(
            api.url(), file, max_bytes=100, deadline_seconds=5.0, headers={"Authorization": "Bearer a"}
        )

    assert (file.getvalue(), fetched.body, fetched.url) == (b"words " * 9, b"", store.url("/file"))
    assert "authorization" in api.requests[0].headers
    assert "authorization" not in store.requests[0].headers


async def test_a_download_has_the_limits_of_a_page(intranet: Fetcher) -> None:
    file = io.BytesIO()
    async with serving({"/": page(200, BOMB, {"Content-Encoding": "gzip"})}) as site:
        with pytest.raises(FetchFailed) as caught:
            await intranet.download(site.url(), file, max_bytes=1_000_000, deadline_seconds=5.0)

    assert caught.value.code == "too_large"
    assert len(file.getvalue()) <= 1_000_000
