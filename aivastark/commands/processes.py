"""`serve --processes N`: processes that answer on one port, and one above them that starts, watches, replaces them."""

import asyncio
import multiprocessing
import os
import signal
import socket
import tempfile
from typing import Any

import uvicorn
from sqlalchemy.exc import OperationalError
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.supervisors.multiprocess import Multiprocess

from aivastark.accounts.entrance import Entrance
from aivastark.bootstrap import open_backends
from aivastark.commands.serving import SERVER_SETTINGS, application
from aivastark.commands.shell import set_up_logs, tracing
from aivastark.errors import Refused
from aivastark.migrations.migrate import MigrationFailed
from aivastark.settings import Settings
from aivastark.telemetry.metrics import SHARED_NUMBERS, forget_dead_processes

PROCESSES_MAX = 64
ANSWERS_WITHIN_S = (
    20  # a process that says nothing to the one above for so long, or does not start within it, is given up
)


class Application:
    """What each process serves. It travels to it as its settings; everything is opened when the server starts."""

    def __init__(self, settings: Settings, *, entrance: Entrance, with_worker: bool) -> None:
        self._settings = settings
        self._entrance = entrance
        self._with_worker = with_worker
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Requests go to the application that the start has opened."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        else:
            assert self._app is not None  # the server serves nothing before its start is complete
            await self._app(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        set_up_logs(self._settings)
        _end_with_the_parent()
        forget_dead_processes()
        try:
            with tracing(self._settings, service="aivastark"):
                async with open_backends(self._settings) as backends:
                    self._app = application(
                        self._settings, backends, entrance=self._entrance, with_worker=self._with_worker
                    )
                    await self._app(scope, receive, send)
        except (OSError, OperationalError, MigrationFailed, Refused) as failure:
            await send({"type": "lifespan.startup.failed", "message": str(failure)})


def serve_in_processes(app: Application, listener: socket.socket, processes: int) -> None:
    """Serve until stopped. SIGHUP replaces one process after the other, each when its successor is ready."""
    config = uvicorn.Config(
        app,
        workers=processes,
        lifespan="on",
        timeout_worker_healthcheck=ANSWERS_WITHIN_S,
        **SERVER_SETTINGS,
    )
    with tempfile.TemporaryDirectory(prefix="aivastark-numbers-") as folder:
        os.environ.setdefault(SHARED_NUMBERS, folder)  # the processes are begun anew, and read it when they begin
        Multiprocess(config, sockets=[listener]).run()


def _end_with_the_parent() -> None:
    """A process whose parent was killed ends as if it had been asked to: nobody would replace it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        loop: Any = asyncio.get_running_loop()
        loop.add_reader(parent.sentinel, _end, loop, parent.sentinel)


def _end(loop: Any, sentinel: int) -> None:
    loop.remove_reader(sentinel)
    signal.raise_signal(signal.SIGTERM)
