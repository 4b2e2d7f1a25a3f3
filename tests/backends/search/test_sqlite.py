"""What only the adapter in files has to prove: other processes, sudden death, a bounded memory."""

import random
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from aivastark.backends.search.base import IndexedChunk, SearchQuery, SearchResult
from aivastark.backends.search.matrix import EMPTY, Labels, View, ViewCache
from aivastark.backends.search.sqlite import SqliteSearch
from aivastark.kit.ids import new_id
from tests.backends.search.crash_publisher import CHUNKS
from tests.contracts.swaps import DIRECTIONS, Swap, final, publish_all, swaps

VECTOR = np.eye(8, dtype=np.float32)[0]


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[SqliteSearch]:
    opened = SqliteSearch(tmp_path)
    yield opened
    await opened.close()


def chunk(name: str, *, text: str = "a parcel", heading_vector: np.ndarray | None = None) -> IndexedChunk:
    return IndexedChunk(
        chunk_id=name,
        document_id="doc",
        heading="",
        text=text,
        language="en",
        vector=VECTOR,
        heading_vector=heading_vector,
    )


async def look(engine: SqliteSearch, project: str = "prj_a") -> SearchResult:
    return await engine.search(project, SearchQuery(text="parcel", vector=VECTOR, limit=100))


def publish_until_killed(folder: Path, *, lines: int) -> list[int]:
    """Versions the publisher said it had published, of which `lines` before the kill was sent."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.backends.search.crash_publisher", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        first = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        rest = process.stdout.read().split()
    return [int(line) for line in [*first, *rest]]


async def test_a_kill_at_any_moment_leaves_one_whole_version(tmp_path: Path) -> None:
    random.seed(7)
    for _ in range(6):
        acknowledged = publish_until_killed(tmp_path, lines=random.randint(0, 8))
        engine = SqliteSearch(tmp_path)
        result = await look(engine, "prj_crash")
        version = await engine.published_version("prj_crash", "src_a")
        await engine.close()
        assert {hit.chunk_id.split("_")[0] for hit in result.hits} in ({str(version)}, set())
        assert result.chunk_count in (CHUNKS, 0)
        if acknowledged:
            assert version is not None
            assert version >= acknowledged[-1]


async def test_what_another_process_publishes_is_found(engine: SqliteSearch, tmp_path: Path) -> None:
    await engine.publish("prj_a", "src_a", version=1, chunks=[chunk("one")])
    other = SqliteSearch(tmp_path)
    assert len((await look(other)).hits) == 1
    await engine.publish("prj_a", "src_b", version=1, chunks=[chunk("two")])
    assert len((await look(other)).hits) == 2
    await engine.remove("prj_a")
    assert await look(other) == SearchResult()
    await engine.publish("prj_a", "src_c", version=1, chunks=[chunk("three")])
    assert [hit.chunk_id for hit in (await look(other)).hits] == ["three"]
    await other.close()


async def test_a_search_makes_no_file(engine: SqliteSearch, tmp_path: Path) -> None:
    await look(engine)
    await engine.remove("prj_a", "src_a")
    assert list(tmp_path.iterdir()) == []


async def test_a_removed_project_leaves_no_file(engine: SqliteSearch, tmp_path: Path) -> None:
    await engine.publish("prj_a", "src_a", version=1, chunks=[chunk("one")])
    await look(engine)
    await engine.remove("prj_a")
    assert list(tmp_path.iterdir()) == []


async def test_a_journal_left_by_a_killed_removal_is_not_read(engine: SqliteSearch, tmp_path: Path) -> None:
    tmp_path.joinpath("prj_a.db-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(60))
    await engine.publish("prj_a", "src_a", version=1, chunks=[chunk("one")])
    assert len((await look(engine)).hits) == 1


@pytest.mark.parametrize("project", ["../escape", "", "a/b", "x" * 65, "a.b"])
async def test_only_ids_become_file_names(engine: SqliteSearch, project: str) -> None:
    with pytest.raises(ValueError, match="not a project id"):
        await look(engine, project)


async def test_a_failed_publish_changes_nothing(engine: SqliteSearch) -> None:
    await engine.publish("prj_a", "src_a", version=1, chunks=[chunk("one")])
    bad = IndexedChunk(
        chunk_id="two",
        document_id=None,  # type: ignore[arg-type]
        heading="",
        text="a parcel",
        language="en",
        vector=VECTOR,
    )
    with pytest.raises(sqlite3.IntegrityError):
        await engine.publish("prj_a", "src_a", version=2, chunks=[chunk("new"), bad])
    assert [hit.chunk_id for hit in (await look(engine)).hits] == ["one"]


async def test_a_heading_nearer_than_its_text_decides_and_is_stored_once(engine: SqliteSearch, tmp_path: Path) -> None:
    away, near = np.eye(8, dtype=np.float32)[1], VECTOR
    plain = IndexedChunk(chunk_id="plain", document_id="d", heading="", text="x", language="en", vector=away)
    titled = [
        IndexedChunk(
            chunk_id=name,
            document_id="d",
            heading="",
            text="x",
            language="en",
            vector=away,
            heading_vector=near,
        )
        for name in ("one", "two")
    ]
    await engine.publish("prj_a", "src_a", version=1, chunks=[plain, *titled])
    result = await engine.search("prj_a", SearchQuery(text="zzz", vector=VECTOR, limit=9))
    assert [(hit.chunk_id, hit.vector_score) for hit in result.hits] == [("one", 1.0), ("two", 1.0), ("plain", 0.0)]
    with sqlite3.connect(tmp_path / "prj_a.db") as connection:
        assert connection.execute("SELECT count(*) FROM heading_vector").fetchone() == (1,)
    connection.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(swaps())
async def test_rows_after_swaps_are_those_of_publishing_all_at_once(
    engine: SqliteSearch, tmp_path: Path, sequence: list[Swap]
) -> None:
    bit_by_bit, at_once = new_id("prj"), new_id("prj")
    await publish_all(engine, bit_by_bit, "src_a", sequence)
    await engine.publish(at_once, "src_a", version=len(sequence), chunks=final(sequence))

    assert rows_of(tmp_path / f"{bit_by_bit}.db") == rows_of(tmp_path / f"{at_once}.db")


@pytest.mark.parametrize("text", ["courier " * 300 + "parcel", "parcel " * 300], ids=["over-arrays", "by-fts5"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=swaps())
async def test_words_are_scored_as_fts5_scores_them(
    engine: SqliteSearch, tmp_path: Path, sequence: list[Swap], text: str
) -> None:
    project, long = new_id("prj"), replace(chunk("long", text=text), vector=DIRECTIONS[0])
    await engine.publish(project, "src_long", version=1, chunks=[long])
    await publish_all(engine, project, "src_a", sequence)

    for source_ids, of_source in ((None, "%"), (frozenset({"src_a"}), "src_a")):
        asked = SearchQuery(text="Refund of the parcels", vector=None, limit=99, language="en", source_ids=source_ids)
        found = {hit.chunk_id: hit.keyword_score for hit in (await engine.search(project, asked)).hits}
        assert found == pytest.approx(by_fts5(tmp_path / f"{project}.db", '"refund" OR "parcel"', of_source))


@pytest.mark.parametrize("text", ["a parcel", "a parcel" + " parcel" * 9], ids=["over-arrays", "by-fts5"])
async def test_of_equals_the_earlier_are_named(engine: SqliteSearch, text: str) -> None:
    chunks = [chunk(f"{number:03}", text=text) for number in range(500)]
    await engine.publish("prj_a", "src_a", version=1, chunks=chunks)
    found = await engine.search("prj_a", SearchQuery(text="parcel", vector=None, limit=250))

    assert [hit.chunk_id for hit in found.hits] == [f"{number:03}" for number in range(250)]
    assert [hit.keyword_rank for hit in found.hits] == list(range(1, 251))


async def test_a_letter_that_is_several_words_is_found(engine: SqliteSearch) -> None:
    written = "The Prophet \ufdfa said"
    await engine.publish("prj_a", "src_a", version=1, chunks=[chunk("one", text=written), chunk("two")])
    found = await engine.search("prj_a", SearchQuery(text="\ufdfa", vector=None, limit=9, language="en"))

    assert [hit.chunk_id for hit in found.hits] == ["one"]


def by_fts5(file: Path, match: str, of_source: str) -> dict[str, float]:
    """BM25 of every chunk that matches, by its own function."""
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute(
            "SELECT chunk_id, -bm25(terms, 3.0, 1.0) FROM terms JOIN chunk ON chunk.id = terms.rowid "
            "WHERE terms MATCH ? AND source_id LIKE ?",
            (match, of_source),
        )
        return dict(found.fetchall())


def rows_of(file: Path) -> list[list[tuple[object, ...]]]:
    """All rows but for the ids, in the order of them; FTS5 finds no fault with its own."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("INSERT INTO terms (terms, rank) VALUES ('integrity-check', 1)")
        return [
            connection.execute(statement).fetchall()
            for statement in (
                "SELECT * FROM source",
                "SELECT source_id, chunk_id, document_id, language, heading, body, vector.data, heading_vector.data "
                "FROM chunk JOIN vector USING (id) JOIN terms ON terms.rowid = chunk.id "
                "LEFT JOIN heading_vector ON heading_vector.id = heading_id ORDER BY chunk.id",
                "SELECT data, digest FROM heading_vector LEFT JOIN heading_digest USING (id) ORDER BY data",
                "SELECT term, doc, cnt FROM term_count ORDER BY term",
                "SELECT (SELECT count(*) FROM vector), (SELECT count(*) FROM terms), "
                "(SELECT count(*) FROM heading_digest)",
            )
        ]


