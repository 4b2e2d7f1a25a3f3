"""An embedding model at an endpoint: what it may answer, and what becomes of an answer that is none."""

import re

import numpy as np
import pytest

from aivastark.backends.embedding.base import EmbeddingFailed
from aivastark.backends.embedding.hashing import Hashing
from aivastark.backends.embedding.openai_compatible import EmbeddingEndpoint, model_id_of
from tests.origins.embedding_server import embeds, listing, row
from tests.origins.model_server import Act, ModelServer, hangs, hangs_up, refuses, sends, serving_model

KEY = "sk-test-0123456789abcdef"


def endpoint(server: ModelServer, *, query_prefix: str = "", passage_prefix: str = "") -> EmbeddingEndpoint:
    return EmbeddingEndpoint(
        server.url,
        model="m-1",
        api_key=KEY,
        query_prefix=query_prefix,
        passage_prefix=passage_prefix,
        pauses_s=(0.01, 0.01),
        query_s=0.5,
    )


@pytest.mark.parametrize("act", [embeds(scale=7.5), embeds(as_base64=True), embeds(turned=True)])
async def test_vectors_of_any_length_in_any_order_and_encoding_are_understood(act: Act) -> None:
    texts = [f"Parcel number {number} arrives." for number in range(150)]
    async with serving_model([act]) as server:
        embedder = endpoint(server)
        vectors = await embedder.embed_documents(texts)
        await embedder.close()

    np.testing.assert_allclose(vectors, await Hashing().embed_documents(texts), atol=1e-6)
    assert embedder.dimensions == 256
    assert [len(asked.body["input"]) for asked in server.asked] == [64, 64, 22]


async def test_the_model_the_key_and_the_prefixes_are_sent() -> None:
    async with serving_model([embeds()]) as server:
        embedder = endpoint(server, query_prefix="query: ", passage_prefix="passage: ")
        await embedder.embed_query("When?")
        await embedder.embed_documents(["At nine."])
        await embedder.close()

    asked, other = server.asked
    assert asked.path == "/v1/embeddings"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body == {"model": "m-1", "input": ["query: When?"], "encoding_format": "float"}
    assert other.body["input"] == ["passage: At nine."]


async def test_a_long_batch_is_bounded_in_characters() -> None:
    async with serving_model([embeds()]) as server:
        embedder = endpoint(server)
        await embedder.embed_documents(["word " * 10_000] * 7)
        await embedder.close()

    assert [sum(map(len, asked.body["input"])) for asked in server.asked] == [60_000, 60_000, 20_000]


@pytest.mark.parametrize(
    "act",
    [refuses(429, headers={"Retry-After": "0"}), refuses(500), refuses(503), hangs_up()],
    ids=["429", "500", "503", "hangs up"],
)
async def test_a_passing_failure_of_a_batch_is_tried_again(act: Act) -> None:
    async with serving_model([act, act, embeds()]) as server:
        embedder = endpoint(server)
        vectors = await embedder.embed_documents(["At nine."])
        await embedder.close()

    assert vectors.shape == (1, 256)
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (refuses(401, message=f"Incorrect API key: {KEY}"), "answered 401"),
        (refuses(429, headers={"Retry-After": "3000"}), "answered 429"),
        (listing(row(0, [1.0, 0.0])), "1 embeddings for 2 texts"),
        (listing(row(0, [1.0]), row(0, [1.0])), "belong to no text, or two to one"),
        (listing(row(1, [1.0]), row(2, [1.0])), "belong to no text"),
        (listing(row(0, [1.0]), row(1, [1.0, 2.0])), "different"),
        (listing(row(0, []), row(1, [])), "impossible lengths"),
        (listing(row(0, [0.0]), row(1, [1.0])), "without direction"),
        (listing(row(0, "AADAfw=="), row(1, "AACAPw==")), "without direction"),
        (listing(row(0, "not base64"), row(1, "AACAPw==")), "not made of numbers"),
        (listing(row(0, [None]), row(1, [1.0])), "not made of numbers"),
        (listing(row(0, [True]), row(1, [1.0])), "not made of numbers"),
        (sends(b'{"data": [{"index": 0, "embedding": [NaN]}, 1]}'), "no list of embeddings"),
        (sends(b'{"data": [{"index": 0, "emb'), "no list of embeddings"),
        (sends(b"<h1>Welcome", content_type="text/html"), "no list of embeddings"),
    ],
)
async def test_an_answer_that_is_none_is_a_failure_in_a_sentence_without_the_key(act: Act, sentence: str) -> None:
    async with serving_model([act]) as server:
        embedder = endpoint(server)
        with pytest.raises(EmbeddingFailed, match=re.escape(sentence)) as failure:
            await embedder.embed_documents(["At nine.", "At ten."])
        await embedder.close()

    assert len(server.asked) == 1
    assert KEY not in failure.value.message


async def test_a_dimension_that_changes_is_refused() -> None:
    async with serving_model([embeds(), embeds(Hashing(dimensions=128))]) as server:
        embedder = endpoint(server)
        await embedder.embed_documents(["At nine."])
        with pytest.raises(EmbeddingFailed, match="128 dimensions, and of 256 before"):
            await embedder.embed_documents(["At ten."])
        await embedder.close()


async def test_a_question_is_given_up_soon_and_the_next_one_does_not_wait() -> None:
    async with serving_model([hangs()]) as server:
        embedder = endpoint(server)
        with pytest.raises(EmbeddingFailed) as first:
            await embedder.embed_query("When?")
        with pytest.raises(EmbeddingFailed, match="failed a moment ago"):
            await embedder.embed_query("When?")
        await embedder.close()

    assert first.value.code == "timeout"
    assert len(server.asked) == 1


def test_the_model_id_is_short_and_differs_with_model_and_prefix() -> None:
    ids = {model_id_of("a" * 200, "", ""), model_id_of("a" * 199, "", ""), model_id_of("a" * 200, "query: ", "")}

    assert len(ids) == 3
    assert max(map(len, ids)) <= 80
