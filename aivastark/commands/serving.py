"""A server on a port: what is opened, served and said, by one process or several."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from aivastark.accounts.entrance import Entrance
from aivastark.accounts.gate import Application
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import choose_sandbox, metrics_token, open_backends
from aivastark.commands.install import entrance_of, install, sign_in_url
from aivastark.commands.shell import CommandFailed, console
from aivastark.database import Database
from aivastark.settings import Settings
from aivastark.worker import WORKER_LOCK, make_worker

KEEP_ALIVE_S = 75
GRACE_S = 10
BACKLOG = 2048  # connections waiting to be accepted
SERVER_SETTINGS: dict[str, Any] = {
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
    "timeout_keep_alive": KEEP_ALIVE_S,
    "timeout_graceful_shutdown": GRACE_S,
}


async def serving(settings: Settings, *, host: str, port: int, with_worker: bool) -> None:
    """Serve until stopped, in this process. Raises `CommandFailed` when the address cannot be listened on."""
    with listening(host, port) as listener:
        async with open_backends(settings) as backends:
            entrance = await greeted(settings, backends.db, host=host, listener=listener)
            app = application(settings, backends, entrance=entrance, with_worker=with_worker)
            await uvicorn.Server(uvicorn.Config(app, **SERVER_SETTINGS)).serve(sockets=[listener])


def application(settings: Settings, backends: Backends, *, entrance: Entrance, with_worker: bool) -> Application:
    """The whole application, with the worker beside it."""
    return create_app(
        backends,
        rate_limit_per_minute=settings.rate_limit_per_minute,
        max_upload_bytes=settings.max_upload_mb * 1_000_000,
        allowed_hosts=settings.allowed_hosts,
        read_only=settings.read_only,
        entrance=entrance,
        metrics_token=metrics_token(settings),
        beside=_beside(settings, backends) if with_worker and not settings.read_only else None,
    )


async def greeted(settings: Settings, db: Database, *, host: str, listener: socket.socket) -> Entrance:
    """Set the install up where it is new, and say where it is; gives how people come in."""
    made = await install(db, plan=settings.default_plan, organization=None, project=None)
    address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    entrance = entrance_of(settings, address=address)
    made["sign_in_url"] = await sign_in_url(db, entrance)
    _greet(made, address)
    return entrance


def listening(host: str, port: int) -> socket.socket:
    """A socket at the address, taken before anything slow is opened."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]
        raise CommandFailed(
            f"Could not listen on {host}:{port} ({reason}). Choose another port with --port, or 0 for any free one."
        ) from error
    # asyncio sets this only on sockets it made: without it every kept-alive answer waits 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _beside(settings: Settings, backends: Backends) -> Any:
    @asynccontextmanager
    async def beside(_: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        sandbox = choose_sandbox(settings)
        working = asyncio.create_task(
            make_worker(
                backends,
                sandbox=sandbox,
                concurrency=settings.ingest_concurrency,
                lock=settings.data_dir / WORKER_LOCK,
            ).run(stop)
        )
        yield
        stop.set()
        await working
        await sandbox.close()

    return beside


def _greet(made: dict[str, Any], address: str) -> None:
    where = f"[bold]Aivastark[/bold] is at [link={address}]{address}[/link]  (API documentation: {address}/docs)"
    console.print(where, soft_wrap=True)
    console.print(f"project  {made['project_id']}")
    if made["api_key"] is not None:
        console.print(f"api key  {made['api_key']}   [dim](shown once: keep it)[/dim]", soft_wrap=True)
    else:
        console.print("[dim]Keys are shown once, when made. Another: aivastark key create[/dim]", soft_wrap=True)
    if made["sign_in_url"] is not None:
        console.print(
            f"sign in  {made['sign_in_url']}   [dim](once, for the first person: owner of this install)[/dim]",
            soft_wrap=True,
        )
