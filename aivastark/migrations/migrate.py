"""Brings a database to the newest form. Starting on a database that is there already costs one look."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0023"  # a test holds this against the newest file in versions/
LOCK = 0x5EA2C3  # of PostgreSQL's advisory locks, ours while we migrate
FOLDER = Path(__file__).parent


class MigrationFailed(Exception):
    """The database cannot be brought up; the message says what to do."""


def migrate(url: str) -> bool:
    """Apply what is missing; says whether anything was. Call it before the database is opened.

    Raises `MigrationFailed` where what a person has to install is missing.
    """
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            if _version(connection) == HEAD:
                return False
            if connection.dialect.name == "sqlite":
                # The mode stays with the file. Switched later, it would have to wait for every open reader.
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        # Imported only when needed: it takes longer than the rest of a start.
        from alembic import command

        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Many processes may start at once: one migrates, and the others find it done.
                connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_xact_lock(LOCK)))
                if _version(connection) == HEAD:
                    return False
                _look_for_pgvector(connection)
            command.upgrade(alembic_config(connection), "head")
    finally:
        engine.dispose()
    return True


def version_of(url: str) -> str | None:
    """Which form a database has, without changing it; None: it holds nothing of ours."""
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            return _version(connection)
    finally:
        engine.dispose()


def _look_for_pgvector(connection: sqlalchemy.Connection) -> None:
    if not connection.scalar(sqlalchemy.text("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")):
        raise MigrationFailed("This PostgreSQL has no pgvector. Install it on the database's server, then start again.")


def alembic_config(connection: sqlalchemy.Connection) -> "Config":
    """Alembic's configuration for this connection, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _version(connection: sqlalchemy.Connection) -> str | None:
    if not sqlalchemy.inspect(connection).has_table("alembic_version"):
        return None  # a new database
    version: str | None = connection.scalar(sqlalchemy.text("SELECT version_num FROM alembic_version"))
    return version
