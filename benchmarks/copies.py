"""Projects made as copies of one, by the database itself: a thousand of 1,000 chunks in minutes.

Ids other than the project's stay as they are, because every key begins with the project's. The tables are those that
`benchmarks/knowledge.py` writes; what belongs to people is not among them.
"""

import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Table, create_engine, insert, literal, select

from aivastark.backends.search import postgres_tables
from aivastark.sources.models import ChunkRow, Document, Source

RECORDS = [row.metadata.tables[row.__tablename__] for row in (Source, Document, ChunkRow)]
SEARCH = [postgres_tables.projects, *postgres_tables.BY_SOURCE]


def copy_projects(template: str, new: Sequence[str], *, data_dir: Path, database_url: str | None) -> None:
    """Give each of the new projects, which are empty, what the template has. Nothing else may have the install open."""
    url = database_url or f"sqlite:///{data_dir / 'aivastark.db'}"
    engine = create_engine(url)
    for project_id in new:
        with engine.begin() as connection:
            for table in RECORDS if database_url is None else [*RECORDS, *SEARCH]:
                _copy(connection, table, template, project_id)
        if database_url is None:
            _copy_search_file(data_dir / "search", template, project_id)
    engine.dispose()


def _copy(connection: Connection, table: Table, template: str, project_id: str) -> None:
    columns = [literal(project_id) if column.name == "project_id" else column for column in table.columns]
    rows = select(*columns).where(table.c.project_id == template)
    connection.execute(insert(table).from_select([column.name for column in table.columns], rows))


def _copy_search_file(folder: Path, template: str, project_id: str) -> None:
    """The file, with an identity of its own: readers tell by it whether what they keep of a file is still so."""
    with (
        closing(sqlite3.connect(folder / f"{template}.db")) as source,
        closing(sqlite3.connect(folder / f"{project_id}.db")) as copy,
    ):
        source.backup(copy)
        copy.execute("UPDATE meta SET file_id = ?", [secrets.token_hex(16)])
        copy.commit()
