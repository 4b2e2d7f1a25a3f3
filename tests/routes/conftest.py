"""One install for all walks: what is refused changes nothing, and what is served belongs to a customer of its own."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from aivastark.accounts.gate import Application
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from aivastark.worker import Worker
from tests.make import Client, Tenant, calling, make_key, make_settings, make_tenant, working
from tests.routes.route import Customer

NewCustomer = Callable[[], Awaitable[Customer]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Install:
    """The app with what stands behind it."""

    app: Application
    backends: Backends
    worker: Worker
    http: httpx.AsyncClient
    """Without a key."""
    open: AsyncExitStack

    async def customer(self) -> Customer:
        """A new one."""
        tenant = await make_tenant(self.backends.db)
        _, whole = await make_key(self.backends.db, tenant, "*", whole_organization=True)

        async def new_key(tenant: Tenant, *scopes: str, whole_organization: bool = False) -> str:
            return (await make_key(self.backends.db, tenant, *scopes, whole_organization=whole_organization))[1]

        async def client(key: str) -> Client:
            return Client(http=await self.open.enter_async_context(calling(self.app, key)), tenant=tenant)

        return Customer(
            client=await client(tenant.key),
            organization=await client(whole),
            settle=self.worker.run_until_idle,
            new_key=new_key,
            ids={"organization_id": tenant.organization_id, "project_id": tenant.project_id},
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def install(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> AsyncIterator[Install]:
    data_dir = tmp_path_factory.mktemp("routes")
    shutil.copy(migrated, data_dir)
    async with AsyncExitStack() as stack:
        backends = await stack.enter_async_context(open_backends(make_settings(data_dir)))
        # The walks call more often in a minute than any plan allows; limits have tests of their own.
        app = create_app(backends, rate_limit_per_minute=0)
        worker = await stack.enter_async_context(working(backends))
        http = await stack.enter_async_context(calling(app, None))
        yield Install(app=app, backends=backends, worker=worker, http=http, open=stack)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ours(install: Install) -> Customer:
    """Who calls."""
    return await install.customer()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theirs(install: Install) -> Customer:
    """Whose objects it has no business with."""
    return await install.customer()
