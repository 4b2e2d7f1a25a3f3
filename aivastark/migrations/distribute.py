"""Spreads the tables over the nodes of a Citus cluster, each project's rows together: `migrate --distributed`.

Every key of a project's table begins with the project, so such a table is cut by `project_id` as it stands and all that
a question touches lies on one node. What is found without a project in hand is on every node; what is written at
each request there is cut by its own key; and the queue stays whole, since a worker takes the next job of
whatever project. Reasons and limits: docs/decisions/0038.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy
from sqlalchemy import Connection, Engine, String, Table, Text, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from aivastark.backends.search.postgres_tables import metadata as search
from aivastark.migrations.migrate import LOCK, MigrationFailed, migrate
from aivastark.migrations.policies import without_subqueries
from aivastark.migrations.tables import metadata
from aivastark.postgresql import version_numbers

OLDEST_CITUS = (12, 1)
"""The first one for PostgreSQL 16, and the first that gives a transaction's isolation to the nodes."""

# Looked up without a project in hand, or joined with anything; written seldom, for a write goes to every node.
ON_EVERY_NODE = (
    "organizations",
    "projects",  # its id is unique in the install, and every question looks for its project by the id alone
    "users",
    "memberships",
    "invitations",
    "logins",
    "one_time_tokens",
    "oidc_identities",
    "api_keys",
    "embed_keys",
    "embedding_models",
)
BY_OWN_KEY = {"rate_windows": "bucket", "kept_answers": "bucket"}
"""Of no project, but written at each request: cut by what they are always looked up by."""
HELD_TOGETHER: Mapping[tuple[str, type[TypeEngine[Any]]], str] = {
    ("project_id", String): "sources",
    ("project_id", Text): "search_projects",
    ("organization_id", String): "usage_counters",
}
"""By column and type: the table that the others of its kind stand beside. Shards cut by columns of two types cannot be
held together, though the same value is always in the same one."""
ON_THE_COORDINATOR = ("jobs",)
"""`FOR UPDATE SKIP LOCKED` over all projects is refused for a table that is cut. Citus knows of it, so that what
changes a job and something on a node is committed in two phases, and never on one of them alone."""
WHOLE = ("alembic_version",)
"""Citus does not know of it."""

_STATE = text("""
SELECT (SELECT default_version FROM pg_available_extensions WHERE name = 'citus') AS available,
       (SELECT extversion FROM pg_extension WHERE extname = 'citus') AS installed
""")
_NODES = text("""
SELECT nodename || ':' || nodeport FROM pg_dist_node
WHERE noderole = 'primary' AND isactive AND shouldhaveshards ORDER BY 1
""")
_PLACED = text("""
SELECT table_name::text AS name, citus_table_type AS kind, distribution_column AS by FROM citus_tables
WHERE citus_table_type IN ('distributed', 'reference', 'local')
""")
_DISTRIBUTE = text("""
SELECT create_distributed_table(CAST(:table AS regclass), CAST(:by AS text), colocate_with => CAST(:beside AS text))
""")
_PUT_EVERYWHERE = text("SELECT create_reference_table(CAST(:table AS regclass))")
_IS_WALLED = text("SELECT relforcerowsecurity FROM pg_class WHERE oid = CAST(:table AS regclass)")
# Rows that were there stay behind in the emptied shell, out of sight and on the coordinator's disk.
_DROP_LEFT_BEHIND = text("SELECT truncate_local_data_after_distributing_table(CAST(:table AS regclass))")
_KEEP = text("SELECT citus_add_local_table_to_metadata(CAST(:table AS regclass))")

