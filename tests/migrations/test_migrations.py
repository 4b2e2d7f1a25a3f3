"""Migrations and models say the same, and a start on a database that is at head costs one look."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from aivastark.bootstrap import open_backends
from aivastark.migrations.migrate import FOLDER, HEAD, alembic_config, migrate
from aivastark.migrations.tables import metadata
from tests.make import make_settings, make_tenant


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'fresh.db'}"


def test_a_migrated_database_is_what_the_models_describe(url: str) -> None:
    migrate(url)

    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        difference = compare_metadata(context, metadata())
    engine.dispose()
    assert difference == []


def test_head_is_the_newest_file_and_the_tree_has_one_branch(url: str) -> None:
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        heads = ScriptDirectory.from_config(alembic_config(connection)).get_heads()
    engine.dispose()

    newest = sorted((FOLDER / "versions").glob("[0-9]*.py"))[-1]
    assert heads == [HEAD]
    assert newest.name.startswith(f"{HEAD}_")


def test_migrating_twice_changes_nothing(url: str) -> None:
    assert migrate(url) is True
    assert migrate(url) is False


def test_every_migration_can_be_taken_back(url: str, tmp_path: Path) -> None:
    from alembic import command

    migrate(url)
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    engine.dispose()

    with closing(sqlite3.connect(tmp_path / "fresh.db")) as database:
        left = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert left == {"alembic_version"}


async def test_a_second_start_finds_what_the_first_one_made(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "data", secret_key=None)
    async with open_backends(settings) as first:
        made, secret = await make_tenant(first.db), first.secret_key

    async with open_backends(settings) as second:
        found = await second.db.read(lambda session: session.scalar(sqlalchemy.text("SELECT id FROM projects")))

        assert found == made.project_id
        assert second.secret_key == secret
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o077 == 0
