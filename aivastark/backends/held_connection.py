"""A connection to PostgreSQL that somebody keeps, beside those that transactions take turns with.

Locks of a session and LISTEN need one. A pooler that gives each transaction another session (PgBouncer in transaction
mode) takes both away without a word; so it is looked for first.
"""

from collections.abc import Mapping
from typing import Any

import psycopg

from aivastark.postgresql import libpq_url

CONNECT_WITHIN_S = 10
# A connection that is dead without a word, as behind a firewall, is noticed by the system within a minute.
KEEPALIVES: Mapping[str, Any] = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}

Connection = psycopg.AsyncConnection[tuple[object, ...]]


class Pooled(Exception):
    """What answers at this address is a pooler: nothing of a session can be kept there."""


async def hold_connection(url: str) -> Connection:
    """A session of one's own, in which every statement is a transaction; its caller closes it.

    `url` is a `Database`'s `direct_url`. Raises psycopg's `OperationalError`, and `Pooled`.
    """
    connection = await psycopg.AsyncConnection.connect(
        libpq_url(url),
        autocommit=True,
        connect_timeout=CONNECT_WITHIN_S,
        prepare_threshold=None,
        **KEEPALIVES,
    )
    try:
        found = await (await connection.execute("SELECT pg_backend_pid()")).fetchone()
    except BaseException:  # also when it is cancelled: nobody else knows of it
        await connection.close()
        raise
    if found != (connection.info.backend_pid,):
        await connection.close()
        raise Pooled
    return connection
