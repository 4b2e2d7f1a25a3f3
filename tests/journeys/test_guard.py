"""No door of the product opens inwards: every kind of source and webhooks, at every disguise of an inner address."""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.backends.google import Google
from aivastark.fetching import Fetcher
from tests.loopback import PUBLIC, Exchange, Page, page, serving
from tests.make import Body, Client, assert_error, calling, make_tenant, read, working
from tests.origins.drive import BOT
from tests.origins.google_oauth import GoogleOAuth
from tests.webhooks.hooks import ask_the_unanswerable, deliveries, subscribe

INNER = {
    "loopback": "127.0.0.1",
    "loopback by name": "localhost",
    "loopback of IPv6": "[::1]",
    "nowhere": "0.0.0.0",
    "private, 10/8": "10.0.0.1",
    "private, 172.16/12": "172.16.0.1",
    "private, 192.168/16": "192.168.1.1",
    "private of IPv6": "[fd12:3456::1]",
    "a carrier's": "100.64.0.1",
    "link-local": "169.254.1.1",
    "link-local of IPv6": "[fe80::1]",
    "metadata": "169.254.169.254",
    "metadata of IPv6": "[fd00:ec2::254]",
    "NAT64": "[64:ff9b::a00:1]",
    "6to4": "[2002:a00:1::]",
    "IPv4 in IPv6": "[::ffff:10.0.0.1]",
    "decimal": "167772162",
    "octal": "012.0.0.03",
    "hexadecimal": "0x0a000004",
    "short": "10.5",
    "a name that leads inwards": "inner.example",
    "a name of which one address is inside": "half.example",
}
NAMES: dict[str, list[list[str]]] = {
    "inner.example": [["10.0.0.1"]],
    "half.example": [[PUBLIC, "10.0.0.1"]],
    "turning.example": [[PUBLIC], ["10.0.0.1"]],
    "public.example": [[PUBLIC]],
}
SHUT_AT_ONCE = {name for name, host in INNER.items() if not host.endswith(".example")}

