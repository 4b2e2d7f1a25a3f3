"""What a search engine promises while the vectors of one model take the place of another's."""

import asyncio

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aivastark.backends.search.base import (
    IndexedChunk,
    Models,
    SearchEngine,
    SearchQuery,
    SearchResult,
    StoredVectors,
)
from tests.contracts.searching import OTHER, PROJECT

SIZES = {"": 3, "old": 4, "new": 6, "third": 4}
"""Numbers in the vectors of each model."""


def direction(model: str, number: int) -> NDArray[np.float32]:
    """What the model makes of a thing: another direction for each."""
    vector: NDArray[np.float32] = np.eye(SIZES[model], dtype=np.float32)[number % SIZES[model]]
    return vector


def made(model: str, number: int) -> StoredVectors:
    return StoredVectors(vector=direction(model, number), heading_vector=direction(model, number + 1))


def chunk(number: int, model: str, *others: str) -> IndexedChunk:
    own = made(model, number)
    return IndexedChunk(
        chunk_id=f"chk_{number}",
        document_id=f"doc_{number}",
        heading="Parcels",
        text=f"Parcel number {number}.",
        language="en",
        vector=own.vector,
        heading_vector=own.heading_vector,
        model_id=model,
        others={other: made(other, number) for other in others},
    )


async def look(engine: SearchEngine, model: str, number: int = 0, *, project: str = PROJECT) -> SearchResult:
    """Ask for a thing as the model sees it, in words that every chunk has."""
    query = SearchQuery(text="parcel", vector=direction(model, number), limit=50, model_id=model)
    return await engine.search(project, query)


def cosines(result: SearchResult) -> dict[str, float | None]:
    return {hit.chunk_id: hit.vector_score for hit in result.hits}


async def test_vectors_of_two_models_are_never_compared(engine: SearchEngine) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[chunk(0, "old"), chunk(1, "old")])

    same, other = await look(engine, "old"), await look(engine, "third")

    assert same.model_id == other.model_id == "old"
    assert cosines(same) == {"chk_0": 1.0, "chk_1": 0.0}
    assert cosines(other) == {"chk_0": None, "chk_1": None}
    assert [hit.keyword_rank for hit in other.hits] == [1, 2]


async def test_the_new_model_serves_when_every_chunk_has_its_vector_and_not_before(engine: SearchEngine) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[chunk(number, "old") for number in range(3)])
    await engine.add_vectors(
        PROJECT, "new", {"chk_0": made("new", 0), "chk_2": made("new", 2), "chk_9": made("new", 9)}
    )

    counted = await engine.count_vectors(PROJECT, "new")
    too_early = await engine.switch_model(PROJECT, "new")
    missing = await engine.without_vectors(PROJECT, "new", after="", limit=9)
    beyond = await engine.without_vectors(PROJECT, "new", after="chk_1", limit=9)
    before = cosines(await look(engine, "old", 1))
    await engine.add_vectors(PROJECT, "new", {"chk_1": made("new", 1)})
    models = await engine.models(PROJECT)
    switched = await engine.switch_model(PROJECT, "new")

    assert counted == (3, 2)
    assert (too_early, switched) == (False, True)
    assert (list(missing), list(beyond)) == (["chk_1"], [])
    assert before == {"chk_0": 1.0, "chk_1": 1.0, "chk_2": 0.0}  # of 0, its heading is as near
    assert models == Models(serving="old", coming="new")
    assert await engine.models(PROJECT) == Models(serving="new", coming="")
    assert cosines(await look(engine, "new", 1)) == {"chk_0": 1.0, "chk_1": 1.0, "chk_2": 0.0}
    assert cosines(await look(engine, "old", 1)) == dict.fromkeys(["chk_0", "chk_1", "chk_2"])


async def test_what_is_published_meanwhile_is_found_by_both(engine: SearchEngine) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[chunk(0, "old")])
    await engine.publish(PROJECT, "src_b", version=1, chunks=[chunk(1, "new", "old"), chunk(2, "new")])

    served = cosines(await look(engine, "old", 1))
    missing = await engine.without_vectors(PROJECT, "old", after="", limit=9)
    await engine.add_vectors(PROJECT, "new", {"chk_0": made("new", 0)})
    await engine.switch_model(PROJECT, "new")
    stored = await engine.vectors(PROJECT, ["chk_0", "chk_1", "chk_2"], model_id="new")

    assert served == {"chk_0": 1.0, "chk_1": 1.0, "chk_2": 0.0}
    assert list(missing) == ["chk_2"]
    assert {id_: int(np.argmax(one.vector)) for id_, one in stored.items()} == {"chk_0": 0, "chk_1": 1, "chk_2": 2}
    assert await engine.vectors(PROJECT, ["chk_0"], model_id="old") == {}


