"""One database, two doors: `read()` sees a snapshot, `write()` is the one who changes things.

The doors give different types, so that a function which writes says so in its signature. On SQLite
there is one writer, which takes the write lock when it begins: a transaction that reads before it
writes can then never fail half-way because another one wrote in between.

Each door has a quick form, `look()` and `change()`, for the path of a question: a plain function that runs
in a thread of ours from begin to commit. An awaited session changes threads about nine times for one SELECT.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import DateTime, Dialect, Engine, MetaData, QueuePool, TypeDecorator, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import AsyncAdaptedQueuePool

READ_CONNECTIONS = 8
BUSY_TIMEOUT_MS = 20_000  # how long one process waits for another one's write
PAGE_CACHE_KIB = 16_384

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
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class ReadSession(AsyncSession):
    """Sees one snapshot; changes nothing."""


class WriteSession(ReadSession):
    """May change things; whatever was not committed when its block ends is undone."""


class QuickRead(Session):
    """`ReadSession` for a plain function."""


class QuickWrite(QuickRead):
    """`WriteSession` for a plain function."""


class Database:
    """The doors. Close it when done."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._reader = _open(url, writes=False)
        self._writer = _open(url, writes=True)
        self._quick_reader = _open_quick(url, writes=False)
        self._quick_writer = _open_quick(url, writes=True)
        self._threads = ThreadPoolExecutor(READ_CONNECTIONS, thread_name_prefix="database")
        # Where there is one writer, its two forms take turns here instead of polling for SQLite's lock.
        self._turn: AbstractAsyncContextManager[None] = asyncio.Lock() if _is_sqlite(url) else nullcontext()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """A snapshot for a short look. Never held open across a network or model call."""
        async with ReadSession(self._reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """One short transaction: commits when the block ends, undoes everything when it raises."""
        async with self._turn, WriteSession(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    async def look(self, work: Callable[[QuickRead], Result]) -> Result:
        """What `work` finds in a snapshot, as in `read()`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._look, work)

    async def change(self, work: Callable[[QuickWrite], Result]) -> Result:
        """What `work` returns after its changes are committed, as in `write()`; all undone when it raises."""
        async with self._turn:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._change, work)

    async def close(self) -> None:
        """Give all connections back."""
        await self._reader.dispose()
        await self._writer.dispose()
        await asyncio.to_thread(self._threads.shutdown)
        self._quick_reader.dispose()
        self._quick_writer.dispose()

    def _look(self, work: Callable[[QuickRead], Result]) -> Result:
        with QuickRead(self._quick_reader, expire_on_commit=False, autoflush=False) as session:
            return work(session)

    def _change(self, work: Callable[[QuickWrite], Result]) -> Result:
        with QuickWrite(self._quick_writer, expire_on_commit=False) as session, session.begin():
            return work(session)


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def _open(url: str, *, writes: bool) -> AsyncEngine:
    if not _is_sqlite(url):
        return create_async_engine(url, pool_size=READ_CONNECTIONS, pool_pre_ping=True)
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1 if writes else READ_CONNECTIONS,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_MS / 1000,
    )
    _prepare_sqlite(engine.sync_engine, writes=writes)
    return engine


def _open_quick(url: str, *, writes: bool) -> Engine:
    if not _is_sqlite(url):
        return create_engine(url, pool_size=READ_CONNECTIONS, pool_pre_ping=True)
    engine = create_engine(
        url.replace("+aiosqlite", ""),
        poolclass=QueuePool,
        pool_size=1 if writes else READ_CONNECTIONS,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_MS / 1000,
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
