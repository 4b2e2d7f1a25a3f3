"""One install for all walks: what is refused changes nothing, and what is served belongs to a customer of its own."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from aivastark.accounts.entrance import Entrance, OidcClient
from aivastark.accounts.gate import Application
from aivastark.accounts.joining import claim_token
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from aivastark.worker import Worker
from tests.accounts.provider import CLIENT_ID, CLIENT_SECRET, Provider, providing
from tests.make import BASE_URL, Client, Tenant, calling, make_key, make_settings, make_tenant, working
from tests.origins.drive import driving
from tests.people import Person, link_in, mails_below, make_person
from tests.routes.route import Customer

NewCustomer = Callable[[], Awaitable[Customer]]
AT_THE_PROVIDER = {"sub": "carl", "email": "carl@acme.example", "email_verified": True, "name": "Carl"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Install:
    """The app with what stands behind it."""

    app: Application
    backends: Backends
    worker: Worker
    http: httpx.AsyncClient
    """Without a key."""
    open: AsyncExitStack
    data_dir: Path
    provider: Provider
    claim_token: str

    async def customer(self) -> Customer:
        """A new one."""
        tenant = await make_tenant(self.backends.db)
        _, whole = await make_key(self.backends.db, tenant, "*", whole_organization=True)

        async def new_key(tenant: Tenant, *scopes: str, whole_organization: bool = False) -> str:
            return (await make_key(self.backends.db, tenant, *scopes, whole_organization=whole_organization))[1]

        async def client(key: str) -> Client:
            return Client(http=await self.open.enter_async_context(forgetful(self.app, key)), tenant=tenant)

        async def new_person(tenant: Tenant, role: str) -> Person:
            return await make_person(self.backends, tenant, role)

        async def mailed(address: str) -> str:
            await self.worker.run_until_idle()
            return link_in(mails_below(self.data_dir, address)[-1])[1]

        return Customer(
            client=await client(tenant.key),
            organization=await client(whole),
            settle=self.worker.run_until_idle,
            new_key=new_key,
            new_person=new_person,
            mailed=mailed,
            claim_token=self.claim_token,
            at_provider=self.provider.authorize,
            ids={"organization_id": tenant.organization_id, "project_id": tenant.project_id},
        )


@asynccontextmanager
async def forgetful(app: Application, key: str | None) -> AsyncIterator[httpx.AsyncClient]:
    """HTTP that keeps no cookie: who calls is said in each call."""
    async with calling(app, key) as http:
        http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield http


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def install(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> AsyncIterator[Install]:
    data_dir = tmp_path_factory.mktemp("routes")
    shutil.copy(migrated, data_dir)
    async with AsyncExitStack() as stack:
        google = await stack.enter_async_context(driving())
        backends = await stack.enter_async_context(open_backends(make_settings(data_dir, **google.settings)))
        # The walks call more often in a minute than any plan allows; limits have tests of their own.
        provider = await stack.enter_async_context(providing(claims=AT_THE_PROVIDER))
        oidc = OidcClient(issuer=provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
        entrance = Entrance(public_url=BASE_URL, sign_up="open", oidc=oidc)
        app = create_app(backends, rate_limit_per_minute=0, entrance=entrance)
        await make_tenant(backends.db)  # the install's own
        token = await backends.db.write(lambda session: claim_token(session, None))
        assert token is not None
        worker = await stack.enter_async_context(working(backends))
        http = await stack.enter_async_context(forgetful(app, None))
        yield Install(
            app=app,
            backends=backends,
            worker=worker,
            http=http,
            open=stack,
            data_dir=data_dir,
            provider=provider,
            claim_token=token,
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ours(install: Install) -> Customer:
    """Who calls."""
    return await install.customer()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theirs(install: Install) -> Customer:
    """Whose objects it has no business with."""
    return await install.customer()
