"""Every search engine there is."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from aivastark.backends.search.base import (
    SearchEngine,
)
from aivastark.backends.search.postgres import PostgresSearch
from aivastark.backends.search.sqlite import SqliteSearch
from tests.postgres import Postgres


@pytest.fixture(params=["postgres", "sqlite"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SearchEngine]:
    with ExitStack() as stack:
        opened: SearchEngine
        if request.param == "postgres":
            server: Postgres = request.getfixturevalue("postgres")
            opened = PostgresSearch(stack.enter_context(server.database()))
        else:
            opened = SqliteSearch(tmp_path / "search")
        yield opened
        await opened.close()
