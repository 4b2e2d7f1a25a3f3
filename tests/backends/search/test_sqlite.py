"""What only the adapter in files has to prove: other processes, sudden death, a bounded memory."""

import random
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from aivastark.backends.search.base import IndexedChunk, SearchQuery, SearchResult
from aivastark.backends.search.matrix import EMPTY, View, ViewCache
from aivastark.backends.search.sqlite import SqliteSearch
from tests.backends.search.crash_publisher import CHUNKS

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


def test_the_cache_drops_what_was_searched_longest_ago() -> None:
    def view(generation: int) -> View:
        vectors = type(EMPTY.chunks)(ids=np.arange(10), data=np.zeros((10, 8), np.float32))
        return View(
            generation=generation,
            chunks=vectors,
            headings=EMPTY.headings,
            heading_rows=np.full(10, -1, np.int32),
            source_codes=np.zeros(10, np.int32),
            sources=("src_a",),
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
