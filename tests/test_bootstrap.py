"""What the settings ask for is what is opened: here with PostgreSQL, which the other tests use only when told to."""

import pytest
from pydantic import ValidationError

from aivastark.backends.base import Backends
from aivastark.backends.search.postgres import PostgresSearch
from aivastark.bootstrap import database_url
from aivastark.settings import Settings
from tests.conftest import Settle
from tests.make import Client, read


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_records_and_search_are_both_in_the_database_that_is_named(
    api: Client, backends: Backends, settle: Settle, settings: Settings
) -> None:
    source = await api.add(text="The shop opens at nine o'clock.", tags=["hours", "shop"])
    await api.add(text="The shop opens at ten on Sundays.", tags=["sundays"])
    await settle()

    answer = await api.ask("When does the shop open?", session_id="s", tags=["hours"])
    tagged = read(await api.get("sources", tag="hours"))["data"]
    untagged = read(await api.get("sources", tag="hour"))["data"]
    conversations = read(await api.get("conversations", tag="hours"))["data"]

    assert isinstance(backends.search, PostgresSearch)
    assert answer["citations"][0]["source_id"] == source["id"]
    assert [found["id"] for found in tagged] == [source["id"]]
    assert untagged == conversations == []
    assert sorted(path.name for path in settings.data_dir.iterdir()) == ["blobs"]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_usual_spellings_of_a_postgresql_url_are_understood(scheme: str) -> None:
    settings = Settings(database_url=f"{scheme}://me:secret@db.example/aivastark")

    assert database_url(settings) == "postgresql+psycopg://me:secret@db.example/aivastark"


@pytest.mark.parametrize(
    "url", ["mysql://db.example/aivastark", "postgresql+asyncpg://db.example/a", "aivastark.db", ""]
)
def test_another_kind_of_database_is_refused_in_the_settings(url: str) -> None:
    with pytest.raises(ValidationError, match="begins with one of postgresql://"):
        Settings(database_url=url)
