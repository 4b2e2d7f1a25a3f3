"""`migrate --distributed`: where a table goes, who is refused, and the product on a real cluster where there is one."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
from typer.testing import CliRunner, Result

from aivastark import wall
from aivastark.__main__ import app as command_line
from aivastark.app import create_app
from aivastark.backends.search.postgres_tables import metadata as search
from aivastark.bootstrap import open_backends
from aivastark.commands.postgresql_checks import look, told
from aivastark.database import ReadSession
from aivastark.migrations.distribute import BY_OWN_KEY, HELD_TOGETHER, ON_EVERY_NODE, WHOLE, distribute, places
from aivastark.migrations.migrate import MigrationFailed
from aivastark.migrations.tables import metadata
from aivastark.postgresql import libpq_url
from tests.citus import CITUS_BIN, Cluster, cluster
from tests.make import Client, calling, make_settings, make_tenant, read, working
from tests.postgres import Postgres

WITH_CITUS = pytest.mark.skipif(
    CITUS_BIN is None, reason="AIVASTARK_TEST_CITUS_BIN names no PostgreSQL that has Citus and pgvector"
)
TABLES = {table.name: table for table in (*metadata().sorted_tables, *search.sorted_tables)}


def test_every_table_has_one_place() -> None:
    placed = [place.table for place in places()]

    assert sorted([*placed, *WHOLE]) == sorted([*TABLES, "alembic_version"])
    assert {*ON_EVERY_NODE, *BY_OWN_KEY, *HELD_TOGETHER.values()} <= TABLES.keys()


def test_what_no_project_may_hold_twice_is_held_by_the_shard_that_would_have_both() -> None:
    for place in places():
        if place.kind == "distributed":
            table = TABLES[place.table]
            keys = [table.primary_key.columns, *(index.columns for index in table.indexes if index.unique)]
            assert all(place.by in [column.name for column in key] for key in keys), place.table


def test_a_table_comes_after_those_that_it_refers_to_and_stands_beside_them() -> None:
    seen: dict[str, str] = {}
    for place in places():
        for key in TABLES[place.table].foreign_key_constraints:
            other = key.referred_table.name
            assert other == place.table or other in seen, place.table
            assert place.kind == "reference" or place.beside == "sources" or place.table == "sources", place.table
        seen[place.table] = place.kind


def test_files_of_ours_are_refused_with_a_sentence(tmp_path: Path) -> None:
    said = _migrate(tmp_path, None)

    assert said.exit_code == 1
    assert "Only a PostgreSQL with Citus can be distributed" in " ".join(said.output.split())


def test_shards_alone_are_refused(tmp_path: Path) -> None:
    said = CliRunner().invoke(command_line, ["migrate", "--shards", "4", "--data-dir", str(tmp_path)])

    assert said.exit_code == 2
    assert "--distributed" in said.output


def test_a_postgresql_without_citus_is_refused_with_a_sentence(postgres: Postgres) -> None:
    with postgres.database() as url, pytest.raises(MigrationFailed, match=r"has no Citus\. Install it on every node"):
        distribute(url)


def _migrate(data_dir: Path, url: str | None, *options: str) -> Result:
    environment = {} if url is None else {"AIVASTARK_DATABASE_URL": url}
    arguments = ["migrate", "--distributed", *options, "--data-dir", str(data_dir)]
    return CliRunner().invoke(command_line, arguments, env=environment)


@pytest.fixture(scope="module")
def citus() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@WITH_CITUS
async def test_an_install_that_is_spread_takes_in_answers_changes_and_forgets(citus: Cluster, tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "data", database_url=citus.url)
    async with open_backends(settings) as backends:  # before it is spread
        tenant, other = await make_tenant(backends.db), await make_tenant(backends.db)
        async with calling(create_app(backends), tenant.key) as http, working(backends) as worker:
            api = Client(http=http, tenant=tenant)
            added = await api.add(text="The porcelain kettle costs forty pounds.", title="Kettle", external_id="kettle")
            await worker.run_until_idle()

    first = await asyncio.to_thread(_migrate, tmp_path, citus.url, "--shards", "4")
    again = await asyncio.to_thread(_migrate, tmp_path, citus.url)

    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    assert "2 nodes" in first.output
    assert "Nothing to do" in again.output
    async with open_backends(settings) as backends, working(backends) as worker:
        async with calling(create_app(backends), tenant.key) as http:
            api = Client(http=http, tenant=tenant)
            before = await api.ask("What does the porcelain kettle cost?")
            await api.add(text="The porcelain kettle costs fifty pounds.", title="Kettle", external_id="kettle")
            await worker.run_until_idle()
            after = await api.ask("What does the porcelain kettle cost?")
        async with calling(create_app(backends), other.key) as http:
            theirs = await Client(http=http, tenant=other).ask("What does the porcelain kettle cost?")
        with wall.only(other.project_id):
            hidden = await backends.db.read(_all_rows)
        async with calling(create_app(backends), tenant.key) as http:
            api = Client(http=http, tenant=tenant)
            gone = await api.delete(f"sources/{added['id']}")
            await worker.run_until_idle()
            last = await api.ask("What does the porcelain kettle cost?")
            listed = read(await api.get("sources"))

    assert [one["quote"] for one in before["citations"]] == ["The porcelain kettle costs forty pounds."]
    assert [one["quote"] for one in after["citations"]] == ["The porcelain kettle costs fifty pounds."]
    assert (theirs["answered"], gone.status_code, last["answered"], listed["data"]) == (False, 202, False, [])
    assert {owner for owners in hidden.values() for owner in owners} == {other.project_id}
    assert _shards_on(citus.nodes, "documents") == 4


def _all_rows(session: ReadSession) -> dict[str, set[str]]:
    """Whose rows are seen without any filter of ours."""
    walled = session.connection().execute(
        sqlalchemy.text("SELECT relname FROM pg_class WHERE relforcerowsecurity AND relname NOT LIKE 'projects%'")
    )
    return {
        name: set(session.connection().execute(sqlalchemy.text(f"SELECT project_id FROM {name}")).scalars())
        for name in walled.scalars().all()
    }


def _shards_on(nodes: tuple[str, ...], table: str) -> int:
    """How many parts of a table the nodes have."""
    count = 0
    for node in nodes:
        with psycopg.connect(libpq_url(node), autocommit=True) as connection:
            connection.execute("SET citus.override_table_visibility = off")  # it hides them
            query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ %s"
            count += len(connection.execute(query, [f"^{table}_[0-9]+$"]).fetchall())
    return count


@WITH_CITUS
def test_doctor_says_that_it_is_spread_and_whether_its_nodes_are_told(citus: Cluster, tmp_path: Path) -> None:
    done = distribute(citus.url, shards=4)
    well = told(look(citus.url))
    with psycopg.connect(libpq_url(citus.above), autocommit=True) as connection:
        connection.execute("ALTER DATABASE aivastark RESET citus.propagate_set_commands")
    untold = told(look(citus.url))
    distribute(citus.url)
    mended = told(look(citus.url))

    assert len(done.placed) + len(done.already) == len(places())
    assert "spread by Citus" in well
    assert "warning" not in well + mended
    assert "its nodes are not told" in untold
