"""What `doctor` looks at on a PostgreSQL, before anything of ours is opened there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy

from aivastark.kit.clock import utc_now
from aivastark.migrations.migrate import HEAD, LOCK
from aivastark.postgresql import OLDEST_PGVECTOR, version_numbers

OLDEST_POSTGRESQL = 16
CLOCKS_APART_MAX = timedelta(seconds=2)  # leases run by the clocks of those who work, for 20 s
CONNECTIONS_FREE_MIN = 20  # one process may hold as many
ABOVE_THE_WALL = (
    "warning: its user is a superuser or has BYPASSRLS, so row-level security does not keep tenants apart "
    "a second time; let a role without either own the database"
)
NODES_ARE_NOT_TOLD = (
    "warning: its nodes are not told whom a transaction is for, so row-level security does not keep tenants apart "
    "there; run aivastark migrate --distributed again, which sets citus.propagate_set_commands"
)

_STATE = sqlalchemy.text("""
SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
       pg_is_in_recovery() AS is_replica, clock_timestamp() AS now,
       coalesce(vector.installed_version, vector.default_version) AS pgvector,
       vector.installed_version IS NOT NULL AS is_installed,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
         OR EXISTS (SELECT 1 FROM pg_available_extension_versions WHERE name = 'vector' AND trusted) AS may_install,
       (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS above_the_wall,
       to_regclass('alembic_version') IS NOT NULL AS has_tables,
       (SELECT min(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = :lock AND database =
         (SELECT oid FROM pg_database WHERE datname = current_database())) AS migrating,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
       current_setting('max_connections')::int AS connections_max,
       (SELECT extversion FROM pg_extension WHERE extname = 'citus') AS citus,
       coalesce(current_setting('citus.propagate_set_commands', true), '') = 'local' AS tells_nodes
FROM (SELECT 1) AS one LEFT JOIN pg_available_extensions AS vector ON vector.name = 'vector'
""")
_SPREAD = sqlalchemy.text("SELECT count(*) FROM pg_dist_partition")


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A PostgreSQL as it is found."""

    version: str
    encoding: str
    is_replica: bool
    clock_ahead: timedelta
    pgvector: str | None
    """Its version, installed or to be; None where the server has none."""
    is_installed: bool
    may_install: bool
    above_the_wall: bool
    """Whether no policy binds its user: a superuser, or one with BYPASSRLS."""
    tables: str | None
    """The migration they are at; None in a new database."""
    migrating: int | None
    """The process that brings the tables up at this moment."""
    connections: int
    connections_max: int
    citus: str | None = None
    """Its version, where this database has it."""
    tells_nodes: bool = False
    """Whether the nodes learn what a transaction says of itself."""
    spread: int = 0
    """How many tables are spread over nodes."""


def look(url: str) -> Server:
    """Ask the server about itself. Raises SQLAlchemy's errors where it cannot be reached."""
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            before = utc_now()
            state = connection.execute(_STATE, {"lock": LOCK}).one()._asdict()
            between = before + (utc_now() - before) / 2
            at: datetime = state.pop("now")
            version = sqlalchemy.text("SELECT version_num FROM alembic_version")
            tables = connection.scalar(version) if state.pop("has_tables") else None
            spread = connection.scalar(_SPREAD) if state["citus"] is not None else 0
            return Server(**state, tables=tables, clock_ahead=at - between, spread=spread or 0)
    finally:
        engine.dispose()


def wrong_with(server: Server) -> str | None:
    """What has to be done before it can be used, as a sentence; None when nothing is."""
    pgvector = version_numbers(server.pgvector or "")
    if version_numbers(server.version)[0] < OLDEST_POSTGRESQL:
        return f"PostgreSQL {server.version} is too old; {OLDEST_POSTGRESQL} or newer is needed"
    if server.is_replica:
        return "this server is a replica and takes no writes; name the primary in AIVASTARK_DATABASE_URL"
    if server.encoding != "UTF8":
        return f"the database is encoded in {server.encoding}; make one with ENCODING 'UTF8'"
    if server.pgvector is None:
        return "it has no pgvector; install it on the database's server"
    if pgvector < OLDEST_PGVECTOR:
        return f"pgvector {server.pgvector} is too old; install 0.8 or newer, then ALTER EXTENSION vector UPDATE"
    if not server.is_installed and not server.may_install:
        return "its user may not install pgvector; a superuser has to say CREATE EXTENSION vector in this database"
    if server.tables is not None and server.tables > HEAD:
        return f"its tables are those of a newer version ({server.tables}, and this one knows {HEAD}); install that one"
    if abs(server.clock_ahead) > CLOCKS_APART_MAX:
        return f"its clock and ours are {abs(server.clock_ahead).total_seconds():.1f} s apart; have both follow one"
    if server.connections_max - server.connections < CONNECTIONS_FREE_MIN:
        return f"{server.connections} of {server.connections_max} connections are taken; raise max_connections"
    return None


def told(server: Server) -> str:
    """What it is, on one line."""
    tables = "no tables yet" if server.tables is None else f"tables at {server.tables}"
    if server.tables is not None and server.tables < HEAD:
        tables += f", to be brought to {HEAD}"
    if server.migrating is not None:
        tables += f" (process {server.migrating} is at it)"
    if server.spread:
        tables += f", {server.spread} spread by Citus {server.citus}"
    free = server.connections_max - server.connections
    state = f"PostgreSQL {server.version}, pgvector {server.pgvector}, {tables}, {free} connections free"
    if server.above_the_wall:
        return f"{state}; {ABOVE_THE_WALL}"
    return f"{state}; {NODES_ARE_NOT_TOLD}" if server.spread and not server.tells_nodes else state
