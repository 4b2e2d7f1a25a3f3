"""The other side of a move."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from tests.make import Tenant, make_settings, make_tenant


@pytest.fixture
async def agency(backends: Backends) -> Tenant:
    """A customer with one project and a key to all of its organisation."""
    return await make_tenant(backends.db, whole_organization=True)


@pytest.fixture
def elsewhere(tmp_path: Path, migrated: Path) -> Path:
    """The data directory of another install, empty."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    shutil.copy(migrated, place)
    return place


@pytest.fixture
async def there(elsewhere: Path) -> AsyncIterator[Backends]:
    """That install, with the same secret key."""
    async with open_backends(make_settings(elsewhere)) as opened:
        yield opened
