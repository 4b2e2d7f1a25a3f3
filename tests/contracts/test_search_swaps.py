"""What a search engine promises when a source is swapped, in part or whole, while others search."""

import asyncio

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from aivastark.backends.search.base import (
    IndexedChunk,
    SearchEngine,
    SearchQuery,
    SearchResult,
    StaleVersionError,
    StoredVectors,
)
from tests.contracts.searching import EMBEDDER, OTHER, PROJECT, ask, chunk, found, publish_shop
from tests.contracts.swaps import Swap, final, publish_all, swaps


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


@pytest.mark.parametrize("fails", [False, True])
async def test_a_search_whose_vector_comes_later_sees_one_state_all_the_same(engine: SearchEngine, fails: bool) -> None:
    """Words are looked for before the swap, meaning after it: all that is found must be of one state."""
    await publish_shop(engine)
    vector: asyncio.Future[np.ndarray[tuple[int], np.dtype[np.float32]] | None] = asyncio.Future()
    query = SearchQuery(text="courier parcel", vector=None, limit=10)
    searching = asyncio.create_task(engine.search(PROJECT, query, coming=vector))
    await asyncio.sleep(0.1)
    await engine.publish(PROJECT, "src_delivery", version=2, chunks=[await chunk("drone", "A drone drops the parcel.")])
    if fails:
        vector.set_exception(ZeroDivisionError())
        with pytest.raises(ZeroDivisionError):
            await searching
        return
    vector.set_result(await EMBEDDER.embed_query(query.text))

    result = await searching

    assert result == await ask(engine, query.text)
    assert set(found(result)) == {"drone", "label", "window"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(swaps())
async def test_what_is_kept_ranks_as_if_all_were_published_at_once(engine: SearchEngine, sequence: list[Swap]) -> None:
    bit_by_bit, at_once = PROJECT, OTHER
    for project in (bit_by_bit, at_once):
        await engine.remove(project, "src_a")  # of the sequence before
        await engine.publish(project, "src_b", version=1, chunks=[four("other", "A parcel of another source.")])
    await publish_all(engine, bit_by_bit, "src_a", sequence)
    await engine.publish(at_once, "src_a", version=len(sequence), chunks=final(sequence))

    for text in ("parcel returns", "Bestellung", "courier label refund"):
        for source_ids in (None, frozenset({"src_a"})):
            query = SearchQuery(text=text, vector=four_numbers(1, 2, 3, 4), limit=50, source_ids=source_ids)
            assert await engine.search(bit_by_bit, query) == await engine.search(at_once, query)


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
