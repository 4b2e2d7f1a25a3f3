"""A line over PostgreSQL's NOTIFY and LISTEN: one connection a process, for both.

Told is in a transaction of its own, never in that of the change: PostgreSQL lets those that tell commit one after the
other, and the changes would wait for each other. LISTEN belongs to a connection, so a pooler that lends connections out
by the transaction cannot be in between.
"""

import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import psycopg
from psycopg import sql

from aivastark.backends.broadcast.shared import LineBroken, SharedBroadcast
from aivastark.backends.held_connection import Connection, Pooled, hold_connection

CHANNEL = "aivastark"
PAYLOAD_MAX_BYTES = 7_999  # PostgreSQL takes less than 8,000
SEND_WITHIN_S = 10.0

_TELL = "SELECT pg_notify(%s, %s)"


class PostgresBroadcast(SharedBroadcast):
    """`Broadcast` in all processes that use the database at `url`, a `postgresql+psycopg` one."""

    def __init__(self, url: str) -> None:
        super().__init__(lambda: _open(url))


class PostgresLine:
    """A connection that listens. Nobody else uses it: what arrives while nothing is said is read as it comes."""

    message_max_bytes = PAYLOAD_MAX_BYTES

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._socket = connection.fileno()
        self._heard: deque[bytes] = deque()
        self._broken: psycopg.Error | None = None
        self._news = asyncio.Event()
        self._turn = asyncio.Lock()
        self._telling: asyncio.Future[Any] | None = None
        connection.add_notify_handler(lambda notice: self._note(notice.payload.encode()))
        self._watch()

    async def send(self, message: bytes) -> None:
        """See `Line.send`."""
        async with self._turn:
            self._look_away()  # while a statement runs, psycopg reads, and hands on what it finds
            telling = asyncio.ensure_future(self._connection.execute(_TELL, (CHANNEL, message.decode())))
            self._telling = telling
            # Never cancelled: psycopg would first ask the server to let the statement be, for up to ten seconds.
            await asyncio.wait([telling], timeout=SEND_WITHIN_S)
            if not telling.done():
                raise LineBroken(f"PostgreSQL took nothing for {SEND_WITHIN_S:.0f} s")
            if (error := telling.exception()) is not None:
                raise LineBroken(f"PostgreSQL was not told: {_sentence(error)}") from error
            self._read_what_is_there()
            self._watch()

    async def receive(self) -> bytes:
        """See `Line.receive`."""
        while not self._heard:
            if self._broken is not None:
                raise LineBroken(f"PostgreSQL is not heard any more: {_sentence(self._broken)}")
            self._news.clear()
            await self._news.wait()
        return self._heard.popleft()

    async def end(self) -> None:
        """Before the connection is closed."""
        self._look_away()
        if self._telling is None or self._telling.done():
            return
        with socket.socket(fileno=os.dup(self._socket)) as same, contextlib.suppress(OSError):
            same.shutdown(socket.SHUT_RDWR)  # then whoever waits for it sees its end, and nobody a number used anew
        await asyncio.gather(self._telling, return_exceptions=True)

    def _watch(self) -> None:
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def _look_away(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)

    def _read(self) -> None:
        try:
            self._connection.pgconn.consume_input()
        except psycopg.Error as error:
            self._look_away()
            self._broken = error
            self._news.set()
            return
        self._read_what_is_there()

    def _read_what_is_there(self) -> None:
        while (notice := self._connection.pgconn.notifies()) is not None:
            self._note(notice.extra)

    def _note(self, message: bytes) -> None:
        self._heard.append(message)
        self._news.set()


@contextlib.asynccontextmanager
async def _open(url: str) -> AsyncIterator[PostgresLine]:
    try:
        connection = await hold_connection(url)
    except Pooled as error:
        raise LineBroken("a pooler is in between, set AIVASTARK_DATABASE_DIRECT_URL") from error
    except (psycopg.Error, OSError) as error:
        raise LineBroken(f"PostgreSQL cannot be reached: {_sentence(error)}") from error
    try:
        try:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        except psycopg.Error as error:
            raise LineBroken(f"PostgreSQL lets nobody listen: {_sentence(error)}") from error
        line = PostgresLine(connection)
        try:
            yield line
        finally:
            await line.end()
    finally:
        await connection.close()


def _sentence(error: BaseException) -> str:
    """Its first line: the rest is for those who sit at a terminal."""
    return (str(error) or type(error).__name__).strip().partition("\n")[0]
