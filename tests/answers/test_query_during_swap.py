"""A question that meets a sync finds the old version or the new one, never neither."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.backends.search.base import SearchQuery, SearchResult
from aivastark.backends.search.sqlite import SqliteSearch
from tests.conftest import Settle
from tests.make import Client, calling, read


class Overtaken(SqliteSearch):
    """An engine that something overtakes right after its first search."""

    def __init__(self, folder: Path, overtake: Callable[[], Awaitable[None]]) -> None:
        super().__init__(folder)
        self._overtake: Callable[[], Awaitable[None]] | None = overtake

    async def search(self, project_id: str, query: SearchQuery) -> SearchResult:
        found = await super().search(project_id, query)
        if self._overtake is not None:
            overtake, self._overtake = self._overtake, None
            await overtake()
        return found


async def test_a_source_swapped_while_a_question_is_answered_is_found_in_its_new_version(
    api: Client, backends: Backends, settle: Settle, tmp_path: Path
) -> None:
    await api.add(text="The shop opens at nine.", external_id="hours")
    await settle()

    async def swap() -> None:
        await api.add(text="The shop opens at ten.", external_id="hours")
        await settle()

    overtaken = Overtaken(tmp_path / "data" / "search", swap)
    async with calling(create_app(replace(backends, search=overtaken)), api.tenant.key) as http:
        found = read(await Client(http=http, tenant=api.tenant).post("search", {"query": "shop opens"}))["data"]
    await overtaken.close()

    assert [hit["text"] for hit in found] == ["The shop opens at ten."]
