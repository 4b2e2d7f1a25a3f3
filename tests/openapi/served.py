"""A real server with one of each object in it, for programs that read the document and call for themselves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from aivastark.accounts import logins
from aivastark.kit.ids import new_id
from tests.journeys.server import Server
from tests.make import Client, Tenant, read
from tests.people import PASSWORD, Person, link_in, mails_below
from tests.routes.route import Customer
from tests.routes.table import basic

SETTLED_WITHIN_S = 30
LOOK_AGAIN_S = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """Where it is, and who calls."""

    url: str
    organization_id: str
    project_id: str
    key: str
    organization_key: str
    log: str
    """What the server writes."""
    data_dir: Path


@asynccontextmanager
async def customer_of(served: Served) -> AsyncIterator[Customer]:
    """The install's own tenant, over sockets."""

    async def settle() -> None:
        async with asyncio.timeout(SETTLED_WITHIN_S):
            for status in ("pending", "processing"):
                while read(await client.get("sources", status=status))["data"]:  # noqa: ASYNC110 (another process works)
                    await asyncio.sleep(LOOK_AGAIN_S)

    async def no_new_key(tenant: Tenant, *scopes: str, whole_organization: bool = False) -> str:
        raise NotImplementedError("only the walks call with keys that may little")

    async def mailed(address: str) -> str:
        async with asyncio.timeout(SETTLED_WITHIN_S):
            while not mails_below(served.data_dir, address):  # noqa: ASYNC110 (another process sends)
                await asyncio.sleep(LOOK_AGAIN_S)
        return link_in(mails_below(served.data_dir, address)[-1])[1]

    async def new_person(tenant: Tenant, role: str) -> Person:
        address = f"{new_id('usr').lower()}@acme.example"
        path = f"/v1/organizations/{tenant.organization_id}/invitations"
        (await whole.post(path, json={"email": address, "role": role})).raise_for_status()
        body = {"token": await mailed(address), "name": "Anna", "password": PASSWORD}
        async with httpx.AsyncClient(base_url=served.url, transport=Patient(), timeout=30) as browser:
            accepted = (await browser.post("/v1/auth/accept-invitation", json=body)).raise_for_status()
            user = read(await browser.get("/v1/auth/me"))["user"]
            cookie = browser.cookies[logins.COOKIE]
        return Person(id=user["id"], email=address, cookie=cookie, csrf=read(accepted)["csrf_token"])

    async with _http(served.url, served.key) as http, _http(served.url, served.organization_key) as whole:
        tenant = Tenant(organization_id=served.organization_id, project_id=served.project_id, key=served.key)
        client = Client(http=http, tenant=tenant)
        yield Customer(
            client=client,
            organization=Client(http=whole, tenant=tenant),
            settle=settle,
            new_key=no_new_key,
            new_person=new_person,
            mailed=mailed,
            ids={"organization_id": served.organization_id, "project_id": served.project_id},
        )


async def one_of_each(served: Served) -> dict[str, str]:
    """Path parameter → the id of an object that is there, made now."""
    async with customer_of(served) as customer:
        named = {route.objects.get(name, name) for operation, route in basic() for name in operation.parameters}
        await customer.ids_of(sorted(named))
        return dict(customer.ids)


async def new_people(served: Served, count: int) -> list[Person]:
    """Owners of the install's organisation, each signed in."""
    async with customer_of(served) as customer:
        return [await customer.new_person(customer.client.tenant, "owner") for _ in range(count)]


def start(server: Server) -> Served:
    """Make the install and serve it."""
    made = server.init()
    server.start()
    return Served(
        url=server.url,
        organization_id=made["organization_id"],
        project_id=made["project_id"],
        key=made["api_key"],
        organization_key=made["organization_key"],
        log=str(server.data_dir.with_suffix(".log")),
        data_dir=server.data_dir,
    )


class Patient(httpx.AsyncHTTPTransport):
    """Waits where a fuzzer before it knocked at the doors too often."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, once it is none that says to come back later."""
        while (answer := await super().handle_async_request(request)).status_code == 429:
            await answer.aclose()
            await asyncio.sleep(int(answer.headers["retry-after"]))
        return answer


def _http(url: str, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, transport=Patient(), timeout=30)
