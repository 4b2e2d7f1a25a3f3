"""The address guard of outgoing HTTP, where the connection is made."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence

import httpcore
import pytest

from aivastark import __version__
from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher, Posted
from tests.loopback import PUBLIC, Exchange, failure, internet, page, serving


@pytest.fixture
async def intranet() -> AsyncIterator[Fetcher]:
    """As an operator who opened private networks has it: loopback may be called."""
    fetcher = Fetcher(allow_private_networks=True)
    yield fetcher
    await fetcher.close()


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
        assert fetcher.why_not(f"http://{host}/")


@pytest.mark.parametrize("answers", [["10.0.0.5"], [PUBLIC, "127.0.0.1"], [PUBLIC, "fe80::1%eth0"], ["::1", PUBLIC]])
async def test_a_name_is_refused_if_any_of_its_addresses_is(answers: list[str]) -> None:
    async with internet(9, answers) as (fetcher, exchange):
        assert (await failure(fetcher, "http://docs.example/")).code == "blocked_address"
        with pytest.raises(FetchFailed, match="not on the public internet"):
            await post(fetcher, "http://docs.example/")
        assert exchange.dialled == []


async def test_a_name_that_turns_inwards_between_two_posts_is_refused_at_the_second() -> None:
    async with (
        serving({"/": page(200, b"taken")}) as site,
        internet(site.port, [PUBLIC], ["192.168.0.1"]) as (fetcher, exchange),
    ):
        assert (await post(fetcher, "http://hook.example/")).body == b"taken"
        with pytest.raises(FetchFailed) as refused:
            await post(fetcher, "http://hook.example/")

        assert refused.value.code == "blocked_address"
        assert exchange.dialled == [(PUBLIC, 80)]
        assert site.requests[0].body == b"{}"


async def post(fetcher: Fetcher, url: str) -> Posted:
    return await fetcher.post(url, body=b"{}", headers={}, deadline_seconds=5, keep_bytes=100)


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
