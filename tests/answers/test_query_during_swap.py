"""A question that meets a sync finds the old version or the new one, never neither."""

from typing import Any

import pytest

from aivastark.backends.base import Backends
from aivastark.backends.search.base import SearchQuery, SearchResult
from tests.conftest import Settle
from tests.make import Client, read


async def test_a_source_swapped_while_a_question_is_answered_is_found_in_its_new_version(
    api: Client, backends: Backends, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.add(text="The shop opens at nine.", external_id="hours")
    await settle()
    search = backends.search.search

    async def overtaken(project_id: str, query: SearchQuery, **coming: Any) -> SearchResult:
        """The engine's own search, right after which a sync takes place, the first time."""
        found = await search(project_id, query, **coming)
        monkeypatch.undo()
        await api.add(text="The shop opens at ten.", external_id="hours")
        await settle()
        return found

    monkeypatch.setattr(backends.search, "search", overtaken)
    found = read(await api.post("search", {"query": "shop opens"}))["data"]

    assert backends.search.search == search
    assert [hit["text"] for hit in found] == ["The shop opens at ten."]
