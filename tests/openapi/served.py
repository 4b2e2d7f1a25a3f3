"""A real server with one of each object in it, for programs that read the document and call for themselves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from tests.journeys.server import Server
from tests.make import Client, Tenant, read
from tests.routes.route import Customer, objects

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

    async with _http(served.url, served.key) as http, _http(served.url, served.organization_key) as whole:
        tenant = Tenant(organization_id=served.organization_id, project_id=served.project_id, key=served.key)
        client = Client(http=http, tenant=tenant)
        yield Customer(
            client=client,
            organization=Client(http=whole, tenant=tenant),
            settle=settle,
            new_key=no_new_key,
            ids={"organization_id": served.organization_id, "project_id": served.project_id},
        )


async def one_of_each(served: Served) -> dict[str, str]:
    """Path parameter → the id of an object that is there, made now."""
    async with customer_of(served) as customer:
        return dict(customer.ids) | await customer.ids_of(list(objects()))


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
    )


def _http(url: str, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)
