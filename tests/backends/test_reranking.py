"""What a reranking endpoint sends is believed after it was checked, whatever it sends."""

import asyncio
import math
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aivastark.backends.llm.base import ModelFailed
from aivastark.backends.reranking import Reranker
from tests.origins.model_server import ModelServer, hangs, refuses, sends, serving_model
from tests.origins.rerank_server import ranking, reranks

TEXTS = ["a parcel", "", "a long parcel", "\ud800"]


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with serving_model([reranks(lambda question, text: float(len(text)))]) as opened:
        yield opened


@pytest.fixture
async def reranker(server: ModelServer) -> AsyncIterator[Reranker]:
    opened = Reranker(server.url, model="r-1", api_key="secret", rerank_s=0.3)
    yield opened
    await opened.close()


async def test_texts_come_back_best_first(reranker: Reranker, server: ModelServer) -> None:
    assert await reranker.order("parcel?", TEXTS) == [2, 0, 1, 3]
    assert server.asked[0].body["documents"] == ["a parcel", " ", "a long parcel", "?"]
    assert server.asked[0].body["model"] == "r-1"
    assert server.asked[0].headers["authorization"] == "Bearer secret"


async def test_the_order_is_that_of_the_scores_not_of_the_list(reranker: Reranker, server: ModelServer) -> None:
    server.script = [ranking({"index": 1, "relevance_score": -7}, {"index": 0, "relevance_score": -7.0})]

    assert await reranker.order("parcel?", TEXTS) == [0, 1]


async def test_who_is_silent_is_not_waited_for_nor_asked_again_at_once(reranker: Reranker, server: ModelServer) -> None:
    server.script = [hangs()]

    with pytest.raises(ModelFailed, match="silent"):
        await asyncio.wait_for(reranker.order("parcel?", TEXTS), 2)
    with pytest.raises(ModelFailed, match="a moment ago"):
        await reranker.order("parcel?", TEXTS)

    assert len(server.asked) == 1


async def test_a_refusal_is_told_without_the_key(reranker: Reranker, server: ModelServer) -> None:
    server.script = [refuses(429, headers={"Retry-After": "7"})]

    with pytest.raises(ModelFailed) as failed:
        await reranker.order("parcel?", TEXTS)

    assert failed.value.retryable
    assert "secret" not in failed.value.message


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["index", "results"]), inner),
    max_leaves=5,
)
results = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "index": st.integers(-2, 6) | anything,
            "relevance_score": st.floats() | st.integers() | anything,
            "document": anything,
        },
    )
    | anything,
    max_size=6,
)
bodies = st.one_of(
    st.binary(max_size=40),
    st.builds(lambda said: _json(said), anything),
    st.builds(lambda said: _json({"results": said}), results | anything),
    st.sampled_from(
        [
            b'{"results":[{"index":0,"relevance_score":1e999}]}',
            b'{"results":[{"index":0,"relevance_score":%s}]}' % (b"9" * 400),
        ]
    ),
)


def _json(said: Any) -> bytes:
    try:
        return orjson.dumps(said)
    except TypeError:  # an integer too large for it
        return b"{}"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies)
async def test_whatever_comes_the_order_names_texts_that_were_sent_each_once(server: ModelServer, body: bytes) -> None:
    server.script = [sends(body)]
    reranker = Reranker(server.url, model="r-1", api_key=None)
    order: list[int] = []
    try:
        order = await reranker.order("parcel?", TEXTS)
    except ModelFailed as failed:
        assert failed.code == "nonsense"  # noqa: PT017 (it may fail, or not)
    finally:
        await reranker.close()

    said = orjson.loads(body)["results"] if order else []
    assert sorted(order) == sorted({one["index"] for one in said})
    assert all(0 <= place < len(TEXTS) for place in order)
    assert all(math.isfinite(one["relevance_score"]) for one in said)
