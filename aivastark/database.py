"""One database, two doors: `read()` sees a snapshot, `write()` is the one who changes things.

Each takes a plain function and runs it in a thread, from begin to commit, with a session whose type says what
it may do. So no transaction can wait for a network or a model, and one statement costs no change of thread. The
thread knows its caller's context: the current span, and whom the work is for (see `wall`).

On SQLite there is one writer, which takes the write lock when it begins: a transaction that reads before it
writes can then never fail half-way because another one wrote in between.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import orjson
from sqlalchemy import DateTime, Dialect, Engine, MetaData, QueuePool, TypeDecorator, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

from aivastark.postgresql import READING, WRITING, open_engine

READ_CONNECTIONS = 8
BUSY_TIMEOUT_MS = 20_000  # how long one process waits for another one's write
PAGE_CACHE_KIB = 16_384

RETRIED_FOR_S = BUSY_TIMEOUT_MS / 1000  # PostgreSQL has no queue: a write that was overtaken is tried anew as long
RETRY_SPREAD_S = 0.01
RETRY_SPREAD_MAX_S = 0.5
# PostgreSQL's words for "another transaction was faster": could not serialize, deadlock. The same work again sees
# what the other one did.
OVERTAKEN = {"40001", "40P01"}
# And a key that was free when we looked; or one that never was, and then no trying helps.
TAKEN = "23505"
TAKEN_ATTEMPTS_MAX = 20

# Answers are stored as JSON: reading and writing them takes a tenth of the time this way.
JSON_BY_ORJSON: Mapping[str, Any] = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}

# What an error says goes into the log, and parameters are what people wrote, and hashes of their secrets.
OF_ANY_DATABASE: Mapping[str, Any] = {**JSON_BY_ORJSON, "hide_parameters": True}

Result = TypeVar("Result")


class Base(DeclarativeBase):
    """All tables; constraints are named so that migrations can name them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Moment(TypeDecorator[datetime]):
    """An aware UTC time on both databases (SQLite would give it back naive)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; refuse a naive time rather than guess."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give it back aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ReadSession(Session):
    """Sees one snapshot; changes nothing."""


class WriteSession(ReadSession):
    """May change things; whatever was not committed when its function ends is undone."""


class Database:
    """The doors. Close it when done."""

    def __init__(self, url: str, *, direct_url: str | None = None) -> None:
        self.url = url
        self.direct_url = direct_url or url
        """Past a pooler, where there is one: for what a session has to be kept for."""
        self.is_pooled = self.direct_url != url
        """There is one: then transactions have nothing in common but the database."""
        self._reader = _open(url, writes=False, is_pooled=self.is_pooled)
        self._writer = _open(url, writes=True, is_pooled=self.is_pooled)
        self._threads = ThreadPoolExecutor(READ_CONNECTIONS, thread_name_prefix="database")
        # Where there is one writer, writes take turns here instead of polling for SQLite's lock.
        self._one_writer = asyncio.Lock() if is_sqlite(url) else None
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def read(self, work: Callable[[ReadSession], Result]) -> Result:
        """What `work` finds in a snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, self._read, work)

    async def write(self, work: Callable[[WriteSession], Result], *, turn: str | None = None) -> Result:
        """What `work` returns, after its changes are committed; all of them are undone when it raises.

        `turn` names a row that many write at once, such as a counter: in this process those of the same name go one
        after the other, since on PostgreSQL all but one of them would be overtaken, and have to begin again.
        A caller that is cancelled meanwhile does not undo it: the transaction runs to its end.
        """
        async with self._in_turn(turn):
            loop = asyncio.get_running_loop()
            writing = loop.run_in_executor(self._threads, copy_context().run, self._write, work)
            return await _to_the_end(writing)

    def connections(self) -> dict[str, tuple[int, int]]:
        """Of each door, how many connections are in use, and how many there may be."""
        pools = {"read": self._reader.pool, "write": self._writer.pool}
        return {
            door: (pool.checkedout(), min(READ_CONNECTIONS, pool.size()))
            for door, pool in pools.items()
            if isinstance(pool, QueuePool)
        }

    def waiting(self) -> int:
        """How many transactions wait for a thread."""
        return self._threads._work_queue.qsize()

    async def close(self) -> None:
        """Give all connections back."""
        await asyncio.to_thread(self._threads.shutdown)
        self._reader.dispose()
        self._writer.dispose()

    def _in_turn(self, turn: str | None) -> AbstractAsyncContextManager[None]:
        if self._one_writer is not None:
            return self._one_writer
        return nullcontext() if turn is None else self._turns.setdefault(turn, asyncio.Lock())

    def _read(self, work: Callable[[ReadSession], Result]) -> Result:
        with ReadSession(self._reader, expire_on_commit=False, autoflush=False) as session:
            return work(session)

    def _write(self, work: Callable[[WriteSession], Result]) -> Result:
        # Somebody's write gets through in each round, so what counts is how long others were faster, not how often.
        give_up = time.monotonic() + RETRIED_FOR_S
        for attempt in itertools.count(1):
            try:
                with WriteSession(self._writer, expire_on_commit=False) as session, session.begin():
                    return work(session)
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                again = state in OVERTAKEN or (state == TAKEN and attempt < TAKEN_ATTEMPTS_MAX)
                if not again or time.monotonic() > give_up:
                    raise
            time.sleep(random.uniform(0, min(RETRY_SPREAD_S * attempt, RETRY_SPREAD_MAX_S)))
        raise AssertionError("an attempt returns or raises")


def is_sqlite(url: str) -> bool:
    """Whether the records are in a file of ours."""
    return url.startswith("sqlite")


async def _to_the_end(running: asyncio.Future[Result]) -> Result:
    """Wait for a thread's work even when cancelled: its turn is over only when it is."""
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


def _open(url: str, *, writes: bool, is_pooled: bool) -> Engine:
    if not is_sqlite(url):
        # Serializable: as with SQLite's one writer, what a transaction read is still so when it commits.
        begin = WRITING if writes else READING
        return open_engine(url, begin, is_pooled=is_pooled, pool_size=READ_CONNECTIONS, **OF_ANY_DATABASE)
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1 if writes else READ_CONNECTIONS,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_MS / 1000,
        **OF_ANY_DATABASE,
    )
    _prepare_sqlite(engine, writes=writes)
    return engine


def _prepare_sqlite(engine: Engine, *, writes: bool) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        if writes:
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA cache_size=-{PAGE_CACHE_KIB}")
        if not writes:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
