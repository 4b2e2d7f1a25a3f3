"""`init`, `migrate`, `doctor`: setting up and looking after an install."""

import asyncio
import contextlib
import os
import secrets
import sqlite3
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer
from rich.markup import escape
from sqlalchemy.exc import SQLAlchemyError

from aivastark.backends.base import Backends
from aivastark.backends.blobs.base import BlobFailureCode, BlobsFailed
from aivastark.backends.embedding.base import EmbeddingFailed
from aivastark.backends.llm.base import ModelFailed, ModelFailureCode, Prompt, Said
from aivastark.bootstrap import (
    choose_blobs,
    choose_embedder,
    choose_reranker,
    database_url,
    direct_url,
    language_models,
    open_backends,
)
from aivastark.commands import postgresql_checks
from aivastark.commands.install import entrance_of, install, sign_in_url
from aivastark.commands.shell import (
    AsJson,
    CommandFailed,
    DataDir,
    console,
    print_json,
    read_settings,
    run,
    set_up_logs,
    with_backends,
)
from aivastark.database import is_sqlite
from aivastark.migrations.migrate import MigrationFailed
from aivastark.migrations.migrate import migrate as bring_up
from aivastark.settings import Settings
from aivastark.sources.extract.base import ExtractionFailed
from aivastark.sources.extract.recognition import choose_languages, find_recognition, installed_languages

FREE_DISK_MIN_MB = 500
SHARDS_MAX = 1_024  # of a table: each is a table of its own on some node
NOBODY = "doctor"  # in the place of a project's id
GREETING = Prompt(system="Answer with one word.", messages=(Said(role="user", text="Say: ready"),), max_tokens=64)
EMBEDDING_WAY_OUT = "see whether it runs, and whether AIVASTARK_EMBEDDING_URL, …MODEL and …API_KEY belong together"
UPLOADS_WAYS_OUT: dict[BlobFailureCode, str] = {
    "timeout": "see whether the store is overloaded",
    "unreachable": "see whether it runs and whether AIVASTARK_BLOBS_ENDPOINT is right, with its port",
    "unavailable": "look at the store's own status or log",
    "rejected": "see whether key, secret and AIVASTARK_BLOBS_REGION belong to that bucket, and whether the key may "
    "read, write, delete and list there",
    "no_bucket": "make the bucket that AIVASTARK_BLOBS_URL names",
}
LLM_WAYS_OUT: dict[ModelFailureCode, str] = {
    "timeout": "see whether it is overloaded, or raise AIVASTARK_LLM_TIMEOUT_S",
    "rate_limited": "see the limits and the balance of the account there",
    "unavailable": "look at the provider's own status or log",
    "unreachable": "see whether it runs and whether its AIVASTARK_LLM_…URL is right, with its port and its /v1",
    "rejected": "see whether URL, model and key belong together: AIVASTARK_LLM_…URL, …MODEL and …API_KEY",
    "cut_off": "look for a proxy in between that ends long answers",
    "budget_spent": "wait for the next UTC day, or raise the budget of the project",
    "nonsense": "the URL is not that of an OpenAI-compatible API; it often ends with /v1",
}


