"""The search files of projects: where they lie, what is in them, and connections to them."""

import re
import secrets
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from aivastark.backends.search.sqlite_words import prepare

MAX_IDLE_CONNECTIONS = 64
"""Open readers kept for all projects together; each holds 3 file descriptors and up to 1 MB of pages."""
PAGE_CACHE_KIB = 1024
"""Pages of the file kept per connection; the rest is left to the operating system."""
BUSY_TIMEOUT = 60.0
"""Seconds a writer waits for the writer of another process."""

_PROJECT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

# The terms are ours already: the tokenizer only splits at spaces. `ascii` keeps every character beyond ASCII.
_SCHEMA = """
CREATE TABLE meta (file_id TEXT NOT NULL, generation INTEGER NOT NULL);
CREATE TABLE source (source_id TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE chunk (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again, so readers need only look for higher ones
  source_id TEXT NOT NULL, chunk_id TEXT NOT NULL, document_id TEXT NOT NULL, language TEXT,
  heading_id INTEGER  -- of a heading vector
);
CREATE TABLE vector (id INTEGER PRIMARY KEY, data BLOB NOT NULL);  -- a chunk may have none by the model that serves
-- Under the id of the chunk it came with; it stays as long as any chunk has it.
CREATE TABLE heading_vector (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE VIRTUAL TABLE terms USING fts5 (
  heading, body, tokenize = "ascii tokenchars '!#$%&()*+,-./:;<=>?@[]^_`{|}~'"
);
CREATE VIRTUAL TABLE term_count USING fts5vocab (terms, 'row');
"""
# What a swap is quick by. Writers add it to files made before it was there.
_BESIDES = (
    "CREATE INDEX IF NOT EXISTS chunk_by_document ON chunk (source_id, document_id)",
    "CREATE INDEX IF NOT EXISTS chunk_by_chunk_id ON chunk (chunk_id)",
    "CREATE INDEX IF NOT EXISTS chunk_by_heading ON chunk (heading_id) WHERE heading_id IS NOT NULL",
    "CREATE TABLE IF NOT EXISTS heading_digest (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE)",
    "DROP INDEX IF EXISTS chunk_by_source",
    # Which model's vectors are searched, and which one's are gathered in the tables below, which take their place.
    "CREATE TABLE IF NOT EXISTS model (serving TEXT NOT NULL, coming TEXT NOT NULL)",
    "INSERT INTO model SELECT '', '' WHERE NOT EXISTS (SELECT 1 FROM model)",
    "CREATE TABLE IF NOT EXISTS coming_vector (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS coming_heading_vector (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS coming_heading_digest (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE)",
    "CREATE TABLE IF NOT EXISTS coming_heading_of (id INTEGER PRIMARY KEY, heading_id INTEGER NOT NULL)",
)


class SearchFiles:
    """One SQLite file per project in `folder`: a project is deleted by deleting its file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._idle: OrderedDict[sqlite3.Connection, tuple[str, int]] = OrderedDict()
        self._lock = threading.Lock()
        self._write_locks: dict[str, threading.Lock] = {}

    def path(self, project_id: str) -> Path:
        """Where the project's file is or would be. Raises `ValueError` for what cannot be a project's id."""
        if not _PROJECT_ID.fullmatch(project_id):
            raise ValueError(f"not a project id: {project_id!r}")
        return self._folder / f"{project_id}.db"

    @contextmanager
    def reader(self, project_id: str) -> Iterator[sqlite3.Connection | None]:
        """A connection nobody else uses meanwhile; `None` when the project has no file."""
        path = self.path(project_id)
        try:
            inode = path.stat().st_ino  # another process may have deleted and made the file anew
        except FileNotFoundError:
            yield None
            return
        key = (project_id, inode)
        connection = self._take(key) or self._newly_read(project_id, path)
        try:
            yield connection
        except BaseException:  # whatever state it is in, nobody is to have it again
            connection.close()
            raise
        self._give_back(connection, key)

    @contextmanager
    def writer(self, project_id: str, *, create: bool) -> Iterator[sqlite3.Connection | None]:
        """A connection inside a write transaction, committed on leaving without an exception.

        `None` when there is no file and `create` is not set.
        """
        path = self.path(project_id)
        with self._write_lock(project_id):
            if not path.exists():
                if not create:
                    yield None
                    return
                self._create(path)
            with closing(_open(path, read_only=False)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    for statement in _BESIDES:
                        connection.execute(statement)
                    yield connection
                except BaseException:  # nothing is kept by halves, not even at an interrupt
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")

    def delete(self, project_id: str) -> None:
        """Delete the project's file, if there is one."""
        path = self.path(project_id)
        with self._write_lock(project_id):
            with self._lock:
                for connection in [c for c, key in self._idle.items() if key[0] == project_id]:
                    del self._idle[connection]
                    connection.close()
            _unlink(path)

    def close(self) -> None:
        """Close every connection not in use."""
        with self._lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    def _newly_read(self, project_id: str, path: Path) -> sqlite3.Connection:
        """A reader of a file in its newest form: what was made before that is brought up to it."""
        connection = _open(path, read_only=True)
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'model'").fetchone() is None:
            with self.writer(project_id, create=False):
                pass
        return connection

    def _create(self, path: Path) -> None:
        """Make the file under another name first: it appears whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        _unlink(path)  # a journal left by a killed deletion must not be read into the new file
        draft = path.with_suffix(f".{secrets.token_hex(4)}.new")
        with closing(_open(draft, read_only=False, create=True)) as connection:
            connection.executescript(_SCHEMA)
            connection.execute("INSERT INTO meta VALUES (?, 0)", (secrets.token_hex(8),))
        try:
            path.hardlink_to(draft)  # unlike a rename, never replaces a file another process made meanwhile
        except FileExistsError:
            pass
        finally:
            _unlink(draft)
        with closing(_open(path, read_only=False)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")

    def _take(self, key: tuple[str, int]) -> sqlite3.Connection | None:
        with self._lock:
            for connection, its_key in reversed(self._idle.items()):
                if its_key == key:
                    del self._idle[connection]
                    return connection
        return None

    def _give_back(self, connection: sqlite3.Connection, key: tuple[str, int]) -> None:
        with self._lock:
            self._idle[connection] = key
            if len(self._idle) > MAX_IDLE_CONNECTIONS:
                self._idle.popitem(last=False)[0].close()

    def _write_lock(self, project_id: str) -> threading.Lock:
        with self._lock:
            return self._write_locks.setdefault(project_id, threading.Lock())


def _open(path: Path, *, read_only: bool, create: bool = False) -> sqlite3.Connection:
    mode = "rwc" if create else "rw"  # a reader of a WAL file needs to write to its -shm file
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_TIMEOUT,
    )
    connection.execute(f"PRAGMA cache_size = -{PAGE_CACHE_KIB if read_only else 16 * PAGE_CACHE_KIB}")
    connection.execute("PRAGMA synchronous = NORMAL")
    if read_only:
        prepare(connection)
        connection.execute("PRAGMA query_only = ON")
    return connection


def _unlink(path: Path) -> None:
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)
    path.with_name(path.name + "-journal").unlink(missing_ok=True)
