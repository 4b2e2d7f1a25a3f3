"""Who works on these records: a lock that all workers share, so that one that begins knows whether it is alone.

With SQLite it is on a file of the data directory, with PostgreSQL it is the database's own, since workers may be on
several machines. A worker that dies loses it with its process or its connection.
"""

import fcntl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TextIO

from aivastark.database import Database, is_sqlite

IfAlone = Callable[[], Awaitable[object]]


def present(db: Database, file: Path, *, if_alone: IfAlone) -> AbstractAsyncContextManager[None]:
    """Be known as a worker of these records until the block ends.

    Where there is no other one, `if_alone` is done first, and whoever comes meanwhile waits for it. Where that cannot
    be told, because a pooler is in between, it is not done.
    """
    if is_sqlite(db.url):
        return _by_file(file, if_alone)
    from aivastark.backends.postgresql_presence import by_database

    return by_database(db.direct_url, if_alone)


@asynccontextmanager
async def _by_file(path: Path, if_alone: IfAlone) -> AsyncIterator[None]:
    with path.open("w") as file:
        if _is_alone(file):
            await if_alone()
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def _is_alone(file: TextIO) -> bool:
    """Whether no other worker of this machine has the file locked; the system frees a dead one's lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
