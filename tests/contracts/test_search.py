"""What every search engine promises; each adapter runs all of it."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from aivastark.backends.search.base import (
    SearchEngine,
    SearchQuery,
    SearchResult,
    StaleVersionError,
)
from tests.contracts.searching import EMBEDDER, OTHER, PROJECT, ask, chunk, found, publish_shop


async def test_the_chunk_that_holds_the_words_comes_first(engine: SearchEngine) -> None:
    await publish_shop(engine)
    result = await ask(engine, "How many days do I have to return goods?")
    hit = result.hits[0]
    assert (hit.chunk_id, hit.document_id, hit.source_id) == ("chk_window", "doc_window", "src_returns")
    assert (hit.keyword_rank, hit.vector_rank) == (1, 1)
    assert hit.keyword_score is not None
    assert hit.keyword_score > 0
    assert hit.vector_score is not None
    assert all(0.0 <= hit.score <= 1.0 for hit in result.hits)
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)


async def test_scores_tell_the_true_cosine_and_the_rank_in_each_half(engine: SearchEngine) -> None:
    await publish_shop(engine)
    question = "courier parcel"
    result = await ask(engine, question)
    vector = await EMBEDDER.embed_query(question)
    (document,) = await EMBEDDER.embed_documents(["Delivery\nA courier delivers the parcel the next day."])
    assert result.hits[0].chunk_id == "chk_courier"
    assert result.hits[0].vector_score == pytest.approx(float(vector @ document), abs=1e-3)
    by_rank = sorted((hit for hit in result.hits if hit.keyword_rank), key=lambda hit: hit.keyword_rank or 0)
    scores = [hit.keyword_score or 0.0 for hit in by_rank]
    assert scores == sorted(scores, reverse=True)


async def test_the_limit_is_kept(engine: SearchEngine) -> None:
    await publish_shop(engine)
    assert len((await ask(engine, "parcel", limit=1)).hits) == 1


async def test_without_a_vector_words_alone_decide(engine: SearchEngine) -> None:
    await publish_shop(engine)
    query = SearchQuery(text="Where does the label of a parcel go?", vector=None, limit=10)
    result = await engine.search(PROJECT, query)
    only = await engine.search(PROJECT, replace(query, source_ids=frozenset({"src_delivery"})))
    nothing = await engine.search(PROJECT, replace(query, text="Opening hours?"))
    assert found(result) == ["label", "courier"]
    assert [(hit.keyword_rank, hit.vector_rank, hit.vector_score) for hit in result.hits] == [
        (1, None, None),
        (2, None, None),
    ]
    assert result.hits[0].score > result.hits[1].score > 0
    assert found(only) == ["courier"]
    assert nothing.hits == ()


async def test_a_vector_that_comes_later_finds_the_same(engine: SearchEngine) -> None:
    await publish_shop(engine)
    query = SearchQuery(text="How many days do I have to return goods?", vector=None, limit=10)
    at_once = await ask(engine, query.text)
    assert await engine.search(PROJECT, query, coming=EMBEDDER.embed_query(query.text)) == at_once
    assert await engine.search("prj_unknown", query, coming=EMBEDDER.embed_query(query.text)) == SearchResult()
    asked_nobody: asyncio.Future[None] = asyncio.Future()
    asked_nobody.set_result(None)
    assert await engine.search(PROJECT, query, coming=asked_nobody) == await engine.search(PROJECT, query)


async def test_only_the_sources_asked_for_are_searched(engine: SearchEngine) -> None:
    await publish_shop(engine)
    result = await ask(engine, "parcel", source_ids=frozenset({"src_delivery", "src_unknown"}))
    assert found(result) == ["courier"]
    assert result.chunk_count == 1
    assert found(await ask(engine, "parcel", source_ids=frozenset())) == []
    assert found(await ask(engine, "parcel", source_ids=frozenset({"src\0", "src' OR true"}))) == []


async def test_a_project_never_sees_another_projects_chunks(engine: SearchEngine) -> None:
    await publish_shop(engine)
    await engine.publish(OTHER, "src_returns", version=1, chunks=[await chunk("secret", "The parcel is secret.")])
    assert found(await ask(engine, "parcel secret", project=OTHER)) == ["secret"]
    assert "secret" not in found(await ask(engine, "parcel secret"))


async def test_an_unknown_project_is_an_empty_result(engine: SearchEngine) -> None:
    result = await ask(engine, "anything", project="prj_unknown")
    assert result == SearchResult()
    assert await engine.published_version("prj_unknown", "src_x") is None


async def test_publishing_again_replaces_the_whole_source_and_nothing_else(engine: SearchEngine) -> None:
    await publish_shop(engine)
    await ask(engine, "parcel")  # warms whatever the engine keeps in memory
    await engine.publish(PROJECT, "src_returns", version=2, chunks=[await chunk("new", "Returns are free of charge.")])
    assert set(found(await ask(engine, "parcel returns"))) == {"new", "courier"}
    assert await engine.published_version(PROJECT, "src_returns") == 2


async def test_publishing_the_same_version_twice_changes_nothing(engine: SearchEngine) -> None:
    await publish_shop(engine)
    before = await ask(engine, "parcel")
    await publish_shop(engine)
    after = await ask(engine, "parcel")
    assert found(after) == found(before)
    assert after.chunk_count == before.chunk_count == 3


async def test_a_lower_version_is_refused_and_leaves_the_published_one(engine: SearchEngine) -> None:
    await engine.publish(PROJECT, "src_a", version=3, chunks=[await chunk("three", "Version three.")])
    with pytest.raises(StaleVersionError):
        await engine.publish(PROJECT, "src_a", version=2, chunks=[await chunk("two", "Version two.")])
    assert found(await ask(engine, "version")) == ["three"]


async def test_a_source_without_chunks_is_published_and_finds_nothing(engine: SearchEngine) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[])
    assert await engine.published_version(PROJECT, "src_a") == 1
    result = await ask(engine, "anything")
    assert result.hits == ()
    assert result.chunk_count == 0


async def test_a_removed_source_is_not_found(engine: SearchEngine) -> None:
    await publish_shop(engine)
    await engine.remove(PROJECT, "src_returns")
    assert found(await ask(engine, "parcel")) == ["courier"]
    assert await engine.published_version(PROJECT, "src_returns") is None


async def test_a_removed_project_is_gone_and_can_begin_anew(engine: SearchEngine) -> None:
    await publish_shop(engine)
    await ask(engine, "parcel")
    await engine.remove(PROJECT)
    assert await ask(engine, "parcel") == SearchResult()
    await engine.publish(PROJECT, "src_a", version=1, chunks=[await chunk("first", "A parcel again.")])
    assert found(await ask(engine, "parcel")) == ["first"]


async def test_removing_what_is_not_there_is_no_error(engine: SearchEngine) -> None:
    await engine.remove(PROJECT)
    await engine.remove(PROJECT, "src_a")
    await publish_shop(engine)
    await engine.remove(PROJECT, "src_unknown")
    assert len(found(await ask(engine, "parcel"))) == 3


async def test_rarer_terms_weigh_more_and_unknown_terms_most(engine: SearchEngine) -> None:
    await publish_shop(engine)
    weights = (await ask(engine, "parcel courier zeppelin")).term_weights
    assert weights["zeppelin"] > weights["courier"] > weights["parcel"] > 0


async def test_the_heading_is_searched_too(engine: SearchEngine) -> None:
    await publish_shop(engine)
    hits = (await ask(engine, "delivery")).hits
    assert hits[0].chunk_id == "chk_courier"
    assert hits[0].keyword_rank == 1


async def test_words_are_stemmed_in_the_chunks_language(engine: SearchEngine) -> None:
    text = "Die Rückgabe der Bestellungen dauert vierzehn Tage."
    await engine.publish(PROJECT, "src_de", version=1, chunks=[await chunk("de", text, language="de")])
    result = await ask(engine, "Wie gebe ich meine Bestellung zurück?")
    assert result.query_language == "de"
    assert result.languages == {"de": 1}
    assert result.hits[0].keyword_rank == 1


async def test_a_question_of_stop_words_alone_still_finds_them(engine: SearchEngine) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[await chunk("band", "The Who played here.")])
    assert (await ask(engine, "the who")).hits[0].keyword_rank == 1


@pytest.mark.parametrize(
    "text", ["", "?!", '"; DROP TABLE chunk; --', "NEAR(a b) AND * OR", "😀", "a\x00b", "水", "x" * 5000]
)
async def test_any_text_can_be_asked_and_published(engine: SearchEngine, text: str) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[await chunk("odd", text)])
    assert found(await ask(engine, text)) == ["odd"]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("会社は二〇二〇年に設立されました", "設立はいつ"),
        ("การคืนสินค้าภายในสามสิบวัน", "คืนสินค้า"),
        ("我们提供三十天退货服务", "退货"),
    ],
)
async def test_scripts_without_spaces_are_found_by_keywords(engine: SearchEngine, text: str, question: str) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[await chunk("cjk", text, language=None)])
    assert (await ask(engine, question)).hits[0].keyword_rank == 1


async def test_many_sources_published_at_once_are_all_found(engine: SearchEngine) -> None:
    async def one(number: int) -> None:
        await engine.publish(
            PROJECT, f"src_{number}", version=1, chunks=[await chunk(str(number), f"parcel number {number}")]
        )

    await asyncio.gather(*(one(number) for number in range(12)))
    assert len(found(await ask(engine, "parcel", limit=50))) == 12


async def test_vectors_alone_find_a_chunk_that_shares_no_word(engine: SearchEngine) -> None:
    await publish_shop(engine)
    vector = (await chunk("", "A courier delivers the parcel the next day.", heading="Delivery")).vector
    result = await engine.search(PROJECT, SearchQuery(text="zzz", vector=np.asarray(vector), limit=1))
    assert found(result) == ["courier"]
    assert result.hits[0].keyword_score is None
    assert result.hits[0].keyword_rank is None
