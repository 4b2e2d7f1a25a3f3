"""A reranking model between search and answer: what it orders, and that its failing costs nothing but its order."""

from collections.abc import AsyncIterator

import pytest

from aivastark.accounts.gate import Application
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from aivastark.settings import Settings
from tests.conftest import Settle
from tests.make import Body, Client, read
from tests.origins.model_server import Act, ModelServer, hangs, refuses, serving_model
from tests.origins.rerank_server import ranking, reranks

QUESTION = "When does the shop open?"
SHOP = "The shop does open at nine."
BRANCH = "The branch shop does open at ten."
YARD = "The yard behind the shop is swept on Fridays."


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    """Prefers the branch."""
    async with serving_model([reranks(lambda question, text: float("branch" in text))]) as opened:
        yield opened


@pytest.fixture
async def backends(settings: Settings, server: ModelServer) -> AsyncIterator[Backends]:
    chosen = settings.model_copy(update={"rerank_url": server.url, "rerank_model": "r-1"})
    async with open_backends(chosen) as opened:
        yield opened


@pytest.fixture
def app(backends: Backends) -> Application:
    return create_app(backends)


@pytest.fixture
async def shop(api: Client, settle: Settle) -> Client:
    for title, text in (("Shop", SHOP), ("Branch", BRANCH), ("Yard", YARD)):
        await api.add(text=text, title=title)
    await settle()
    await api.patch("", {"thresholds": {"answer": 0.0}})  # which passage answers is asked here, not how surely
    return api


async def hits(api: Client, **fields: object) -> list[Body]:
    found: list[Body] = read(await api.post("search", {"query": QUESTION, **fields}))["data"]
    return found


async def test_search_shows_the_place_each_model_gave(shop: Client, backends: Backends, server: ModelServer) -> None:
    found = await hits(shop)
    first = await hits(shop, limit=1)
    document = server.asked[0].body["documents"][0]
    answer = await shop.ask(QUESTION)

    assert [hit["title"] for hit in found][:2] == ["Branch", "Shop"]
    assert [hit["ranks"]["rerank"] for hit in found] == [1, 2, 3]
    assert found[0]["score"] < found[1]["score"], "scores stay those of the search"
    assert [hit["title"] for hit in first] == ["Branch"], "more was put in order than is shown"
    assert document.startswith("Shop\n")
    assert answer["citations"][0]["quote"] == BRANCH


@pytest.mark.parametrize(
    "act",
    [hangs(), refuses(500), ranking({"index": 99, "relevance_score": 1.0}), ranking()],
    ids=["silent", "refuses", "nonsense", "nothing"],
)
async def test_an_endpoint_that_fails_leaves_the_order_as_it_was(shop: Client, server: ModelServer, act: Act) -> None:
    server.script = [act]

    found = await hits(shop)
    answer = await shop.ask(QUESTION)

    assert found[0]["title"] == "Shop"
    assert [hit["ranks"]["rerank"] for hit in found] == [None, None, None]
    assert answer["citations"][0]["quote"] == SHOP
    assert len(server.asked) == 1, "the question after a failure does not wait again"


async def test_what_it_does_not_name_stands_behind(shop: Client, server: ModelServer) -> None:
    server.script = [reranks(lambda question, text: float("yard" in text), most=1)]

    found = await hits(shop)

    assert [hit["title"] for hit in found][:2] == ["Yard", "Shop"]
    assert [hit["ranks"]["rerank"] for hit in found] == [1, None, None]
