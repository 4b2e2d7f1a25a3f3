"""What the settings ask for is what is opened: here with PostgreSQL, which the other tests use only when told to."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from aivastark.backends.base import Backends
from aivastark.backends.search.postgres import PostgresSearch
from aivastark.bootstrap import choose_llm, database_url, open_backends
from aivastark.kit.money import Budget, Price
from aivastark.settings import Settings
from tests.backends.llm.writing import answer
from tests.conftest import Settle
from tests.make import Client, read
from tests.origins.model_server import says, serving_model


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


KEY = "sk-test-0123456789abcdef"


def test_without_an_endpoint_there_is_no_language_model() -> None:
    assert choose_llm(Settings()) is None


async def test_the_model_of_the_settings_is_opened_beside_everything_else(settings: Settings) -> None:
    async with serving_model([says("Nine", ".")]) as server:
        named: dict[str, Any] = {
            "llm_url": server.url,
            "llm_model": "m",
            "llm_max_tokens": 99,
            "llm_tokens_per_day": 1_000,
        }
        named |= {"llm_input_price": Decimal("0.15"), "llm_fallback_output_price": Decimal(3)}
        named |= {"llm_tokens_per_day": 1_000, "llm_cost_per_day": Decimal("2.5")}
        async with open_backends(settings.model_copy(update=named)) as backends:
            assert backends.llm is not None
            assert backends.llm_max_tokens == 99
            assert backends.llm_price == Price(input=150_000, output=3_000_000)
            assert backends.llm_budget == Budget(tokens=1_000, cost=25 * 10**11)
            heard = await answer(backends.llm)
        await asyncio.sleep(0.05)

        assert heard.text == "Nine."
        assert server.open_now == 0


async def test_both_endpoints_are_asked_in_their_order() -> None:
    settings = Settings(
        llm_url="https://api.models.example/v1",
        llm_model="large",
        llm_api_key=SecretStr(f" {KEY}\n"),
        llm_fallback_url="http://localhost:11434/v1",
        llm_fallback_model="small",
    )

    model = choose_llm(settings)

    assert model is not None
    assert model.name == "large at api.models.example, else small at localhost:11434"
    assert settings.llm_api_key is not None
    assert settings.llm_api_key.get_secret_value() == KEY
    assert KEY not in repr(settings)
    await model.close()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"llm_url": "http://localhost/v1"}, "a model is needed beside AIVASTARK_LLM_URL"),
        ({"llm_model": "m"}, "AIVASTARK_LLM_URL is missing beside it"),
        ({"llm_url": "localhost:11434", "llm_model": "m"}, "must begin with http:// or https://"),
        ({"llm_url": "https://me:pw@models.example", "llm_model": "m"}, "must not contain a user name or password"),
        ({"llm_url": "http://localhost/v1", "llm_model": ""}, "at least 1 character"),
        (
            {"llm_url": "http://localhost/v1", "llm_model": "m", "llm_fallback_url": "http://localhost/v1"},
            "a model is needed beside AIVASTARK_LLM_FALLBACK_URL",
        ),
        ({"llm_fallback_url": "http://localhost/v1", "llm_fallback_model": "m"}, "set AIVASTARK_LLM_URL as well"),
        ({"llm_fallback_model": "m"}, "AIVASTARK_LLM_FALLBACK_URL is missing beside it"),
        ({"llm_api_key": "sk-\n\nsecret"}, "printable ASCII"),
        ({"llm_api_key": "  "}, "printable ASCII"),
        ({"llm_timeout_s": 0}, "greater than or equal to 1"),
        ({"llm_input_price": "-1"}, "greater than or equal to 0"),
        ({"llm_output_price": "0.0000001"}, "no more than 6 decimal places"),
        ({"llm_cost_per_day": "much"}, "valid decimal"),
    ],
)
def test_an_endpoint_that_is_half_set_is_refused_with_a_way_out(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence) as caught:
        Settings(**given)

    assert "secret" not in str(caught.value)
