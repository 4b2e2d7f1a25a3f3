"""Statements compiled once for all databases of a run: each test opens its own, and compiling is a fifth of its work.

SQLAlchemy keeps what it has compiled by engine and dialect. Here all engines of a driver keep it together, and their
dialects, which differ in nothing that matters to a statement, are taken for one.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

_compiled: dict[Any, Any] = {}


class _Alike:
    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """See `sqlalchemy.Dialect`: called with each engine that is made."""
        engine.update_execution_options(compiled_cache=_compiled)


class Sqlite(_Alike, SQLiteDialect_pysqlite):
    """As ever, but for what was compiled."""

    supports_statement_cache = True


class Psycopg(_Alike, PGDialect_psycopg):
    """As ever, but for what was compiled."""

    supports_statement_cache = True


def compile_once() -> None:
    """From now on, in this process."""
    registry.register("sqlite", __name__, Sqlite.__name__)
    registry.register("postgresql.psycopg", __name__, Psycopg.__name__)