Kind = Literal["distributed", "reference", "local"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a table's rows are kept."""

    table: str
    kind: Kind
    by: str | None = None
    """The column whose hash tells a row's shard."""
    beside: str = "none"
    """The table whose shards those of this one are never parted from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Distributed:
    """What came of it."""

    nodes: tuple[str, ...]
    placed: tuple[str, ...]
    """Tables placed this time."""
    already: tuple[str, ...]

    def told(self) -> str:
        """It in a sentence."""
        where = f"{len(self.nodes)} node{'s' if len(self.nodes) > 1 else ''} ({', '.join(self.nodes)})"
        if not self.placed:
            return f"Nothing to do: all {len(self.already)} tables are spread over {where}."
        return f"{len(self.placed)} tables were spread over {where}; {len(self.already)} were already."


def places() -> list[Place]:
    """Every table that Citus knows of, in an order in which foreign keys find what they refer to."""
    tables = [table for table in (*metadata().sorted_tables, *search.sorted_tables) if table.name not in WHOLE]
    return sorted(map(_place_of, tables), key=lambda place: (place.kind == "distributed", place.beside != "none"))


def distribute(url: str, *, shards: int | None = None) -> Distributed:
    """Bring the database to the newest form, then each table to its place.

    A table moves in a transaction of its own: broken off, the next run goes on with those that are left, and when none
    is it changes nothing. Writers wait while their table moves, so the application should be stopped. Raises
    `MigrationFailed` where there is no Citus, one too old, no node to put anything on, or a table is elsewhere than it
    belongs.
    """
    if not url.startswith("postgresql"):
        raise MigrationFailed("Only a PostgreSQL with Citus can be distributed: set AIVASTARK_DATABASE_URL to one.")
    migrate(url)
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as alone:
            alone.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_lock(LOCK)))  # it goes with the connection
            alone.commit()
            with engine.begin() as connection:
                _look_for_citus(connection)
                nodes = _nodes(connection)
                _let_nodes_be_told(connection)
            placed, already = _place_all(engine, shards)
    except DBAPIError as error:
        raise MigrationFailed(f"The database refused: {str(error.orig).strip()}") from error
    finally:
        engine.dispose()
    return Distributed(nodes=nodes, placed=tuple(placed), already=tuple(already))


def _place_of(table: Table) -> Place:
    """By what its key begins with."""
    if table.name in ON_THE_COORDINATOR:
        return Place(table=table.name, kind="local")
    if table.name in ON_EVERY_NODE:
        return Place(table=table.name, kind="reference")
    if table.name in BY_OWN_KEY:
        return Place(table=table.name, kind="distributed", by=BY_OWN_KEY[table.name])
    column = next(iter(table.primary_key.columns))
    first = HELD_TOGETHER[column.name, type(column.type)]
    return Place(table=table.name, kind="distributed", by=column.name, beside="none" if first == table.name else first)


def _look_for_citus(connection: Connection) -> None:
    """Citus is there, loaded and new enough afterwards."""
    state = connection.execute(_STATE).one()
    if state.available is None:
        raise MigrationFailed(
            "This PostgreSQL has no Citus. Install it on every node, put citus first into shared_preload_libraries,"
            " restart, then run this again. Without it the database works as it is, on one machine."
        )
    if state.installed is None:
        connection.execute(text("CREATE EXTENSION citus"))  # says itself what to do where it is not preloaded
    version = connection.scalar(text("SELECT extversion FROM pg_extension WHERE extname = 'citus'"))
    if version_numbers(str(version)) < OLDEST_CITUS:
        oldest = ".".join(map(str, OLDEST_CITUS))
        raise MigrationFailed(f"This is Citus {version}; {oldest} is the oldest that works. Upgrade it on every node.")


def _nodes(connection: Connection) -> tuple[str, ...]:
    """Those that take rows."""
    nodes = tuple(connection.scalars(_NODES))
    if not nodes:
        raise MigrationFailed(
            "The cluster has no node for rows. Add one: SELECT citus_add_node('host', 5432), with pgvector on it."
        )
    return nodes


def _let_nodes_be_told(connection: Connection) -> None:
    """What a transaction says of itself reaches them from now on, or their policies would not know whom it is for."""
    database = str(connection.scalar(text("SELECT current_database()")))
    quoted = connection.dialect.identifier_preparer.quote(database)
    connection.execute(text(f"ALTER DATABASE {quoted} SET citus.propagate_set_commands = 'local'"))


def _place_all(engine: Engine, shards: int | None) -> tuple[list[str], list[str]]:
    """Names of the tables placed now, and of those that were."""
    with engine.begin() as connection:
        known = {row.name: row for row in connection.execute(_PLACED)}
    placed, already = [], []
    for place in places():
        there = known.get(place.table)
        if there is None:
            with engine.begin() as connection:
                _place(connection, place, shards)
            placed.append(place.table)
        elif there.kind == place.kind and (place.by is None or there.by == place.by):
            already.append(place.table)
        else:
            raise MigrationFailed(
                f"{place.table} is {there.kind} by {there.by} and should be {place.kind} by {place.by or 'nothing'}:"
                f" run SELECT undistribute_table('{place.table}'), then this again."
            )
    with engine.begin() as connection:
        for place in places():
            if place.kind != "local":
                connection.execute(_DROP_LEFT_BEHIND, {"table": place.table})
    return placed, already


def _place(connection: Connection, place: Place, shards: int | None) -> None:
    """Rows that are there go along, as a COPY, which heeds no policy and is refused to whom one binds."""
    without_subqueries(connection, place.table)
    is_walled = connection.scalar(_IS_WALLED, {"table": place.table})
    if is_walled:
        connection.execute(text(f"ALTER TABLE {place.table} NO FORCE ROW LEVEL SECURITY"))
    if shards is not None:
        connection.execute(text("SELECT set_config('citus.shard_count', :shards, true)"), {"shards": str(shards)})
    if place.kind == "reference":
        connection.execute(_PUT_EVERYWHERE, {"table": place.table})
    elif place.kind == "local":
        connection.execute(_KEEP, {"table": place.table})
    else:
        connection.execute(_DISTRIBUTE, {"table": place.table, "by": place.by, "beside": place.beside})
    if is_walled:
        connection.execute(text(f"ALTER TABLE {place.table} FORCE ROW LEVEL SECURITY"))
