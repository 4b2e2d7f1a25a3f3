"""What travels: every table the models know, but for those that are left behind for a reason written here."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Column, Dialect, Select, String, Table, Text, select

from aivastark.migrations.tables import metadata

Holds = Literal["install", "project"]

IMPORT = "import"  # the name of the row in `jobs` that says that an import has begun and has not ended

STAY: Mapping[str, str] = {
    "rate_windows": "how many requests were made in a minute or a day that is nearly over",
    "answers_under_way": "answers that a process of the old install is writing",
    "reembeddings": "how far an embedding anew has come; a worker begins it again at its start",
    "embedding_models": "noted again when the install opens with its model, by a sample of what that one answers",
}
"""Tables that no archive has."""

STAY_WITH_A_PROJECT: Mapping[str, str] = {
    "usage_counters": "what was used was used where it was; the other plan must not pay for it",
    "model_spending": "what was spent was spent where it was; and who writes an archive must not write a budget",
    "api_keys": "a key is shown once, to an organisation that made it; the project gets new ones",
    "audit_log": "it belongs to the organisation",
    "jobs": "work is asked for anew on the other side, which takes no orders from a file",
    "kept_answers": "they belong to the callers of the old install",
    "webhooks": "their secrets are sealed for this install, and their receivers know one sender",
    "webhook_deliveries": "they go with their webhooks",
    "webhook_attempts": "they go with their webhooks",
    "connected_accounts": "their tokens are sealed for this install and were given to it alone",
    "masked_values": "what visitors wrote where placeholders stand is sealed for this install",
}
"""Tables with rows of a project that its archive leaves out; those without a project have nothing to give to it."""

_EMPTY: Mapping[Holds, Mapping[str, frozenset[str]]] = {
    "install": {"jobs": frozenset({"lease", "leased_until"})},  # whoever held them is not there
    "project": {"sources": frozenset({"secrets"})},  # sealed for this install
}
_GIVEN = ("projects", "organization_id")
"""In a project's archive it is not said: the project belongs to whom it is brought in for."""


def carried(holds: Holds) -> list[Table]:
    """The tables of an archive, parents before children."""
    tables = [table for table in metadata().sorted_tables if table.name not in STAY]
    if holds == "install":
        return tables
    return [
        table
        for table in tables
        if table.name not in STAY_WITH_A_PROJECT and (table.name == "projects" or "project_id" in table.columns)
    ]


def columns_of(table: Table, holds: Holds) -> list[Column[Any]]:
    """What a row says in the archive."""
    return [column for column in table.columns if holds == "install" or (table.name, column.name) != _GIVEN]


def emptied(table: Table, holds: Holds) -> frozenset[str]:
    """Columns that are null in the archive, whatever they are in the database."""
    return _EMPTY[holds].get(table.name, frozenset())


def rows_of(table: Table, columns: Sequence[Column[Any]], project_id: str | None, dialect: Dialect) -> Select[Any]:
    """All rows that travel, in the order of their keys: by bytes, on every database."""
    query = select(*columns)
    if project_id is not None:
        query = query.where(owner_of(table) == project_id)
    if table.name == "jobs":
        query = query.where(table.c.name != IMPORT)
    return query.order_by(*(_by_bytes(column, dialect) for column in table.primary_key.columns))


def owner_of(table: Table) -> Column[Any]:
    """Which column says whose a row is."""
    return table.columns["id" if table.name == "projects" else "project_id"]


def _by_bytes(column: Column[Any], dialect: Dialect) -> Any:
    is_text = isinstance(column.type, String | Text)
    return column.collate("C") if is_text and dialect.name == "postgresql" else column
