"""The lock of workers as an advisory lock of PostgreSQL: shared while they work, exclusive while one looks around."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import LiteralString

import structlog
from psycopg import Error

from aivastark.backends.held_connection import Connection, Pooled, hold_connection

LOCK = 0x5EA2C5  # of PostgreSQL's advisory locks
LOOK_EVERY_S = 5.0  # whether the connection that has it still lives
ANSWERS_WITHIN_S = 10.0

_TRY = "SELECT pg_try_advisory_lock(%s)"
_SHARE = "SELECT pg_advisory_lock_shared(%s)"
_LET_GO = "SELECT pg_advisory_unlock(%s)"

log = structlog.get_logger()


@asynccontextmanager
async def by_database(url: str, if_alone: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """See `present`."""
    lock = _Lock(url)
    try:
        await lock.take(if_alone)
    except Pooled:
        log.warning("behind a pooler a worker cannot tell whether it is alone: set AIVASTARK_DATABASE_DIRECT_URL")
        yield
        return
    keeping = asyncio.create_task(lock.keep())
    try:
        yield
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        await lock.let_go()


class _Lock:
    """One worker's, and the connection it hangs on."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None

    async def take(self, if_alone: Callable[[], Awaitable[object]]) -> None:
        """Raises `Pooled`, and psycopg's errors."""
        try:
            await self._connect()
            alone = await self._ask(_TRY)
            if alone:
                await if_alone()
            await self._ask(_SHARE)
            if alone:
                await self._ask(_LET_GO)  # the exclusive one
        except BaseException:  # also when it is cancelled: the session holds locks
            await self.let_go()
            raise

    async def keep(self) -> None:
        """Until cancelled: take it again where the connection broke. Work goes on meanwhile, under its leases."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                async with asyncio.timeout(ANSWERS_WITHIN_S):
                    if self._connection is None:
                        await self._connect()
                        await self._ask(_SHARE)
                    else:
                        await self._ask("SELECT %s::int")
            except (Error, OSError, TimeoutError, Pooled) as error:
                log.warning("the lock of workers was lost; it is taken again", reason=str(error).strip())
                await self.let_go()

    async def let_go(self) -> None:
        """It goes with its connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connect(self) -> None:
        self._connection = await hold_connection(self._url)

    async def _ask(self, statement: LiteralString) -> object:
        assert self._connection is not None  # it was made before
        row = await (await self._connection.execute(statement, (LOCK,))).fetchone()
        return None if row is None else row[0]
