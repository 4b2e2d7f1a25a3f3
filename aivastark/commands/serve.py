"""`serve`, `worker`: the long-running commands."""

import asyncio
import contextlib
import signal
import socket
from typing import Annotated

import typer

from aivastark.accounts.entrance import Entrance
from aivastark.bootstrap import choose_sandbox, open_backends, prepare
from aivastark.commands.probes import answering_probes
from aivastark.commands.processes import PROCESSES_MAX, Application, serve_in_processes
from aivastark.commands.serving import greeted, listening, serving
from aivastark.commands.shell import DataDir, console, read_settings, run, set_up_logs, tracing
from aivastark.database import Database
from aivastark.settings import Settings
from aivastark.worker import WORKER_LOCK, make_worker


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 means every network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8080,
    data_dir: DataDir = None,
    processes: Annotated[
        int,
        typer.Option(min=1, max=PROCESSES_MAX, help="How many processes answer; about as many as there are cores."),
    ] = 1,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Serve only; another process does the work.")] = False,
) -> None:
    """Serve the API and do the work behind it, in one process with one data directory.

    Of several processes each answers and works; one that dies is replaced, and a SIGHUP replaces them one by one.
    """
    settings = read_settings(data_dir=data_dir)
    set_up_logs(settings)
    if processes == 1:
        with tracing(settings, service="aivastark"):
            run(serving(settings, host=host, port=port, with_worker=not no_worker))
        return
    with run(_listening(host, port)) as listener:
        entrance = run(_prepared(settings, host=host, listener=listener))
        serve_in_processes(Application(settings, entrance=entrance, with_worker=not no_worker), listener, processes)


def worker(
    data_dir: DataDir = None,
    host: Annotated[str, typer.Option(help="Address to answer probes on.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port for /metrics and /v1/health; none unless given.")
    ] = None,
) -> None:
    """Do the work that others queued: taking in, refreshing and deleting sources."""
    settings = read_settings(data_dir=data_dir)
    if settings.read_only:
        raise typer.BadParameter("AIVASTARK_READ_ONLY is set, and a worker changes things")
    set_up_logs(settings)
    with tracing(settings, service="aivastark-worker"):
        run(_work(settings, host=host, port=port))


async def _listening(host: str, port: int) -> socket.socket:
    return listening(host, port)


async def _prepared(settings: Settings, *, host: str, listener: socket.socket) -> Entrance:
    """What is done once for all processes: the newest tables, the first project and its keys."""
    db = Database(await asyncio.to_thread(prepare, settings))
    try:
        return await greeted(settings, db, host=host, listener=listener)
    finally:
        await db.close()


async def _work(settings: Settings, *, host: str, port: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    with contextlib.nullcontext() if port is None else listening(host, port) as listener:
        async with open_backends(settings) as backends, answering_probes(listener, settings, backends):
            sandbox = choose_sandbox(settings)
            console.print("Working. Stop with Ctrl-C.")
            await make_worker(
                backends,
                sandbox=sandbox,
                concurrency=settings.ingest_concurrency,
                lock=settings.data_dir / WORKER_LOCK,
            ).run(stop)
            await sandbox.close()