PostedTo = Callable[[str], Body]
SOURCES: dict[str, PostedTo] = {
    "page": lambda host: {"type": "url", "url": f"http://{host}/"},
    "site": lambda host: {"type": "url", "url": f"http://{host}/", "crawl": {}},
    "sitemap": lambda host: {
        "type": "url",
        "url": f"http://public.example/?{host}",
        "crawl": {"sitemap": f"http://{host}/sitemap.xml"},
    },
    "repository": lambda host: {
        "type": "github",
        "repository": "acme/handbook",
        "base_url": f"http://{host}/api/v3",
        "token": "ghp_secret",
    },
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outside:
    """An install that may call the public internet alone, which ends at a server of ours."""

    api: Client
    backends: Backends
    network: Exchange
    pages: dict[str, Page]

    async def settle(self) -> None:
        async with working(self.backends) as worker:
            await worker.run_until_idle()


class Everywhere(dict[str, Page]):
    """The same page at each path."""

    def __init__(self, one: Page) -> None:
        super().__init__()
        self.one = one

    def get(self, path: str, default: Any = None) -> Any:
        return self.one


@contextlib.asynccontextmanager
async def outside(backends: Backends, pages: dict[str, Page]) -> AsyncIterator[Outside]:
    left = {name: list(answers) for name, answers in NAMES.items()}

    async def resolve(host: str, port: int) -> Sequence[str]:
        answers = left[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async with serving(pages) as site:
        network = Exchange(site.port)
        fetcher = Fetcher(resolve=resolve, network=network)
        shut = replace(backends, fetcher=fetcher)
        tenant = await make_tenant(backends.db, per_minute=100_000)
        async with calling(create_app(shut), tenant.key) as http:
            yield Outside(api=Client(http=http, tenant=tenant), backends=shut, network=network, pages=pages)
        await fetcher.close()


async def sources_at(it: Outside, posted_to: PostedTo, hosts: dict[str, str]) -> dict[str, Body]:
    """What became of a source at each of the addresses."""
    ids = {}
    for name, host in hosts.items():
        posted = await it.api.post("sources", {**posted_to(host), "external_id": name})
        assert posted.status_code == 202, f"{name}: {posted.text}"
        ids[name] = read(posted)["id"]
    await it.settle()
    return {name: await it.api.source(id_) for name, id_ in ids.items()}


@pytest.mark.parametrize("door", [name for name in SOURCES if name != "sitemap"])
async def test_no_source_is_read_from_inside(backends: Backends, door: str) -> None:
    async with outside(backends, {}) as it:
        sources = await sources_at(it, SOURCES[door], INNER)

        assert {name: source["error"]["code"] for name, source in sources.items()} == dict.fromkeys(
            INNER, "blocked_address"
        )
        assert it.network.dialled == []


async def test_no_sitemap_is_read_from_inside(backends: Backends) -> None:
    start = page(200, b"<html><body><p>Welcome to our pages.</p></body></html>", {"Content-Type": "text/html"})
    async with outside(backends, {"/": start}) as it:
        sources = await sources_at(it, SOURCES["sitemap"], INNER)

        assert {source["status"] for source in sources.values()} <= {"failed", "partial"}
        assert {host for host, _ in it.network.dialled} <= {PUBLIC}


@pytest.mark.parametrize("door", ["page", "site", "repository"])
async def test_no_redirect_leads_inside(backends: Backends, door: str) -> None:
    for name, host in INNER.items():
        pages = Everywhere(page(302, headers={"Location": f"http://{host}/"}))
        async with outside(backends, pages) as it:
            [source] = (await sources_at(it, SOURCES[door], {name: "public.example"})).values()

            assert source["status"] == "failed", name
            assert {host for host, _ in it.network.dialled} == {PUBLIC}, name


async def test_no_name_turns_inwards_on_the_way(backends: Backends) -> None:
    """The first answer is public and is called; the second, asked for by a redirect to the same name, is not."""
    pages = {"/": page(302, headers={"Location": "http://turning.example/second"})}
    async with outside(backends, dict[str, Page](pages)) as it:
        [source] = (await sources_at(it, SOURCES["page"], {"turning": "turning.example"})).values()

        assert source["error"]["code"] == "blocked_address"
        assert it.network.dialled == [(PUBLIC, 80)]


async def test_neither_google_nor_drive_is_called_inside(backends: Backends) -> None:
    """Where they are is the operator's word; a setting that a stranger got at must not open a way in either."""
    credentials = GoogleOAuth().service_account(BOT)
    for name, host in INNER.items():
        google = Google(api_url=f"http://{host}", token_url=f"http://{host}/token")
        async with outside(replace(backends, google=google), {}) as it:
            posted_to: PostedTo = lambda _: {"type": "drive", "file_id": "A" * 20, "credentials": credentials}  # noqa: E731
            [source] = (await sources_at(it, posted_to, {name: host})).values()

            assert source["error"]["code"] == "blocked_address", name
            assert it.network.dialled == []


async def test_no_webhook_is_called_inside(backends: Backends) -> None:
    async with outside(backends, Everywhere(page(302, headers={"Location": "http://10.0.0.1/"}))) as it:
        for name in SHUT_AT_ONCE:
            refused = await it.api.post("webhooks", {"url": f"http://{INNER[name]}/", "events": ["lead.captured"]})
            assert_error(refused, 422, "invalid_request", param="url")
        hooks = {
            name: await subscribe(it.api, f"http://{host}/") for name, host in INNER.items() if name not in SHUT_AT_ONCE
        }
        redirecting = await subscribe(it.api, "http://public.example/")
        await ask_the_unanswerable(it.api)
        await it.settle()

        for name, webhook in hooks.items():
            assert {delivery["error"] for delivery in await deliveries(it.api, webhook)} == {"blocked_address"}, name
        assert {delivery["status"] for delivery in await deliveries(it.api, redirecting)} == {"pending"}
        assert {host for host, _ in it.network.dialled} == {PUBLIC}
