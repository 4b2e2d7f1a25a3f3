"""What a worker answers over HTTP: probes, and its numbers. It has no other door."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import uvicorn

from aivastark.app import create_probes
from aivastark.backends.base import Backends
from aivastark.bootstrap import metrics_token
from aivastark.commands.shell import console
from aivastark.settings import Settings


@asynccontextmanager
async def answering_probes(
    listener: socket.socket | None, settings: Settings, backends: Backends
) -> AsyncIterator[None]:
    """Health and numbers of this process on `listener`, where there is one, until the block ends."""
    if listener is None:
        yield
        return
    app = create_probes(backends, metrics_token=metrics_token(settings))
    server = _Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="off"))
    console.print(f"Probes are answered on port {listener.getsockname()[1]}.")
    answering = asyncio.create_task(server.serve(sockets=[listener]))
    yield
    server.should_exit = True
    await answering


class _Server(uvicorn.Server):
    """Leaves signals to the worker."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None are."""
        yield