def init(
    organization: Annotated[str | None, typer.Option(help="Name of the organisation, when one is made.")] = None,
    project: Annotated[str | None, typer.Option(help="Name of the project, when one is made.")] = None,
    email: Annotated[str | None, typer.Option(help="Who may take the install over with the sign-in link.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Set an install up: organisation, project and keys. Doing it again changes nothing."""
    settings = read_settings(data_dir=data_dir)
    set_up_logs(settings)

    async def work(backends: Backends) -> dict[str, Any]:
        made = await install(backends.db, plan=settings.default_plan, organization=organization, project=project)
        entrance = entrance_of(settings)
        url = await sign_in_url(backends.db, entrance, email=email)
        return {**made, "dashboard_url": entrance.public_url, "sign_in_url": url}

    made = run(with_backends(settings, work))
    if as_json:
        print_json(made)
        return
    for name, value in made.items():
        if value is not None:
            console.print(f"{name:16} {value}")
    if made["api_key"] is None:
        console.print("[dim]It was set up before; keys are shown once. Make another with `aivastark key create`.[/dim]")


def migrate(
    distributed: Annotated[
        bool, typer.Option("--distributed", help="Spread the tables over the nodes of a Citus cluster as well.")
    ] = False,
    shards: Annotated[
        int | None, typer.Option(min=1, max=SHARDS_MAX, help="Into how many parts a table is cut; Citus says 32.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Bring the database to the newest form; `serve` does this by itself."""
    settings = read_settings(data_dir=data_dir)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if distributed:
        # Imported only when needed: Alembic, which comes with it, takes longer than a start.
        from aivastark.migrations.distribute import distribute

        done = run(asyncio.to_thread(partial(distribute, direct_url(settings), shards=shards)))
        console.print(done.told())
        return
    if shards is not None:
        raise typer.BadParameter("--shards goes with --distributed", param_hint="--shards")
    changed = run(asyncio.to_thread(bring_up, direct_url(settings)))
    console.print("The database was brought to the newest form." if changed else "Nothing to do.")


def doctor(data_dir: DataDir = None) -> None:
    """Check settings, disk, database and model, and say what to do where something is wrong."""
    settings = read_settings(data_dir=data_dir)
    checks: list[tuple[str, Callable[[Settings], str]]] = [
        ("python", _check_python),
        ("data directory", _check_disk),
        ("embedding model", _check_model),
        ("database", _check_database),
        ("uploads", _check_uploads),
        ("recognition", _check_recognition),
    ]
    if not is_sqlite(database_url(settings)):
        checks.insert(0, ("postgresql", _check_postgresql))
    if settings.rerank_url is not None:
        checks.append(("reranking model", _check_reranker))
    if settings.llm_url is not None:
        checks.append(("language model", partial(_check_language_model, which=0)))
    if settings.llm_fallback_url is not None:
        checks.append(("second model", partial(_check_language_model, which=1)))
    failed = False
    for name, check in checks:
        try:
            console.print(f"[green]ok[/green]    {name:16} {check(settings)}")
        except (CommandFailed, OSError, RuntimeError, SQLAlchemyError, MigrationFailed) as error:
            failed = True
            console.print(f"[red]wrong[/red] {name:16} {escape(str(error))}")
    if failed:
        raise typer.Exit(1)


def _check_python(_: Settings) -> str:
    return f"{sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"


def _check_disk(settings: Settings) -> str:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not os.access(settings.data_dir, os.W_OK):
        raise CommandFailed(f"{settings.data_dir} cannot be written to; choose another with --data-dir")
    space = os.statvfs(settings.data_dir)
    free_mb = space.f_bavail * space.f_frsize // 1_000_000
    if free_mb < FREE_DISK_MIN_MB:
        raise CommandFailed(f"only {free_mb} MB are free; make room")
    return f"{settings.data_dir.absolute()}, {free_mb:,} MB free"


def _check_model(settings: Settings) -> str:
    async def embed() -> str:
        embedder = choose_embedder(settings)
        started = time.perf_counter()
        try:
            await embedder.embed_query("Is it there?")
        except EmbeddingFailed as failure:
            raise CommandFailed(f"{failure.message} Way out: {EMBEDDING_WAY_OUT}.") from failure
        finally:
            await embedder.close()
        took = (time.perf_counter() - started) * 1000
        return f"{embedder.model_id}, {embedder.dimensions} dimensions, ready in {took:.0f} ms"

    return asyncio.run(embed())


def _check_recognition(settings: Settings) -> str:
    """That tesseract is missing is nothing wrong: only scans and pictures need it."""
    asked = tuple(settings.ocr_languages.split("+")) if settings.ocr_languages else ()
    recognition = find_recognition(enabled=settings.ocr == "auto", languages=asked)
    match recognition.when:
        case "off":
            return "off: scans and pictures are not read (AIVASTARK_OCR=off)"
        case "missing":
            return "tesseract is not installed: scans and pictures are not read"
    try:
        languages = choose_languages(recognition)
        missing = sorted(set(asked) - installed_languages(recognition.program))
    except ExtractionFailed as failure:
        raise CommandFailed(failure.message) from failure
    if missing:
        raise CommandFailed(f"tesseract lacks {', '.join(missing)}; install what AIVASTARK_OCR_LANGUAGES names")
    return f"{recognition.program}, {', '.join(languages)}"


def _check_reranker(settings: Settings) -> str:
    """Ask it to put two sentences in order."""

    async def order() -> str:
        reranker = choose_reranker(settings)
        assert reranker is not None  # asked only where one is set
        started = time.perf_counter()
        try:
            await reranker.order("Is it there?", ["It is there.", "The shop opens at nine."])
        except ModelFailed as failure:
            raise CommandFailed(f"{reranker.name}: {failure.message}") from failure
        finally:
            await reranker.close()
        return f"{reranker.name}, two sentences in {(time.perf_counter() - started) * 1000:.0f} ms"

    return asyncio.run(order())


def _check_language_model(settings: Settings, *, which: int) -> str:
    """Ask one of the endpoints for a word. Its failures are told with a way out."""

    async def greet() -> str:
        model = language_models(settings)[which]
        started = time.perf_counter()
        try:
            async with contextlib.aclosing(model.write(GREETING)) as parts:
                await anext(parts)
            return f"{model.name}, first word after {(time.perf_counter() - started) * 1000:.0f} ms"
        except ModelFailed as failure:
            raise CommandFailed(f"{model.name}: {failure.message} Way out: {LLM_WAYS_OUT[failure.code]}.") from failure
        finally:
            await model.close()

    return asyncio.run(greet())


def _check_postgresql(settings: Settings) -> str:
    """The server itself, before anything of ours is opened there."""
    server = postgresql_checks.look(database_url(settings))
    wrong = postgresql_checks.wrong_with(server)
    if wrong is not None:
        raise CommandFailed(f"{wrong[0].upper()}{wrong[1:]}.")
    return postgresql_checks.told(server)


def _check_database(settings: Settings) -> str:
    async def look() -> str:
        async with open_backends(settings) as backends:
            return backends.db.url.rsplit("@", 1)[-1]

    return asyncio.run(look())


def _check_uploads(settings: Settings) -> str:
    """Store something, read it and take it out again."""

    async def look() -> str:
        blobs, content = choose_blobs(settings), secrets.token_bytes(32)
        where = settings.blobs_url or str(settings.data_dir.absolute() / "blobs")
        started = time.perf_counter()
        try:
            key = await blobs.put(NOBODY, content)
            is_the_same = await blobs.get(NOBODY, key) == content
            await blobs.delete(NOBODY, key)
            await blobs.delete_all(NOBODY)
        except BlobsFailed as failed:
            why = f"{where}: {failed.why} ({failed.detail})"
            raise CommandFailed(f"{why}. Way out: {UPLOADS_WAYS_OUT[failed.why]}.") from failed
        if not is_the_same:
            raise CommandFailed(f"{where} gives back other bytes than were stored")
        return f"{where}, stored, read and deleted in {(time.perf_counter() - started) * 1000:.0f} ms"

    return asyncio.run(look())
