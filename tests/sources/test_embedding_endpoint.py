"""Knowledge embedded at an endpoint, and what visitors and sources see of it while the endpoint fails."""

from collections.abc import AsyncIterator

import pytest

from aivastark.accounts.gate import Application
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from aivastark.settings import Settings
from tests.conftest import Settle
from tests.make import Client, read
from tests.origins.embedding_server import embeds
from tests.origins.model_server import ModelServer, refuses, serving_model

FAILS = refuses(401)


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with serving_model([embeds()]) as opened:
        yield opened


def at(server: ModelServer, settings: Settings, **changes: str) -> Settings:
    return settings.model_copy(update={"embedding_url": server.url, "embedding_model": "m-1", **changes})


@pytest.fixture
async def backends(settings: Settings, server: ModelServer) -> AsyncIterator[Backends]:
    async with open_backends(at(server, settings)) as opened:
        yield opened


@pytest.fixture
def app(backends: Backends) -> Application:
    return create_app(backends)


async def test_a_question_finds_by_words_what_the_endpoint_cannot_be_asked_for(
    api: Client, settle: Settle, server: ModelServer
) -> None:
    await api.add(text="The shop opens at nine o'clock.")
    await settle()
    before = await api.ask("When does the shop open?")

    server.script = [FAILS]
    without = await api.ask("When does the shop open?")

    assert before["citations"]
    assert "retrievers_disagree" not in before["confidence_reasons"]
    assert without["citations"][0]["source_id"] == before["citations"][0]["source_id"]
    assert "retrievers_disagree" in without["confidence_reasons"]


async def test_a_source_that_cannot_be_embedded_says_so_and_is_taken_in_when_it_can(
    api: Client, settle: Settle, server: ModelServer
) -> None:
    server.script = [FAILS]
    source = await api.add(text="The shop opens at nine o'clock.")
    await settle()
    failed = read(await api.get(f"sources/{source['id']}"))

    server.script = [embeds()]
    await api.post(f"sources/{source['id']}/sync")
    await settle()
    taken_in = read(await api.get(f"sources/{source['id']}"))

    assert failed["error"]["code"] == "embedding_failed"
    assert failed["error"]["retryable"] is True
    assert taken_in["status"] == "ready"


async def test_pinning_an_answer_says_that_the_endpoint_cannot_be_asked(api: Client, server: ModelServer) -> None:
    server.script = [FAILS]

    response = await api.post("pinned-answers", {"questions": ["When?"], "answer": "At nine."})

    assert response.status_code == 503
    assert response.json()["error"]["code"] == "unavailable"


async def test_an_endpoint_that_is_down_does_not_stop_the_start(settings: Settings, server: ModelServer) -> None:
    server.script = [FAILS]

    async with open_backends(at(server, settings)) as opened:
        assert opened.embedder.dimensions == 0
