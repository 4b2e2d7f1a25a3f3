"""Every search engine there is."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from aivastark.backends.search.base import (
    SearchEngine,
    SearchQuery,
    SearchResult,
)
from aivastark.backends.search.postgres import PostgresSearch
from aivastark.backends.search.sqlite import SqliteSearch
from tests.postgres import Postgres


class WithIndexes(PostgresSearch):
    """Every project has an index of its vectors, from its first chunk on."""

    def __init__(self, url: str) -> None:
        super().__init__(url, near_from=1)

    async def search(
        self, project_id: str, query: SearchQuery, *, coming: Awaitable[NDArray[np.float32] | None] | None = None
    ) -> SearchResult:
        await self.tend()
        return await super().search(project_id, query, coming=coming)


@pytest.fixture(params=["postgres", "postgres with indexes", "sqlite"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SearchEngine]:
    with ExitStack() as stack:
        opened: SearchEngine
        if request.param != "sqlite":
            server: Postgres = request.getfixturevalue("postgres")
            kind = WithIndexes if request.param == "postgres with indexes" else PostgresSearch
            opened = kind(stack.enter_context(server.database()))
        else:
            opened = SqliteSearch(tmp_path / "search")
        yield opened
        await opened.close()
