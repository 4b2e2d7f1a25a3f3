"""What every embedder promises; each adapter runs all of it."""

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest

from aivastark.backends.embedding.base import Embedder
from aivastark.backends.embedding.hashing import Hashing
from aivastark.backends.embedding.minilm import MiniLm
from aivastark.backends.embedding.openai_compatible import EmbeddingEndpoint
from tests.origins.embedding_server import embeds
from tests.origins.model_server import serving_model

ADAPTERS: dict[str, Callable[[], Embedder]] = {"hashing": Hashing, "minilm": MiniLm}
ENDPOINT = "endpoint"

TEXTS = [
    "Goods can be returned within thirty days.",
    "",
    "Übergrößenträger 退货 🎉",
    "word " * 2_000,
    "A courier delivers the parcel.",
]


@pytest.fixture(params=[*sorted(ADAPTERS), ENDPOINT])
async def embedder(request: pytest.FixtureRequest) -> AsyncIterator[Embedder]:
    if request.param == ENDPOINT:
        model = MiniLm()
        async with serving_model([embeds(model, scale=3.0)]) as server:
            there = EmbeddingEndpoint(server.url, model="minilm", api_key=None)
            yield there
            await there.close()
        await model.close()
        return
    opened = ADAPTERS[request.param]()
    yield opened
    await opened.close()


async def test_documents_give_unit_rows_in_the_order_given(embedder: Embedder) -> None:
    vectors = await embedder.embed_documents(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        (alone,) = await embedder.embed_documents([text])
        assert float(alone @ vector) > 0.98  # int8 activations are scaled per batch


async def test_a_query_is_one_unit_vector_near_its_passage(embedder: Embedder) -> None:
    query = await embedder.embed_query("When can goods be returned?")
    assert query.shape == (embedder.dimensions,)
    assert query.dtype == np.float32
    assert float(np.linalg.norm(query)) == pytest.approx(1.0, abs=1e-5)
    vectors = await embedder.embed_documents(TEXTS)
    assert int(np.argmax(vectors @ query)) == 0


async def test_nothing_to_embed_is_no_rows(embedder: Embedder) -> None:
    assert (await embedder.embed_documents([])).shape == (0, embedder.dimensions)


async def test_the_model_id_names_one_model(embedder: Embedder) -> None:
    assert embedder.model_id
    assert embedder.model_id not in {make().model_id for make in ADAPTERS.values()} - {embedder.model_id}


async def test_questions_and_documents_can_be_embedded_at_once(embedder: Embedder) -> None:
    expected = await embedder.embed_query(TEXTS[0])
    results = await asyncio.gather(
        embedder.embed_documents(TEXTS * 3), *(embedder.embed_query(TEXTS[0]) for _ in range(20))
    )
    assert results[0].shape == (len(TEXTS) * 3, embedder.dimensions)
    for vector in results[1:]:
        np.testing.assert_allclose(vector, expected, atol=1e-5)
