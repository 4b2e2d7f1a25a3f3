"""What only the adapter in PostgreSQL has to prove: it ranks as files do, and many processes may publish at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy
from hypothesis import HealthCheck, given, settings

from aivastark.backends.embedding.base import Embedder
from aivastark.backends.embedding.hashing import Hashing
from aivastark.backends.embedding.minilm import MiniLm
from aivastark.backends.search import postgres_postings
from aivastark.backends.search.base import (
    IndexedChunk,
    SearchEngine,
    SearchQuery,
    SearchResult,
    StaleVersionError,
    StoredVectors,
)
from aivastark.backends.search.postgres import PostgresSearch
from aivastark.backends.search.postgres_tables import metadata, postings
from aivastark.backends.search.sqlite import SqliteSearch
from aivastark.kit.ids import new_id
from evals import sets
from tests.contracts.swaps import Swap, final, publish_all, swaps
from tests.postgres import Postgres

PROJECT = "prj_a"
SCORE_TOLERANCE = 1e-6
"""Sums of the same numbers in another order."""
SOURCES = 20
EVALS = sets.folder()  # read before tests forget what is set outside
VECTOR = np.eye(8, dtype=np.float32)[0]


@pytest.fixture
async def engine(postgres: Postgres) -> AsyncIterator[PostgresSearch]:
    with postgres.database() as url:
        opened = PostgresSearch(url)
        yield opened
        await opened.close()


@pytest.mark.parametrize(
    ("name", "language", "model", "documents", "questions"),
    [
        ("squad2-mini", "en", Hashing, None, 300),
        ("xquad-de", "de", Hashing, None, 150),
        ("squad2-mini", "en", MiniLm, 60, 60),
    ],
)
async def test_both_engines_rank_alike(
    postgres: Postgres,
    tmp_path: Path,
    name: str,
    language: str,
    model: Callable[[], Embedder],
    documents: int | None,
    questions: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIVASTARK_EVALS_DIR", str(EVALS))
    given = sets.load(name)
    if given is None:
        pytest.skip(f"{name} is not on this machine")

    async with AsyncExitStack() as stack:
        embedder = model()
        stack.push_async_callback(embedder.close)
        chunks = await chunks_of(given.corpus[:documents], embedder, language)
        url = stack.enter_context(postgres.database())
        engines: list[SearchEngine] = [PostgresSearch(url), SqliteSearch(tmp_path)]
        for engine in engines:
            stack.push_async_callback(engine.close)
            for number in range(SOURCES):
                mine = chunks[number::SOURCES]
                await engine.publish(PROJECT, f"src_{number}", version=1, chunks=mine)
                if number % 3 == 0:  # what was swapped must leave nothing behind
                    await engine.publish(PROJECT, f"src_{number}", version=2, chunks=mine[1:] + mine[:1])
        for place, question in enumerate(sets.sample(given.questions, questions)):
            query = SearchQuery(
                text=question.text,
                vector=await embedder.embed_query(question.text),
                limit=10,
                source_ids=frozenset({"src_1", "src_2", "src_7"}) if place % 5 == 0 else None,
                model_languages=embedder.languages,
            )
            in_postgres, in_files = [await engine.search(PROJECT, query) for engine in engines]
            assert_alike(in_postgres, in_files)


async def chunks_of(corpus: Sequence[sets.Item], embedder: Embedder, language: str) -> list[IndexedChunk]:
    headings = await embedder.embed_documents([item.title for item in corpus])
    vectors = await embedder.embed_documents([f"{item.title}\n{item.text}" for item in corpus])
    return [
        IndexedChunk(
            chunk_id=item.id,
            document_id=item.id,
            heading=item.title,
            text=item.text,
            language=language,
            vector=vector,
            heading_vector=heading if item.title else None,
        )
        for item, vector, heading in zip(corpus, vectors, headings, strict=True)
    ]


def assert_alike(one: SearchResult, other: SearchResult) -> None:
    """The same but for the order of what scores the same, and which of those the limit left out."""
    assert one.term_weights == other.term_weights
    assert (one.chunk_count, one.languages, one.query_language) == (
        other.chunk_count,
        other.languages,
        other.query_language,
    )
    scores, other_scores = [hit.score for hit in one.hits], [hit.score for hit in other.hits]
    assert scores == pytest.approx(other_scores, abs=SCORE_TOLERANCE)
    by_id, other_by_id = ({hit.chunk_id: hit for hit in result.hits} for result in (one, other))
    for chunk_id in by_id.keys() & other_by_id.keys():
        hit, its_like = by_id[chunk_id], other_by_id[chunk_id]
        assert hit.score == pytest.approx(its_like.score, abs=SCORE_TOLERANCE)
        assert (hit.keyword_score is None) == (its_like.keyword_score is None)
        assert (hit.keyword_score or 0.0) == pytest.approx(its_like.keyword_score or 0.0, rel=SCORE_TOLERANCE)
        assert hit.vector_score == pytest.approx(its_like.vector_score, abs=SCORE_TOLERANCE)
    for chunk_id in by_id.keys() ^ other_by_id.keys():
        hit = by_id.get(chunk_id) or other_by_id[chunk_id]
        assert hit.score == pytest.approx(scores[-1], abs=SCORE_TOLERANCE)


def chunk(name: str, *, text: str = "a parcel") -> IndexedChunk:
    return IndexedChunk(
        chunk_id=name, document_id="doc", heading="", text=text, language="en", vector=VECTOR, heading_vector=VECTOR
    )


async def look(engine: SearchEngine, project: str = PROJECT) -> SearchResult:
    return await engine.search(project, SearchQuery(text="parcel", vector=VECTOR, limit=100))


async def test_of_many_publishers_in_many_processes_the_newest_version_wins(postgres: Postgres) -> None:
    with postgres.database() as url:
        engines = [PostgresSearch(url) for _ in range(4)]

        async def publish(engine: PostgresSearch, version: int) -> bool:
            try:
                await engine.publish(PROJECT, "src_a", version=version, chunks=[chunk(f"{version}_{n}") for n in "ab"])
            except StaleVersionError:
                return False
            return True

        won = await asyncio.gather(*(publish(engines[version % 4], version) for version in range(1, 21)))
        result = await look(engines[0])

        assert won[-1]
        assert {hit.chunk_id for hit in result.hits} == {"20_a", "20_b"}
        assert result.chunk_count == 2
        assert result.languages == {"en": 2}
        for engine in engines:
            await engine.close()


async def test_a_removed_project_leaves_no_row_and_touches_no_other(engine: PostgresSearch, postgres: Postgres) -> None:
    for project in (PROJECT, "prj_b"):
        await engine.publish(project, "src_a", version=1, chunks=[chunk("one"), chunk("two", text="")])
        beside = StoredVectors(vector=VECTOR, heading_vector=VECTOR)
        await engine.add_vectors(project, "m-2", {"one": beside})

    await engine.remove(PROJECT)

    with engine._reader.connect() as connection:
        for table in metadata.sorted_tables:
            projects = set(connection.scalars(sqlalchemy.select(table.c.project_id)))
            assert projects == {"prj_b"}, table.name
    assert len((await look(engine, "prj_b")).hits) == 2


async def test_a_swapped_source_leaves_nothing_of_its_old_version(engine: PostgresSearch) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[chunk(str(n), text=f"old parcel {n}") for n in range(9)])
    await engine.publish(PROJECT, "src_a", version=2, chunks=[chunk("new", text="new parcel")])

    with engine._reader.connect() as connection:
        rows = {table.name: len(connection.execute(sqlalchemy.select(table)).all()) for table in metadata.sorted_tables}
    assert rows == {
        "search_projects": 1,
        "search_sources": 1,
        "search_chunks": 1,
        "search_headings": 1,
        "search_postings": 2,
        "search_terms": 1,
        "search_coming": 0,
        "search_coming_headings": 0,
    }


@pytest.mark.parametrize("page_chunks", [2, 256])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(swaps())
async def test_rows_after_swaps_are_those_of_publishing_all_at_once(
    engine: PostgresSearch, monkeypatch: pytest.MonkeyPatch, page_chunks: int, sequence: list[Swap]
) -> None:
    monkeypatch.setattr(postgres_postings, "PAGE_CHUNKS", page_chunks)
    bit_by_bit, at_once = new_id("prj"), new_id("prj")
    await publish_all(engine, bit_by_bit, "src_a", sequence)
    await engine.publish(at_once, "src_a", version=len(sequence), chunks=final(sequence))

    assert rows_of(engine, bit_by_bit) == rows_of(engine, at_once)


async def test_a_term_is_kept_in_pages_that_never_hold_more_than_they_may(
    engine: PostgresSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_postings, "PAGE_CHUNKS", 3)
    await engine.publish(PROJECT, "src_a", version=1, chunks=[document(n) for n in range(7)])
    assert pages_of(engine, "parcel") == [[1, 2, 3], [4, 5, 6], [7]]

    # The second loses one, the third all it has; what is new begins another page when the last one has no room.
    keep = [f"doc_{n}" for n in (0, 1, 2, 4, 5)]
    await engine.publish(PROJECT, "src_a", version=2, chunks=[document(7), document(8)], keep=keep)
    assert pages_of(engine, "parcel") == [[1, 2, 3], [5, 6], [8, 9]]
    await engine.publish(PROJECT, "src_a", version=3, chunks=[document(9)], keep=[*keep, "doc_7", "doc_8"])
    assert pages_of(engine, "parcel") == [[1, 2, 3], [5, 6], [8, 9, 10]]


def document(number: int) -> IndexedChunk:
    return replace(chunk(f"chk_{number}"), document_id=f"doc_{number}")


def pages_of(engine: PostgresSearch, term: str) -> list[list[int]]:
    columns = postings.c
    with engine._reader.connect() as connection:
        found = sqlalchemy.select(columns.chunks).where(columns.term == term).order_by(columns.first)
        return list(connection.scalars(found))


def rows_of(engine: PostgresSearch, project_id: str) -> dict[str, list[dict[str, object]]]:
    """All rows of a project but for its name, with ids numbered in their order and the pages of a term as one."""
    with engine._reader.connect() as connection:
        tables = {
            table.name: [
                dict(row)
                for row in connection.execute(
                    sqlalchemy.select(table).where(table.c.project_id == project_id).order_by(*table.primary_key)
                ).mappings()
            ]
            for table in metadata.sorted_tables
        }
    number = {row["id"]: place for place, row in enumerate(tables["search_chunks"])}
    heading = {row["id"]: row["digest"] for row in tables["search_headings"]}
    for row in (row for rows in tables.values() for row in rows):
        del row["project_id"]
        row.pop("next_id", None)
        if "heading_id" in row:
            row["heading_id"] = heading.get(row["heading_id"])
        if "chunks" in row:
            row["chunks"] = [number[id_] for id_ in row["chunks"]]
        if "terms" in row:
            row["chunk"] = number[row["id"]]
        row.pop("id", None)
    tables["search_headings"].sort(key=lambda row: row["digest"])
    tables["search_postings"] = joined(tables["search_postings"])
    return tables


def joined(pages: Iterable[dict[str, Any]]) -> list[dict[str, object]]:
    """One row a term of all its pages, given in their order."""
    rows: dict[str, dict[str, Any]] = {}
    for page in pages:
        assert 0 < page["chunk_count"] == len(page["chunks"]) <= postgres_postings.PAGE_CHUNKS
        del page["first"]
        row = rows.setdefault(page["term"], page)
        if row is not page:
            for name in ("chunk_count", *postgres_postings.HELD):
                row[name] += page[name]
    return list(rows.values())


async def test_a_server_that_restarted_is_found_again(engine: PostgresSearch) -> None:
    await engine.publish(PROJECT, "src_a", version=1, chunks=[chunk("one")])
    with engine._writer.connect() as connection:
        connection.execute(
            sqlalchemy.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    assert len((await look(engine)).hits) == 1
