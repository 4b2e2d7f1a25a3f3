"""A served install with its first person signed in, in a real browser."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser

from aivastark.accounts import logins
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.commands.install import install
from tests.make import Client, Tenant, calling, listening
from tests.people import Person, make_person
from tests.web.dashboard.desk import Desk, desk
from tests.web.stage import tab


@pytest.fixture
async def installed(backends: Backends) -> Tenant:
    """The install as `aivastark serve` makes it: its organisation, project, keys and widget."""
    made: dict[str, Any] = await install(backends.db, plan="enterprise", organization=None, project=None)
    return Tenant(organization_id=made["organization_id"], project_id=made["project_id"], key=made["api_key"])


@pytest.fixture
async def served(backends: Backends, installed: Tenant) -> AsyncIterator[str]:
    """Where it listens."""
    async with listening(create_app(backends)) as address:
        yield address


@pytest.fixture
async def owner(backends: Backends, installed: Tenant) -> Person:
    return await make_person(backends, installed, address="anna@acme.example")


@pytest.fixture
async def api(backends: Backends, installed: Tenant) -> AsyncIterator[Client]:
    """The install's project by its key, to put things there and to look."""
    async with calling(create_app(backends), installed.key) as http:
        yield Client(http=http, tenant=installed)


@pytest.fixture
async def desktop(browser: Browser, served: str, installed: Tenant, owner: Person) -> AsyncIterator[Desk]:
    """The owner's browser, signed in, on an empty page."""
    cookie = {"name": logins.COOKIE, "value": owner.cookie, "url": served}
    async with tab(browser, "about:blank") as visit:
        await visit.context.add_cookies([cookie])  # type: ignore[list-item]  # Playwright's own type is not exported
        yield desk(visit, served, installed.project_id)
