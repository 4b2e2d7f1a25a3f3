"""An index for large projects: the vectors nearest to a question are found in a graph (pgvector's HNSW), not by a scan.

Each large project has indexes of its own, over its rows alone: one over all projects would find the neighbours of
others, and be filtered down to nothing. Without them a search is as right and takes longer, so they are made in
the background and nothing waits for them.
"""

import re
from collections.abc import Mapping
from typing import Any, LiteralString

from aivastark import wall
from aivastark.backends.held_connection import Connection, hold_connection
from aivastark.postgresql import OLDEST_PGVECTOR, version_numbers

NEAR_FROM = 20_000
"""Chunks from which a project has an index; it goes when there are fewer than half as many."""
DIMENSIONS_MAX = 2_000  # what pgvector can index
BUILDERS = 0x4EA2
"""Our advisory lock: one builds at a time."""
# A graph that does not fit in memory while it is built takes many times as long. Parallel builds share memory
# that containers have too little of.
_BUILDING = "SET maintenance_work_mem = '512MB'; SET max_parallel_maintenance_workers = 0"
_TABLES = ("search_chunks", "search_headings")
_NAME = re.compile(r"near_search_(?:chunks|headings)_(?:\w+)_\d+")

_LARGE = """
SELECT project_id, near, (
  SELECT vector_dims(vector) FROM search_chunks AS chunk
  WHERE chunk.project_id = project.project_id AND vector IS NOT NULL LIMIT 1
)
FROM search_projects AS project WHERE chunk_count >= CASE WHEN near > 0 THEN %(least)s / 2 ELSE %(least)s END
"""
_INDEXES = """
SELECT relname, indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid
WHERE indrelid IN (to_regclass('search_chunks'), to_regclass('search_headings'))
  AND relname LIKE 'near\\_search\\_%'
"""


def condition(project_id: str, dimensions: int) -> str:
    """Which rows are in a project's index; a statement has to say the same, word for word, for it to be used."""
    return f"project_id = '{wall.checked(project_id)}' AND vector_dims(vector) = {dimensions:d}"


async def tend(url: str, least: int = NEAR_FROM) -> None:
    """Build the indexes that are missing and drop those of projects that are small now, or gone.

    `url` is a `Database`'s `direct_url`. Safe to repeat, to interrupt, and to run in two places: one of them does it.
    Raises psycopg's `OperationalError`, and `Pooled`.
    """
    connection = await hold_connection(url)
    try:
        await _tend(connection, least)
    finally:
        await connection.close()  # with what it holds and set


async def _tend(connection: Connection, least: int) -> None:
    [(version,)] = await _rows(connection, "SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    if version_numbers(version) < OLDEST_PGVECTOR:
        return
    if await _rows(connection, "SELECT pg_try_advisory_lock(%(lock)s)", lock=BUILDERS) != [(True,)]:
        return
    large = await _rows(connection, _LARGE, least=least)
    served = {project_id: near for project_id, near, _ in large}
    wanted = {project_id: found for project_id, _, found in large if found and found <= DIMENSIONS_MAX}
    small = "UPDATE search_projects SET near = 0 WHERE near > 0 AND NOT project_id = ANY(%(wanted)s)"
    await connection.execute(small, {"wanted": list(wanted)})
    there: dict[str, bool] = dict(await _rows(connection, _INDEXES))
    names = {name for project_id, dimensions in wanted.items() for name in _names(project_id, dimensions).values()}
    for name, is_whole in there.items():
        # One that is not whole was being built when something broke: nothing can use it.
        if name not in names or not is_whole:
            await _run(connection, f'DROP INDEX CONCURRENTLY IF EXISTS "{_checked(name)}"')
    await connection.execute(_BUILDING)
    for project_id, dimensions in wanted.items():
        await _build(connection, project_id, dimensions, there)
        if served[project_id] != dimensions:
            ready = "UPDATE search_projects SET near = %(near)s WHERE project_id = %(project_id)s"
            await connection.execute(ready, {"near": dimensions, "project_id": project_id})


async def _build(connection: Connection, project_id: str, dimensions: int, there: Mapping[str, bool]) -> None:
    """Those of a project that are missing; nothing that is written meanwhile waits."""
    for table, name in _names(project_id, dimensions).items():
        if not there.get(name):
            await _run(
                connection,
                f'CREATE INDEX CONCURRENTLY "{name}" ON {table} '
                f"USING hnsw (CAST(vector AS vector({dimensions:d})) vector_ip_ops) "
                f"WHERE {condition(project_id, dimensions)}",
            )


def _names(project_id: str, dimensions: int) -> dict[str, str]:
    """Of its indexes, by table; as long as PostgreSQL's 63 characters allow."""
    short = project_id.removeprefix("prj_")
    return {table: f"near_{table}_{short}_{dimensions:d}" for table in _TABLES}


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("an index with a name of ours that we did not make")
    return name


async def _rows(connection: Connection, query: LiteralString, **given: object) -> list[tuple[Any, ...]]:
    return await (await connection.execute(query, given or None)).fetchall()


async def _run(connection: Connection, statement: str) -> None:
    """What takes no parameters; its parts were checked."""
    await connection.execute(statement.encode())
