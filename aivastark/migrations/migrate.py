"""Brings a database to the newest form. Starting on a database that is there already costs one look."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy
from sqlalchemy.exc import DatabaseError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0004"  # a test holds this against the newest file in versions/
FOLDER = Path(__file__).parent


def migrate(url: str) -> bool:
    """Apply what is missing; says whether anything was. Call it before the database is opened."""
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
            command.upgrade(alembic_config(connection), "head")
    finally:
        engine.dispose()
    return True


def alembic_config(connection: sqlalchemy.Connection) -> "Config":
    """Alembic's configuration for this connection, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _version(connection: sqlalchemy.Connection) -> str | None:
    try:
        version: str | None = connection.scalar(sqlalchemy.text("SELECT version_num FROM alembic_version"))
    except DatabaseError:
        return None  # no such table: a new database
    return version
