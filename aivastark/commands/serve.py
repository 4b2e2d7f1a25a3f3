"""`serve`, `worker`: the long-running commands."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import choose_sandbox, open_backends
from aivastark.commands.install import entrance_of, install, sign_in_url
from aivastark.commands.shell import CommandFailed, DataDir, console, read_settings, run, set_up_logs
from aivastark.settings import Settings
from aivastark.worker import WORKER_LOCK, make_worker

KEEP_ALIVE_S = 75
GRACE_S = 10
BACKLOG = 2048  # connections waiting to be accepted


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 means every network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8080,
    data_dir: DataDir = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Serve only; another process does the work.")] = False,
) -> None:
    """Serve the API and do the work behind it, in one process with one data directory."""
    settings = read_settings(data_dir=data_dir)
    set_up_logs(settings)
    run(serving(settings, host=host, port=port, with_worker=not no_worker))


def worker(data_dir: DataDir = None) -> None:
    """Do the work that others queued: taking in, refreshing and deleting sources."""
    settings = read_settings(data_dir=data_dir)
    set_up_logs(settings)
    run(_work(settings))


async def serving(settings: Settings, *, host: str, port: int, with_worker: bool) -> None:
    """Serve until stopped. Raises `CommandFailed` when the address cannot be listened on."""
    with _listening(host, port) as listener:
        await _serve_on(listener, settings, host=host, with_worker=with_worker)


async def _serve_on(listener: socket.socket, settings: Settings, *, host: str, with_worker: bool) -> None:
    async with open_backends(settings) as backends:
        made = await install(backends.db, plan=settings.default_plan, organization=None, project=None)
        address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        entrance = entrance_of(settings, address=address)
        made["sign_in_url"] = await sign_in_url(backends.db, entrance)
        app = create_app(
            backends,
            rate_limit_per_minute=settings.rate_limit_per_minute,
            max_upload_bytes=settings.max_upload_mb * 1_000_000,
            allowed_hosts=settings.allowed_hosts,
            entrance=entrance,
            beside=_beside(settings, backends) if with_worker else None,
        )
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
        _greet(made, address)
        await uvicorn.Server(config).serve(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
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


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    async with open_backends(settings) as backends:
        sandbox = choose_sandbox(settings)
        console.print("Working. Stop with Ctrl-C.")
        await make_worker(
            backends,
            sandbox=sandbox,
            concurrency=settings.ingest_concurrency,
            lock=settings.data_dir / WORKER_LOCK,
        ).run(stop)
        await sandbox.close()


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
