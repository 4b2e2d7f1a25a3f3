"""What every search engine promises; each adapter runs all of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from aivastark.backends.embedding.hashing import Hashing
from aivastark.backends.search.base import (
    IndexedChunk,
    SearchEngine,
    SearchQuery,
    SearchResult,
    StaleVersionError,
    StoredVectors,
)
from aivastark.backends.search.postgres import PostgresSearch
from aivastark.backends.search.sqlite import SqliteSearch
from aivastark.kit.ids import new_id
from tests.contracts.swaps import Swap, final, publish_all, swaps
from tests.postgres import Postgres

PROJECT = "prj_01JD0000000000000000000000"
OTHER = "prj_01JD0000000000000000000001"

EMBEDDER = Hashing()


@pytest.fixture(params=["postgres", "sqlite"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SearchEngine]:
    with ExitStack() as stack:
        opened: SearchEngine
        if request.param == "postgres":
            server: Postgres = request.getfixturevalue("postgres")
            opened = PostgresSearch(stack.enter_context(server.database()))
        else:
            opened = SqliteSearch(tmp_path / "search")
        yield opened
        await opened.close()


async def chunk(name: str, text: str, *, heading: str = "", language: str | None = "en") -> IndexedChunk:
    (vector,) = await EMBEDDER.embed_documents([f"{heading}\n{text}"])
    return IndexedChunk(
        chunk_id=f"chk_{name}",
        document_id=f"doc_{name}",
        heading=heading,
        text=text,
        language=language,
        vector=vector,
    )


async def ask(
    engine: SearchEngine,
    text: str,
    *,
    project: str = PROJECT,
    limit: int = 10,
    source_ids: frozenset[str] | None = None,
) -> SearchResult:
    vector = await EMBEDDER.embed_query(text)
    return await engine.search(project, SearchQuery(text=text, vector=vector, limit=limit, source_ids=source_ids))


def found(result: SearchResult) -> list[str]:
    return [hit.chunk_id.removeprefix("chk_") for hit in result.hits]


async def publish_shop(engine: SearchEngine, project: str = PROJECT) -> None:
    await engine.publish(
        project,
        "src_returns",
        version=1,
        chunks=[
            await chunk("window", "Goods can be returned within thirty days.", heading="Returns"),
            await chunk("label", "Print the label and stick it on the parcel.", heading="Returns"),
        ],
    )
    await engine.publish(
        project,
        "src_delivery",
        version=1,
        chunks=[await chunk("courier", "A courier delivers the parcel the next day.", heading="Delivery")],
    )


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


async def test_a_search_sees_a_source_before_a_swap_or_after_it_never_between(engine: SearchEngine) -> None:
    """Every version has its own two chunks; no answer may mix versions, in whichever half it was found."""

    async def version(number: int) -> None:
        chunks = [await chunk(f"{number}_{part}", f"parcel part {part}") for part in "ab"]
        await engine.publish(PROJECT, "src_a", version=number, chunks=chunks)

    await version(1)
    finished = asyncio.Event()

    async def swap() -> None:
        for number in range(2, 30):
            await version(number)
        finished.set()

    async def look() -> int:
        seen = 0
        while not finished.is_set():
            result = await ask(engine, "parcel part")
            versions = {name.split("_")[0] for name in found(result)}
            assert len(result.hits) == 2
            assert len(versions) == 1
            assert all(hit.keyword_rank and hit.vector_rank for hit in result.hits)
            seen += 1
        return seen

    counts = await asyncio.gather(look(), look(), swap())
    assert counts[0]
    assert found(await ask(engine, "parcel part"))[0].startswith("29_")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(swaps())
async def test_what_is_kept_ranks_as_if_all_were_published_at_once(engine: SearchEngine, sequence: list[Swap]) -> None:
    bit_by_bit, at_once = new_id("prj"), new_id("prj")
    for project in (bit_by_bit, at_once):
        await engine.publish(project, "src_b", version=1, chunks=[four("other", "A parcel of another source.")])
    await publish_all(engine, bit_by_bit, "src_a", sequence)
    await engine.publish(at_once, "src_a", version=len(sequence), chunks=final(sequence))

    for text in ("parcel returns", "Bestellung", "courier label refund"):
        for source_ids in (None, frozenset({"src_a"})):
            query = SearchQuery(text=text, vector=four_numbers(1, 2, 3, 4), limit=50, source_ids=source_ids)
            assert await engine.search(bit_by_bit, query) == await engine.search(at_once, query)
    await engine.remove(bit_by_bit)
    await engine.remove(at_once)


def four_numbers(*numbers: float) -> np.ndarray:
    vector = np.array(numbers, np.float32)
    return vector / np.linalg.norm(vector)


def four(name: str, text: str, *, document: str = "", heading: np.ndarray | None = None) -> IndexedChunk:
    """A chunk with a short vector."""
    return IndexedChunk(
        chunk_id=f"chk_{name}",
        document_id=f"doc_{document or name}",
        heading="",
        text=text,
        language="en",
        vector=four_numbers(1, 0, 0, 0),
        heading_vector=heading,
    )


async def test_documents_kept_stay_and_all_others_of_the_source_go(engine: SearchEngine) -> None:
    await publish_shop(engine)
    await publish_shop(engine, OTHER)
    await ask(engine, "parcel")

    new = await chunk("new", "A parcel may also be handed in at a shop.")
    await engine.publish(
        PROJECT, "src_returns", version=2, chunks=[new], keep={"doc_label", "doc_courier", "doc_unknown", "doc\0"}
    )

    assert set(found(await ask(engine, "parcel"))) == {"label", "new", "courier"}
    assert await engine.published_version(PROJECT, "src_returns") == 2
    assert set(found(await ask(engine, "parcel", project=OTHER))) == {"window", "label", "courier"}


async def test_a_document_both_kept_and_brought_is_replaced(engine: SearchEngine) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[four("old", "Old parcel.", document="one")])
    for _ in range(2):
        chunks = [four("new", "New parcel.", document="one")]
        await engine.publish(PROJECT, "src_a", version=2, chunks=chunks, keep=["doc_one"])
    assert [hit.chunk_id for hit in (await look_at(engine)).hits] == ["chk_new"]


async def look_at(engine: SearchEngine) -> SearchResult:
    query = SearchQuery(text="parcel", vector=four_numbers(0, 1, 0, 0), limit=50)
    return await engine.search(PROJECT, query)


async def test_keeping_documents_of_a_source_that_is_not_published_publishes_what_is_new(engine: SearchEngine) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[await chunk("one", "A parcel.")], keep=["doc_gone"])
    assert found(await ask(engine, "parcel")) == ["one"]


async def test_a_lower_version_is_refused_whatever_it_keeps(engine: SearchEngine) -> None:
    await engine.publish(PROJECT, "src_a", version=3, chunks=[await chunk("three", "Version three.")])
    with pytest.raises(StaleVersionError):
        await engine.publish(
            PROJECT, "src_a", version=2, chunks=[await chunk("two", "Version two.")], keep=["doc_three"]
        )
    assert found(await ask(engine, "version")) == ["three"]


async def test_a_heading_stays_as_long_as_a_kept_document_has_it(engine: SearchEngine) -> None:
    """The first document brought the vector that the second shares; then the first goes, and a third shares it."""
    title = four_numbers(0, 1, 0, 0)
    first, second, third = [four(name, "A parcel.", heading=title) for name in ("first", "second", "third")]
    plain = four("plain", "A parcel.")
    await engine.publish(PROJECT, "src_a", version=1, chunks=[first, second, plain])
    await look_at(engine)

    for version, new, keep in ((2, [], ["doc_second", "doc_plain"]), (3, [third], ["doc_second", "doc_plain"])):
        await engine.publish(PROJECT, "src_a", version=version, chunks=new, keep=keep)
        scores = {hit.chunk_id: hit.vector_score for hit in (await look_at(engine)).hits}
        assert scores == {"chk_second": 1.0, "chk_plain": 0.0} | {one.chunk_id: 1.0 for one in new}
    await engine.publish(PROJECT, "src_a", version=4, chunks=[], keep=["doc_third"])
    assert [hit.vector_score for hit in (await look_at(engine)).hits] == [1.0]
    await engine.publish(PROJECT, "src_a", version=5, chunks=[plain], keep=["doc_first"])
    assert [hit.vector_score for hit in (await look_at(engine)).hits] == [0.0]


async def test_a_search_sees_what_is_kept_with_one_version_and_never_without(engine: SearchEngine) -> None:
    kept = [await chunk(f"kept_{part}", f"parcel part {part}", heading="Kept") for part in "ab"]

    async def version(number: int) -> None:
        chunks = [await chunk(f"{number}_{part}", f"parcel part {part}", heading="Kept") for part in "ab"]
        keep = {one.document_id for one in kept}
        await engine.publish(PROJECT, "src_a", version=number, chunks=chunks, keep=keep)

    await engine.publish(PROJECT, "src_a", version=1, chunks=kept)
    await version(2)
    finished = asyncio.Event()

    async def swap() -> None:
        for number in range(3, 30):
            await version(number)
        finished.set()

    async def look() -> int:
        seen = 0
        while not finished.is_set():
            result = await ask(engine, "parcel part")
            versions = [name.split("_")[0] for name in found(result)]
            assert versions.count("kept") == 2
            assert len(versions) == result.chunk_count == 4
            assert len(set(versions)) == 2
            assert all(hit.keyword_rank and hit.vector_rank for hit in result.hits)
            seen += 1
        return seen

    counts = await asyncio.gather(look(), look(), swap())
    assert counts[0]
    assert set(found(await ask(engine, "parcel part"))) == {"kept_a", "kept_b", "29_a", "29_b"}


async def test_vectors_come_back_as_they_were_published(engine: SearchEngine) -> None:
    numbers = np.random.default_rng(7)
    odd = np.array([1e-38, -0.0, 1 / 3, np.nextafter(np.float32(1), np.float32(0))], np.float32)
    headed = four("headed", "A parcel.", heading=odd)
    plain = IndexedChunk(
        chunk_id="chk_plain",
        document_id="doc_plain",
        heading="",
        text="A parcel.",
        language=None,
        vector=numbers.standard_normal(4).astype(np.float32),
    )
    await engine.publish(PROJECT, "src_a", version=1, chunks=[headed, plain])
    await engine.publish(PROJECT, "src_a", version=2, chunks=[], keep=["doc_headed", "doc_plain"])
    await engine.publish(OTHER, "src_a", version=1, chunks=[four("secret", "A secret.")])

    stored = await engine.vectors(PROJECT, ["chk_headed", "chk_plain", "chk_gone", "chk_secret", "chk\0"])

    assert set(stored) == {"chk_headed", "chk_plain"}
    for one in (headed, plain):
        assert same_bits(stored[one.chunk_id], one)
    assert await engine.vectors("prj_unknown", ["chk_headed"]) == {}
    assert await engine.vectors(PROJECT, []) == {}


def same_bits(stored: StoredVectors, published: IndexedChunk) -> bool:
    def bits(vector: np.ndarray | None) -> bytes | None:
        return None if vector is None else vector.tobytes()

    vectors = (stored.vector, stored.heading_vector)
    return [bits(one) for one in vectors] == [bits(published.vector), bits(published.heading_vector)]


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
