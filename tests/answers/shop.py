"""A bot that knows a shop, listening on a port, for tests that bring their own HTTP; made once a file."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from tests.make import Client, Tenant, calling, listening, make_settings, make_tenant, working


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """The bot's address and owner, and others on the same install."""

    backends: Backends
    address: str
    api: Client
    agency: Tenant
    """With a key to its whole organisation."""
    starter: Tenant
    """Without API access."""
    stranger: Tenant

    @property
    def project_id(self) -> str:
        return self.api.tenant.project_id


@contextlib.asynccontextmanager
async def open_shop(folder: Path) -> AsyncIterator[Shop]:
    """The bot, taught and listening until the block ends."""
    async with open_backends(make_settings(folder)) as backends:
        tenant = await make_tenant(backends.db)
        app = create_app(backends)
        async with listening(app) as address, calling(app, tenant.key) as http, working(backends) as worker:
            api = Client(http=http, tenant=tenant)
            await api.add(text="The shop opens at nine. It closes at five on Fridays.", title="Hours", tags=["shop"])
            await api.add(text="A parcel is shipped within two days of the order.", title="Shipping")
            await worker.run_until_idle()
            yield Shop(
                backends=backends,
                address=address,
                api=api,
                agency=await make_tenant(backends.db, whole_organization=True),
                starter=await make_tenant(backends.db, plan="starter"),
                stranger=await make_tenant(backends.db),
            )