async def test_a_change_of_mind_goes_back_and_fills_what_the_old_model_lacks(engine: SearchEngine) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[chunk(0, "old")])
    await engine.publish(PROJECT, "src_b", version=1, chunks=[chunk(1, "new")])
    await look(engine, "old")  # what is kept of it in memory must not last

    too_early = await engine.switch_model(PROJECT, "old")
    await engine.add_vectors(PROJECT, "old", {"chk_1": made("old", 1)})
    switched = await engine.switch_model(PROJECT, "old")

    assert (too_early, switched) == (False, True)
    assert await engine.models(PROJECT) == Models(serving="old", coming="")
    assert cosines(await look(engine, "old", 1)) == {"chk_0": 1.0, "chk_1": 1.0}
    assert await engine.vectors(PROJECT, ["chk_1"], model_id="new") == {}


async def test_a_third_model_takes_the_place_of_what_was_gathered(engine: SearchEngine) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[chunk(0, "old"), chunk(1, "old")])
    await engine.add_vectors(PROJECT, "new", {"chk_0": made("new", 0)})
    await engine.add_vectors(PROJECT, "third", {"chk_0": made("third", 0), "chk_1": made("third", 1)})

    assert await engine.models(PROJECT) == Models(serving="old", coming="third")
    assert await engine.switch_model(PROJECT, "new") is False
    assert await engine.switch_model(PROJECT, "third") is True
    assert cosines(await look(engine, "third")) == {"chk_0": 1.0, "chk_1": 0.0}


async def test_an_index_without_a_name_gets_one_once_and_an_empty_one_takes_any(engine: SearchEngine) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[chunk(0, "")])
    await engine.name_model(PROJECT, "old")
    await engine.name_model(PROJECT, "third")
    named = await engine.models(PROJECT)
    await engine.publish(PROJECT, "src_a", version=2, chunks=[])
    await engine.publish(PROJECT, "src_a", version=3, chunks=[chunk(1, "new")])

    assert named == Models(serving="old", coming="")
    assert await engine.models(PROJECT) == Models(serving="new", coming="")
    assert await engine.models(OTHER) is None
    assert await engine.switch_model(OTHER, "new") is True
    assert await engine.count_vectors(OTHER, "new") == (0, 0)
    assert list(await engine.without_vectors(OTHER, "new", after="", limit=9)) == []
    assert (await look(engine, "new", project=OTHER)).model_id is None


async def test_a_search_sees_all_of_one_model_or_all_of_the_other(engine: SearchEngine) -> None:
    numbers = range(20)
    await engine.publish(PROJECT, "src_a", version=1, chunks=[chunk(number, "old") for number in numbers])
    finished = asyncio.Event()

    async def switch() -> None:
        for model in ("new", "third", "old") * 3:
            await engine.add_vectors(PROJECT, model, {f"chk_{number}": made(model, number) for number in numbers})
            assert await engine.switch_model(PROJECT, model)
        finished.set()

    async def watch() -> int:
        seen = 0
        while not finished.is_set():
            for model in ("old", "new", "third"):
                result = await look(engine, model)
                assert len(result.hits) == 20
                found = {score is None for score in cosines(result).values()}
                assert found == {result.model_id != model}
                seen += 1
        return seen

    counts = await asyncio.gather(watch(), switch())
    assert counts[0]


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[str, str, int]]:
    """What happens to a project: sources published by either model, vectors added, switches, sources that go."""
    kind = st.sampled_from(["publish", "publish", "add", "switch", "remove"])
    return draw(st.lists(st.tuples(kind, st.sampled_from(["old", "new"]), st.integers(0, 5)), max_size=14))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps())
async def test_whatever_happens_the_vectors_are_those_of_their_model(
    engine: SearchEngine, taken: list[tuple[str, str, int]]
) -> None:
    await engine.remove(PROJECT)
    there: set[int] = set()
    for version, (kind, model, number) in enumerate(taken, start=1):
        match kind:
            case "publish":
                await engine.publish(PROJECT, f"src_{number}", version=version, chunks=[chunk(number, model)])
                there.add(number)
            case "add":
                ids = await engine.without_vectors(PROJECT, model, after="", limit=number)
                await engine.add_vectors(PROJECT, model, {id_: made(model, int(id_[4:])) for id_ in ids})
            case "switch":
                total, given_ = await engine.count_vectors(PROJECT, model)
                assert await engine.switch_model(PROJECT, model) is (total == given_)
            case _:
                await engine.remove(PROJECT, f"src_{number}")
                there.discard(number)
        models = await engine.models(PROJECT)
        for name in ("old", "new"):
            stored = await engine.vectors(PROJECT, [f"chk_{one}" for one in range(6)], model_id=name)
            lacking = set(await engine.without_vectors(PROJECT, name, after="", limit=9))
            assert stored.keys() | lacking == {f"chk_{one}" for one in there}
            assert not stored.keys() & lacking
            for id_, vectors in stored.items():
                assert np.array_equal(vectors.vector, direction(name, int(id_[4:])))
                assert vectors.heading_vector is not None
                assert np.array_equal(vectors.heading_vector, direction(name, int(id_[4:]) + 1))
        serving = models.serving if models is not None else ""
        if there and serving:
            assert {hit.chunk_id for hit in (await look(engine, serving)).hits} == {f"chk_{one}" for one in there}
