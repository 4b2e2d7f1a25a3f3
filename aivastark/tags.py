"""Tags kept as a JSON list in a column: one condition for both databases."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, String, exists
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class _texts_of(GenericFunction[str]):
    """The elements of a JSON list as rows with one column, `value`."""

    inherit_cache = True


@compiles(_texts_of, "sqlite")
def _on_sqlite(function: _texts_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each{compiler.process(function.clause_expr, **options)}"


@compiles(_texts_of, "postgresql")
def _on_postgresql(function: _texts_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array_elements_text{compiler.process(function.clause_expr, **options)}"


def carries_any(column: InstrumentedAttribute[list[str]], tags: Sequence[str]) -> ColumnElement[bool]:
    """Whether the list in `column` holds any of `tags`."""
    tag = _texts_of(column).table_valued(Column("value", String), name="tag")
    return exists().select_from(tag).where(tag.c.value.in_(tags))
