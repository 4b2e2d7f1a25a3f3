"""Migrations and models say the same, and a start on a database that is at head costs one look."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects.postgresql.base import ischema_names

from aivastark.backends.search.base import IndexedChunk
from aivastark.backends.search.postgres import PostgresSearch
from aivastark.backends.search.postgres_tables import Vector
from aivastark.backends.search.postgres_tables import metadata as search
from aivastark.bootstrap import open_backends
from aivastark.migrations.migrate import FOLDER, HEAD, MigrationFailed, alembic_config, migrate
from aivastark.migrations.tables import metadata
from tests.make import make_settings, make_tenant
from tests.postgres import Postgres

DOCUMENT_OF_0010 = """
INSERT INTO documents (
  project_id, id, source_id, version, locator, media_type, language, text, content_hash, recipe, chunk_count, fetched_at
) VALUES ('prj_a', 'doc_a', 'src_a', 1, 'a', 'text/plain', 'en', '', '', '', 3, now())
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        with server.unmigrated() as url:
            yield url
    else:
        yield f"sqlite:///{tmp_path / 'fresh.db'}"


def test_a_migrated_database_is_what_the_models_describe(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(url)

    monkeypatch.setitem(ischema_names, "vector", Vector)  # else SQLAlchemy warns of a type it does not know
    with connected(url) as connection:
        described = [metadata()]
        if connection.dialect.name == "postgresql":
            described.append(search)
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "render_as_batch": True, "include_object": _is_ours}
        )
        # Alembic takes several, as `target_metadata` does; only its annotation does not say so.
        difference = compare_metadata(context, described)  # type: ignore[arg-type]
    assert difference == []


def test_head_is_the_newest_file_and_the_tree_has_one_branch(url: str) -> None:
    with connected(url) as connection:
        heads = ScriptDirectory.from_config(alembic_config(connection)).get_heads()

    newest = sorted((FOLDER / "versions").glob("[0-9]*.py"))[-1]
    assert heads == [HEAD]
    assert newest.name.startswith(f"{HEAD}_")


def test_migrating_twice_changes_nothing(url: str) -> None:
    assert migrate(url) is True
    assert migrate(url) is False


def test_every_migration_can_be_taken_back(url: str) -> None:
    from alembic import command

    migrate(url)
    with connected(url) as connection:
        command.downgrade(alembic_config(connection), "base")
        connection.commit()

    with connected(url) as connection:
        assert sqlalchemy.inspect(connection).get_table_names() == ["alembic_version"]


def test_many_processes_may_migrate_at_once(postgres: Postgres) -> None:
    program = "import sys; from aivastark.migrations.migrate import migrate; print(migrate(sys.argv[1]))"
    with postgres.unmigrated() as url:
        processes = [
            subprocess.Popen([sys.executable, "-c", program, url], stdout=subprocess.PIPE, text=True) for _ in range(4)
        ]
        said = [process.communicate()[0].strip() for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert sorted(said) == ["False", "False", "False", "True"]


def test_a_server_without_pgvector_is_told_what_to_install(postgres: Postgres) -> None:
    with postgres.unmigrated() as url:
        with connected(postgres.from_above(url)) as connection:
            if connection.scalar(sqlalchemy.text("SELECT current_setting('server_version_num')::int")) < 180000:
                pytest.skip("only PostgreSQL 18 can be made to forget where its extensions are")
            name = connection.scalar(sqlalchemy.text("SELECT current_database()"))
            connection.execute(sqlalchemy.text(f"ALTER DATABASE {name} SET extension_control_path = '/nowhere'"))
            connection.commit()

        with pytest.raises(MigrationFailed, match="no pgvector"):
            migrate(url)


@contextmanager
def connected(url: str) -> Iterator[sqlalchemy.Connection]:
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


async def test_an_index_made_before_swaps_went_by_document_is_counted_as_one_made_after(postgres: Postgres) -> None:
    from alembic import command

    with postgres.database() as url:
        engine = PostgresSearch(url)
        chunks = [
            IndexedChunk(
                chunk_id=f"chk_{place}",
                document_id="doc_a",
                heading="A title",
                text=text,
                language="en",
                vector=np.array([0.1, -0.2], np.float32),
                heading_vector=np.array([1 / 3, -0.0], np.float32),
            )
            for place, text in enumerate(["", "courier", *["parcel courier parcel"] * 300])
        ]
        await engine.publish("prj_a", "src_a", version=1, chunks=chunks)
        with connected(postgres.from_above(url)) as connection:
            before = search_rows(connection)
            command.downgrade(alembic_config(connection), "0010")
            connection.execute(sqlalchemy.text("SET session_replication_role = replica"))  # no source for the document
            connection.execute(sqlalchemy.text(DOCUMENT_OF_0010))
            connection.commit()

        migrate(url)

        with connected(url) as connection:
            assert search_rows(connection) == before
        await engine.close()


def search_rows(connection: sqlalchemy.Connection) -> list[list[tuple[object, ...]]]:
    return [
        [tuple(row) for row in connection.execute(sqlalchemy.text(statement))]
        for statement in (
            "SELECT id, chunk_id, language, length, heading_id FROM search_chunks ORDER BY id",
            "SELECT id, source_id, digest FROM search_headings ORDER BY id",
            "SELECT source_id, id, terms FROM search_terms ORDER BY id",
            "SELECT term, source_id, first, chunk_count, chunks, in_heading, in_body, lengths "
            "FROM search_postings ORDER BY term, first",
        )
    ]


async def test_a_second_start_finds_what_the_first_one_made(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "data", secret_key=None)
    async with open_backends(settings) as first:
        made, secret = await make_tenant(first.db), first.secret_key

    async with open_backends(settings) as second:
        found = await second.db.read(lambda session: session.scalar(sqlalchemy.text("SELECT id FROM projects")))

        assert found == made.project_id
        assert second.secret_key == secret
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o077 == 0


def _is_ours(_object: object, name: str | None, *_: object) -> bool:
    """What no model describes: the words of messages, which each database keeps in its own way."""
    return not (name or "").startswith(("message_words", "ix_messages_words"))
