"""The second wall between tenants: PostgreSQL itself keeps them apart when a query of ours forgets to."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine, Table, event, text

from aivastark import wall
from aivastark.backends.base import Backends
from aivastark.backends.search.postgres_tables import metadata as search
from aivastark.database import ReadSession, WriteSession
from aivastark.kit.ids import new_id
from aivastark.migrations.tables import metadata
from tests.conftest import Settle
from tests.make import Client, assert_error, read
from tests.postgres import Postgres

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

OURS, THEIRS, MADE = "prj_a", "prj_b", "prj_c"
OWNER_COLUMN = {"projects": "id"}
# These belong to an organisation: its keys, its log and what it used are looked up and summed over its projects.
OF_ORGANIZATIONS = {"api_keys", "audit_log", "kept_answers", "usage_counters"}
# A request that names no project yet finds out here which one it is for.
SEEN_BY_NOBODY = {"projects", "embed_keys"}

# The application's own filter, as SQLAlchemy and the search's statements write it.
FILTER = re.compile(r"(\b\w+\.)?\bproject_id = (%\(\w+\)s)(::\w+)?")


def project_tables() -> list[Table]:
    """Every table whose rows are a project's."""
    return [
        table
        for table in (*metadata().sorted_tables, *search.sorted_tables)
        if ("project_id" in table.columns or table.name == "projects") and table.name not in OF_ORGANIZATIONS
    ]


def owner(table: Table) -> str:
    return OWNER_COLUMN.get(table.name, "project_id")


@pytest.fixture
def url(backends: Backends, postgres: Postgres) -> str:
    """A database with one row of ours and one of theirs in every table."""
    engine = sqlalchemy.create_engine(postgres.from_above(backends.db.url))
    with engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))  # a row for itself, its parents elsewhere
        for table in project_tables():
            for project_id in (OURS, THEIRS):
                connection.execute(_insert(connection, table), {"owner": project_id, "mark": project_id[-1]})
    engine.dispose()
    return backends.db.url


def _insert(connection: sqlalchemy.Connection, table: Table) -> sqlalchemy.TextClause:
    """A row of anything: the columns' types say what may stand there."""
    found = connection.execute(
        text("""
            SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
            WHERE attrelid = CAST(:name AS regclass) AND attnum > 0 AND NOT attisdropped AND attnotnull
              AND attidentity = '' AND attgenerated = ''
        """),
        {"name": table.name},
    )
    values = {name: _some(kind) for name, kind in found} | {owner(table): "CAST(:owner AS text)"}
    return text(f"INSERT INTO {table.name} ({', '.join(values)}) VALUES ({', '.join(values.values())})")


def _some(kind: str) -> str:
    match kind:
        case "character varying" | "text":
            return "CAST(:mark AS text)"
        case "bytea":
            return "CAST(:mark AS bytea)"
        case "json" | "jsonb":
            return "'{}'"
        case "vector":
            return "'[1]'"
        case "boolean":
            return "false"
        case "timestamp with time zone":
            return "now()"
        case "date":
            return "current_date"
        case _ if kind.endswith("[]"):
            return "'{}'"
        case _:
            return "0"


@pytest.mark.usefixtures("url")
async def test_no_statement_without_a_filter_reaches_another_projects_rows(backends: Backends) -> None:
    def forgetful(session: WriteSession) -> dict[str, Any]:
        return {table.name: _reached(session, table) for table in project_tables()}

    with wall.only(OURS):
        reached = await backends.db.write(forgetful)

    only_ours = {"seen": [OURS], "changed": 1, "taken": 0, "dropped": 1}
    assert reached == {table.name: only_ours for table in project_tables()}


@pytest.mark.usefixtures("url")
async def test_no_row_can_be_made_or_moved_into_another_project(backends: Backends) -> None:
    def forgetful(session: WriteSession) -> list[str]:
        connection = session.connection()
        return [
            f"{table.name}: {statement}"
            for table in project_tables()
            for statement in (
                _insert(connection, table),
                text(f"UPDATE {table.name} SET {owner(table)} = CAST(:owner AS text) WHERE :mark <> ''"),
            )
            if not _refused(connection, statement, {"owner": MADE, "mark": MADE[-1]})
        ]

    with wall.only(OURS):
        made = await backends.db.write(forgetful)

    assert made == []


@pytest.mark.usefixtures("url")
async def test_who_has_named_no_project_sees_no_row_of_any(backends: Backends) -> None:
    with wall.nothing():
        seen = await backends.db.read(
            lambda session: {table.name for table in project_tables() if _owners(session, table)}
        )

    assert seen == SEEN_BY_NOBODY


@pytest.fixture
def without_filters() -> Iterator[list[str]]:
    """Every statement of the application loses its `project_id = …`; gives those that did."""
    stripped: list[str] = []

    def strip(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> Any:
        without = FILTER.sub("true", statement) if statement.lstrip().startswith(("SELECT", "WITH")) else statement
        if without != statement:
            stripped.append(statement)
        return without, parameters

    event.listen(Engine, "before_cursor_execute", strip, retval=True)
    yield stripped
    event.remove(Engine, "before_cursor_execute", strip)


async def test_the_api_without_its_own_filters_tells_nothing_of_another_tenant(
    api: Client, stranger: Client, settle: Settle, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = await stranger.add(text="The porcelain kettle costs forty pounds.", title="Porcelain")
    await settle()
    request.getfixturevalue("without_filters")

    listed = read(await api.get("sources"))
    alone = await api.get(f"sources/{added['id']}")
    answer = await api.ask("What does the porcelain kettle cost?")

    assert listed["data"] == []
    assert_error(alone, 404, "not_found")
    assert (answer["answered"], answer["citations"]) == (False, [])

    monkeypatch.setattr(wall, "seen", lambda: wall.EVERYTHING)  # what it would be without the wall
    assert [source["id"] for source in read(await api.get("sources"))["data"]] == [added["id"]]


def test_a_project_id_that_could_be_more_than_that_is_no_setting(database: str) -> None:
    for wrong in ("", "-", "prj_a'; DROP TABLE projects; --", new_id("prj") + " "):
        with pytest.raises(ValueError, match="letters, digits"), wall.only(wrong):
            pass


def _reached(session: WriteSession, table: Table) -> dict[str, Any]:
    column = owner(table)
    run = session.connection().execute
    taken = f"UPDATE {table.name} SET {column} = :ours WHERE {column} = :theirs"
    with session.begin_nested() as undone:  # or a row's children would be gone before it is their turn
        reached = {
            "seen": _owners(session, table),
            "changed": run(text(f"UPDATE {table.name} SET {column} = {column}")).rowcount,
            "taken": run(text(taken), {"ours": OURS, "theirs": THEIRS}).rowcount,
            "dropped": run(text(f"DELETE FROM {table.name}")).rowcount,
        }
        undone.rollback()
    return reached


def _owners(session: ReadSession, table: Table) -> list[str]:
    rows = session.connection().execute(text(f"SELECT {owner(table)} FROM {table.name} ORDER BY 1"))
    return list(rows.scalars())


def _refused(connection: sqlalchemy.Connection, statement: sqlalchemy.TextClause, values: dict[str, str]) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(statement, values)
    except sqlalchemy.exc.DBAPIError as error:
        return "row-level security" in str(error.orig)
    return False
