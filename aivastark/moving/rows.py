"""Rows as lines of JSON and back. What comes back is a stranger's: every value is held against its column."""

import base64
import binascii
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Integer, LargeBinary, String

from aivastark.database import Moment
from aivastark.errors import InvalidArchive

INTEGER_MAX = 2**31
BIG_INTEGER_MAX = 2**63


def encode(columns: Sequence[Column[Any]], row: Sequence[Any], empty: frozenset[str]) -> bytes:
    """One line, with its end. Its members are in the order of the columns."""
    return (
        orjson.dumps(
            {
                str(column.name): None if column.name in empty else _written(value)
                for column, value in zip(columns, row, strict=True)
            }
        )
        + b"\n"
    )


def _written(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case bytes() | memoryview():
            return base64.b64encode(value).decode()
        case str():
            # As PostgreSQL stores it (see `database.py`): one archive, wherever it was made.
            return value.replace("\0", "\ufffd")
        case _:
            return value


def read_line(line: bytes, where: str) -> dict[str, Any]:
    """A line as an object. Raises `InvalidArchive`."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidArchive(f"{where}: a line is no JSON.") from error
    if not isinstance(row, dict):
        raise InvalidArchive(f"{where}: a line is no object.")
    return row


def decode(columns: Sequence[Column[Any]], line: bytes, where: str) -> dict[str, Any]:
    """A row as the database takes it. Raises `InvalidArchive` for what its table cannot hold."""
    row = read_line(line, where)
    if list(row) != [column.name for column in columns]:
        raise InvalidArchive(f"{where}: a row has not the columns of its table.")
    try:
        return {column.name: _read(column, row[column.name]) for column in columns}
    except (ValueError, binascii.Error) as error:
        raise InvalidArchive(f"{where}: {error}.") from error


def _read(column: Column[Any], value: Any) -> Any:
    if value is None:
        if not column.nullable:
            raise ValueError(f"{column.name} is missing")
        return None
    for kind, read in _READ.items():
        if isinstance(column.type, kind):
            return read(column, value)
    raise AssertionError(f"no way to read {column.type!r}")  # a test holds this against all tables


def _moment(column: Column[Any], value: Any) -> datetime:
    moment = datetime.fromisoformat(_of(str, column, value))
    if moment.tzinfo is None:
        raise ValueError(f"{column.name} has no time zone")
    return moment


def _bytes(column: Column[Any], value: Any) -> bytes:
    content: bytes = _within(column, base64.b64decode(_of(str, column, value), validate=True))
    return content


def _float(column: Column[Any], value: Any) -> float:
    number = float(_of((int, float), column, value))
    if not math.isfinite(number):
        raise ValueError(f"{column.name} is no number")
    return number


def _integer(column: Column[Any], value: Any) -> int:
    number: int = _of(int, column, value)
    bound = BIG_INTEGER_MAX if isinstance(column.type, BigInteger) else INTEGER_MAX
    if not -bound <= number < bound:
        raise ValueError(f"{column.name} is out of range")
    return number


def _text(column: Column[Any], value: Any) -> str:
    text: str = _within(column, _of(str, column, value))
    text.encode()  # a UnicodeEncodeError is a ValueError
    return text


def _of(kind: Any, column: Column[Any], value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{column.name} is of the wrong type")
    return value


def _within(column: Column[Any], value: Any) -> Any:
    longest = getattr(column.type, "length", None)
    if longest is not None and len(value) > longest:
        raise ValueError(f"{column.name} is longer than {longest}")
    return value


_READ: Mapping[Any, Callable[[Column[Any], Any], Any]] = {
    Moment: _moment,
    Boolean: lambda column, value: _of(bool, column, value),
    Float: _float,
    Integer: _integer,
    LargeBinary: _bytes,
    JSON: lambda column, value: value,
    String: _text,  # and Text, which is one
}
