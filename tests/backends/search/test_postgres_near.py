"""Large projects have indexes of their vectors: what they find, and that they come and go with what is published."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray

from aivastark.backends.search.base import IndexedChunk, SearchQuery
from aivastark.backends.search.postgres import PostgresSearch
from aivastark.backends.search.postgres_near import condition
from aivastark.postgresql import libpq_url
from tests.postgres import Postgres

PROJECT = "prj_large"
CHUNKS = 1_200
QUESTIONS = 40
LIMIT = 10
SEED = 20_261_126


def vectors(count: int, dimensions: int = 32, seed: int = SEED) -> NDArray[np.float32]:
    """Unit vectors that come in groups, as those of texts do."""
    chance = np.random.default_rng(seed)
    groups = chance.standard_normal((max(1, count // 20), dimensions))
    drawn = groups[chance.integers(len(groups), size=count)] + 0.5 * chance.standard_normal((count, dimensions))
    unit: NDArray[np.float32] = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return unit


def chunks(given: NDArray[np.float32]) -> list[IndexedChunk]:
    """Seven have a heading in common; a third of the headings have a vector."""
    headings = vectors(len(given) // 7 + 1, given.shape[1], SEED + 1)
    return [
        IndexedChunk(
            chunk_id=f"chk_{number}",
            document_id=f"doc_{number // 50}",
            heading="",
            text=f"word{number % 9} text{number}",
            language=None,
            vector=vector,
            heading_vector=headings[number // 7] if number // 7 % 3 == 0 else None,
            model_id=f"model-{given.shape[1]}",
        )
        for number, vector in enumerate(given)
    ]


@contextmanager
def opened(postgres: Postgres) -> Iterator[tuple[str, PostgresSearch]]:
    with postgres.database() as url:
        yield url, PostgresSearch(url, near_from=CHUNKS)


async def questions(engine: PostgresSearch, dimensions: int = 32) -> list[list[tuple[str, float]]]:
    found = []
    for vector in vectors(QUESTIONS, dimensions, SEED + 2):
        query = SearchQuery(text="word3", vector=vector, limit=LIMIT, model_id=f"model-{dimensions}")
        result = await engine.search(PROJECT, query)
        assert result.chunk_count in (CHUNKS, CHUNKS // 3)
        found.append([(hit.chunk_id, round(hit.score, 5)) for hit in result.hits])
    return found


def agreed(scanned: list[list[tuple[str, float]]], found: list[list[tuple[str, float]]]) -> float:
    """The share of what a scan found that was found, with the same score."""
    same = sum(len(set(one) & set(other)) for one, other in zip(scanned, found, strict=True))
    return same / (QUESTIONS * LIMIT)


def indexes(url: str) -> dict[str, bool]:
    return dict(_asked(url, "SELECT relname, indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid "
                            "WHERE relname LIKE 'near%' ORDER BY 1"))  # fmt: skip


def near(url: str) -> int:
    [(dimensions,)] = _asked(url, "SELECT near FROM search_projects")
    return int(dimensions)


def _asked(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        done = connection.execute(query.encode())
        return done.fetchall() if done.description else []


async def test_a_large_project_has_an_index_which_finds_what_a_scan_finds(postgres: Postgres) -> None:
    with opened(postgres) as (url, engine):
        given = vectors(CHUNKS)
        await engine.publish(PROJECT, "src_few", version=1, chunks=chunks(given)[: CHUNKS // 3])
        await engine.tend()
        assert indexes(url) == {}
        await engine.publish(PROJECT, "src_few", version=2, chunks=chunks(given))
        scanned = await questions(engine)
        assert near(url) == 0

        await engine.tend()
        assert list(indexes(url).values()) == [True, True]
        assert near(url) == 32
        found = await questions(engine)
        assert agreed(scanned, found) >= 0.99
        plan = _asked(url, f"EXPLAIN SELECT id FROM search_chunks WHERE {condition(PROJECT, 32)} ORDER BY "
                           f"CAST(vector AS vector(32)) <#> '{given[0].tolist()}' LIMIT 10")  # fmt: skip
        assert "near_search_chunks" in str(plan)
        some = SearchQuery(
            text="word3", vector=given[0], limit=5, source_ids=frozenset({"src_none"}), model_id="model-32"
        )
        assert (await engine.search(PROJECT, some)).hits == ()
        await engine.close()


async def test_it_goes_with_what_made_the_project_large(postgres: Postgres) -> None:
    with opened(postgres) as (url, engine):
        given = chunks(vectors(CHUNKS))
        await engine.publish(PROJECT, "src_a", version=1, chunks=given)
        await engine.tend()
        await engine.publish(PROJECT, "src_a", version=2, chunks=given[: CHUNKS // 2])
        await engine.tend()
        assert near(url) == 32  # not built and dropped again and again by a project of just that size
        await engine.publish(PROJECT, "src_a", version=3, chunks=given[: CHUNKS // 3])
        await engine.tend()
        assert (near(url), indexes(url)) == (0, {})
        await engine.publish(PROJECT, "src_a", version=4, chunks=given)
        await engine.tend()
        await engine.remove(PROJECT)
        assert len(indexes(url)) == 2
        await engine.tend()
        assert indexes(url) == {}
        await engine.close()


async def test_another_models_vectors_get_an_index_of_their_own(postgres: Postgres) -> None:
    with opened(postgres) as (url, engine):
        await engine.publish(PROJECT, "src_a", version=1, chunks=chunks(vectors(CHUNKS)))
        await engine.tend()
        await engine.publish(PROJECT, "src_a", version=2, chunks=chunks(vectors(CHUNKS, 24)))
        assert near(url) == 32
        scanned = await questions(engine, 24)
        await engine.tend()
        assert near(url) == 24
        assert all(name.endswith("_24") for name in indexes(url))
        found = await questions(engine, 24)
        assert agreed(scanned, found) >= 0.99
        await engine.close()


async def test_what_broke_while_it_was_built_is_built_again_by_one(postgres: Postgres) -> None:
    with opened(postgres) as (url, engine):
        await engine.publish(PROJECT, "src_a", version=1, chunks=chunks(vectors(CHUNKS)))
        direct = libpq_url(url)
        with psycopg.connect(direct) as reading:
            reading.execute("SELECT count(*) FROM search_chunks")  # a build waits for whoever reads what was before
            building = asyncio.create_task(engine.tend())
            while not indexes(url):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await engine.tend()  # finds that somebody is at it
            building.cancel()
            with pytest.raises(asyncio.CancelledError):
                await building
        assert list(indexes(url).values()) == [False]
        assert near(url) == 0

        await asyncio.gather(engine.tend(), engine.tend())
        assert list(indexes(url).values()) == [True, True]
        assert near(url) == 32
        await engine.close()


def test_only_an_id_becomes_part_of_a_statement() -> None:
    with pytest.raises(ValueError, match="letters"):
        condition("prj_a' OR true --", 32)
