"""PgBouncer before the PostgreSQL of tests, where it is installed: each transaction gets another session."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from tests.postgres import OWNER, START_SECONDS, as_user, unprivileged

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
PORT = 6432  # of a socket in a folder of its own
_SETTINGS = """
[databases]
* = host={behind}
[pgbouncer]
listen_port = {port}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
max_client_conn = 500
default_pool_size = 10
server_idle_timeout = 1
"""
# Its standard input is a pipe from us: when we end, however that comes about, it goes.
_UNTIL_WE_END = '"$@" & read -r line; kill -KILL $!; wait'


@contextmanager
def pooling(url: str) -> Iterator[str]:
    """`url` of a server on a socket → the same by way of a pooler in transaction mode."""
    assert PGBOUNCER is not None
    folder, user = Path(tempfile.mkdtemp(prefix="aivastark-pooler-")), unprivileged()
    try:
        behind = make_url(url).query["host"]
        (folder / "settings").write_text(_SETTINGS.format(behind=behind, port=PORT, folder=folder))
        (folder / "users").write_text(f'"{OWNER}" ""\n')
        if user is not None:
            for path in (folder, *folder.iterdir()):
                os.chown(path, user.pw_uid, user.pw_gid)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _UNTIL_WE_END, "sh", PGBOUNCER, str(folder / "settings")],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                **as_user(user),
            )
        try:
            _wait_for(folder)
            yield (
                make_url(url).set(query={"host": str(folder), "port": str(PORT)}).render_as_string(hide_password=False)
            )
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                return probe.connect(str(folder / f".s.PGSQL.{PORT}"))
            except OSError:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"PgBouncer did not start: {(folder / 'log').read_text()}") from None
        time.sleep(0.02)
