"""Connections to PostgreSQL: how a transaction begins there, and what a pooler in between takes away."""

import re
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, create_engine, event, make_url

from aivastark import wall

READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"  # one snapshot
WRITING = "BEGIN ISOLATION LEVEL SERIALIZABLE"  # what a transaction read is still so when it commits
TAKING_TURNS = "BEGIN"  # for those who wait for each other's locks, and see what was done meanwhile

OLDEST_PGVECTOR = (0, 8)  # the first that goes on looking where what an index found is not to be seen

Spread = WeakKeyDictionary[Any, set[str | None]]
"""Connections to where tables are spread over nodes: the codes of the notices that came since a transaction began."""

# Set where the tables are spread over nodes (see `migrations/distribute`).
_IS_SPREAD = "SELECT current_setting('citus.propagate_set_commands', true) = 'local'"


def libpq_url(url: str) -> str:
    """A URL of SQLAlchemy's as libpq takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def version_numbers(version: str) -> tuple[int, ...]:
    """To compare: `14.0-1` is (14, 0, 1), and what has no number is as old as can be."""
    return tuple(int(number) for number in re.findall(r"\d+", version)) or (0,)


def open_engine(url: str, begin: str, *, is_pooled: bool, **options: Any) -> Engine:
    """An engine whose transactions begin with `begin`, and say whom they are for (see `wall`), in one round trip.

    `is_pooled`: behind a pooler a statement prepared in one transaction is unknown in the next.
    """
    engine = create_engine(url, pool_pre_ping=True, **options)
    spread: Spread = WeakKeyDictionary()
    # Here, and not in an event: what fails is then an error of SQLAlchemy's, as with any other statement.
    engine.dialect.do_begin = partial(_begin, begin, spread)  # type: ignore[method-assign]
    engine.dialect.do_commit = partial(_commit, spread)  # type: ignore[method-assign]
    text, text_of_any_type = _dumpers()

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.autocommit = True  # we begin transactions ourselves
        if is_pooled:
            connection.prepare_threshold = None
        if connection.cursor().execute(_IS_SPREAD, prepare=False).fetchone() == (True,):
            told = spread[connection] = set()
            connection.add_notice_handler(lambda notice: told.add(notice.sqlstate))
        connection.adapters.register_dumper(str, text)
        connection.adapters.register_dumper(str, text_of_any_type)

    return engine


def _begin(begin: str, spread: Spread, connection: Any) -> None:
    seen = wall.seen()
    said = [begin] if seen == wall.EVERYTHING else [begin, f"SET LOCAL {wall.SETTING} = '{seen}'"]
    cursor = connection.cursor()
    told = spread.get(connection.dbapi_connection)
    if told is not None:
        told.clear()
    # Citus hands on to its nodes the whole of the message that a SET LOCAL came with.
    for message in ["; ".join(said)] if told is None else said:
        cursor.execute(message, prepare=False)


def _commit(spread: Spread, connection: Any) -> None:
    """A node that could not commit because others were faster says so in a notice; Citus' own error names no reason."""
    from psycopg.errors import InternalError_, SerializationFailure

    try:
        connection.commit()
    except InternalError_ as error:
        if SerializationFailure.sqlstate in spread.get(connection.dbapi_connection, ()):
            raise SerializationFailure(str(error)) from error
        raise


def _dumpers() -> tuple[type, type]:
    """PostgreSQL's text cannot hold NUL: that becomes the replacement character, in what is stored and asked for."""
    from psycopg.types.string import StrDumper, StrDumperUnknown

    class Text(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd"))

    class TextOfAnyType(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd"))

    return Text, TextOfAnyType
