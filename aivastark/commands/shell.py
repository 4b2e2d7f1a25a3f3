"""What every command shares: settings from options, errors as sentences, and where output goes."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import structlog
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import OperationalError

from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from aivastark.errors import Refused
from aivastark.migrations.migrate import MigrationFailed
from aivastark.settings import Settings, SettingsFileMissing
from aivastark.telemetry.tracing import TracingMissing, start_tracing, stop_tracing, trace_ids

DONE, FAILED, USAGE = 0, 1, 2

Result = TypeVar("Result")
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="The directory that holds everything. [default: ./aivastark-data]")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]

console = Console(highlight=False)
notices = Console(stderr=True, highlight=False)


class CommandFailed(Exception):
    """The work failed in a way that a sentence explains."""


def read_settings(**given: Any) -> Settings:
    """Settings from file and environment, with what was given on the command line on top."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except SettingsFileMissing as error:
        raise typer.BadParameter(str(error)) from error
    except ValidationError as error:
        fault = error.errors()[0]
        name = "_".join(str(part) for part in fault["loc"]).upper()
        raise typer.BadParameter(f"AIVASTARK_{name}: {fault['msg'].removeprefix('Value error, ')}") from error


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's work; failures that a sentence explains end with that sentence and code 1."""
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(main)
    except CommandFailed as failure:
        notices.print(f"[red]{escape(str(failure))}[/red]")
        raise typer.Exit(FAILED) from failure
    except Refused as refused:
        notices.print(f"[red]{escape(refused.message)}[/red] [dim]({refused.code})[/dim]")
        raise typer.Exit(FAILED) from refused
    except (OSError, OperationalError, MigrationFailed) as failure:
        notices.print(f"[red]{escape(str(failure))}[/red]")
        raise typer.Exit(FAILED) from failure
    except KeyboardInterrupt as stopped:
        raise typer.Exit(130) from stopped


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's event loop, which costs a request less; asyncio's own (None) on Windows, for which there is none."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


async def with_backends(settings: Settings, work: Callable[[Backends], Awaitable[Result]]) -> Result:
    """Do something with everything open."""
    async with open_backends(settings) as backends:
        return await work(backends)


def print_json(value: object) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def set_up_logs(settings: Settings, *, beside_progress: bool = False) -> None:
    """Log lines on standard error: readable, or one JSON object each.

    `beside_progress`: a person watches; unless a level was asked for, only what needs attention is said.
    """
    level = "warning" if beside_progress and "log_level" not in settings.model_fields_set else settings.log_level
    last: structlog.types.Processor = (
        structlog.processors.JSONRenderer(lambda value, **_: orjson.dumps(value, default=str).decode())
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # Plain: the fancy one prints local variables, and those hold visitors' words and secrets.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_trace_ids,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if settings.log_format == "json":
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Libraries speak through the standard library: their lines look like ours, or a reader of JSON would choke on them.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[_as_ours, *shared, last]))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _as_ours(_: Any, _name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """A library's line: its words, and whose they are."""
    record: logging.LogRecord = event.pop("_record")
    event.pop("_from_structlog", None)
    event["logger"], event["level"] = record.name, record.levelname.lower()
    if record.exc_info:
        event["exc_info"] = record.exc_info
    return event


def _add_trace_ids(_: Any, _name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    event.update(trace_ids())
    return event


@contextlib.contextmanager
def tracing(settings: Settings, *, service: str) -> Iterator[None]:
    """Traces of what happens in the block, where settings name somebody who takes them."""
    if settings.otel_exporter_otlp_endpoint is None:
        yield
        return
    try:
        start_tracing(service=service)
    except TracingMissing as missing:
        raise typer.BadParameter(str(missing)) from missing
    try:
        yield
    finally:
        stop_tracing()