async def test_a_file_of_an_earlier_release_can_be_swapped(engine: SqliteSearch, tmp_path: Path) -> None:
    title = np.eye(8, dtype=np.float32)[1]
    await engine.publish("prj_a", "src_a", version=1, chunks=[chunk("one", heading_vector=title)])
    with closing(sqlite3.connect(tmp_path / "prj_a.db")) as connection:
        connection.executescript(
            "DROP INDEX chunk_by_document; DROP INDEX chunk_by_chunk_id; DROP INDEX chunk_by_heading; "
            "DROP TABLE heading_digest; CREATE INDEX chunk_by_source ON chunk (source_id)"
        )
    assert set(await engine.vectors("prj_a", ["one"])) == {"one"}

    two = replace(chunk("two", heading_vector=title), document_id="doc_2")
    await engine.publish("prj_a", "src_a", version=2, chunks=[two], keep=["doc"])
    assert [hit.chunk_id for hit in (await look(engine)).hits] == ["one", "two"]
    await engine.publish("prj_a", "src_a", version=3, chunks=[], keep=["doc_2"])
    assert [hit.chunk_id for hit in (await look(engine)).hits] == ["two"]


async def test_what_memory_has_of_a_project_is_what_a_new_process_reads(tmp_path: Path) -> None:
    """After each swap, so that a view is refreshed many times over."""
    sequence = [[1, 2, 3], [4], [5, 6], []]
    keeps = [[], [1, 3], [3, 4], [5, 3]]
    engine = SqliteSearch(tmp_path)
    for version, (brings, keep) in enumerate(zip(sequence, keeps, strict=True), start=1):
        new = [
            replace(
                chunk(f"{number}", text="parcel " * number, heading_vector=np.eye(8, dtype=np.float32)[number % 3]),
                document_id=f"doc_{number}",
                language=["en", "de", None][number % 3],
                vector=np.eye(8, dtype=np.float32)[number],
            )
            for number in brings
        ]
        await engine.publish(
            "prj_a", f"src_{version % 2}", version=version, chunks=new, keep=[f"doc_{number}" for number in keep]
        )
        fresh = SqliteSearch(tmp_path)
        for source_ids in (None, frozenset({"src_0"}), frozenset({"src_1"})):
            query = SearchQuery(text="parcel", vector=np.full(8, 8**-0.5, np.float32), limit=9, source_ids=source_ids)
            assert await engine.search("prj_a", query) == await fresh.search("prj_a", query)
        await fresh.close()
    await engine.close()


def test_the_cache_drops_what_was_searched_longest_ago() -> None:
    def view(generation: int) -> View:
        vectors = type(EMPTY.chunks)(ids=np.arange(10), data=np.zeros((10, 8), np.float32))
        return View(
            generation=generation,
            chunks=vectors,
            headings=EMPTY.headings,
            heading_ids=np.zeros(10, np.int64),
            heading_rows=np.full(10, -1, np.int64),
            lengths=np.zeros(10, np.int32),
            source_labels=Labels(codes=np.zeros(10, np.int32), names=("src_a",)),
            language_labels=Labels(codes=np.full(10, -1, np.int32), names=()),
            languages={},
        )

    cache = ViewCache(max_bytes=2 * view(1).size_bytes)
    cache.put("a", view(1))
    cache.put("b", view(1))
    cache.get("a")
    cache.put("c", view(1))
    assert cache.get("b") is EMPTY
    assert cache.get("a").generation == 1
    cache.put("a", view(0))  # a slow reader with an older state
    assert cache.get("a").generation == 1
