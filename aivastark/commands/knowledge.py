"""`ingest`, `ask`, `search`: the main job from a shell, on the data directory itself, no server needed."""

import asyncio
import contextlib
import mimetypes
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text
from sqlalchemy import select

from aivastark.accounts.directory import first_organization
from aivastark.answers.answer import answer
from aivastark.answers.endpoints import MESSAGE_MAX_CHARS
from aivastark.answers.question import Question
from aivastark.answers.rerank import find_passages
from aivastark.answers.retrieve import Scope
from aivastark.backends.base import Backends
from aivastark.bootstrap import choose_sandbox
from aivastark.commands.install import install
from aivastark.commands.shell import (
    AsJson,
    CommandFailed,
    DataDir,
    console,
    notices,
    print_json,
    read_settings,
    run,
    set_up_logs,
    with_backends,
)
from aivastark.database import Database, ReadSession
from aivastark.errors import Refused
from aivastark.projects.models import Project
from aivastark.projects.store import first_project
from aivastark.settings import Settings
from aivastark.sources.add import Candidate, add_source
from aivastark.sources.models import Source
from aivastark.sources.receive import from_json, validate
from aivastark.sources.schemas import NewSource
from aivastark.worker import WORKER_LOCK, make_worker

SETTLED = ("ready", "partial", "held", "failed")
LOOK_EVERY_S = 0.2


def _words(said: str) -> str:
    """Something to look for: the limits of the API."""
    said = said.strip()
    if not 1 <= len(said) <= MESSAGE_MAX_CHARS:
        raise typer.BadParameter(f"it takes 1 to {MESSAGE_MAX_CHARS:,} characters")
    return said


def ingest(
    what: Annotated[list[str], typer.Argument(help="Files, folders or web addresses.", show_default=False)],
    tag: Annotated[list[str] | None, typer.Option(help="A tag for all of them; may be given again.")] = None,
    crawl: Annotated[
        bool, typer.Option("--crawl", help="Follow the links of web addresses, within their site.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Teach the bot files, folders, web pages or whole sites, and wait until it knows them."""
    settings = read_settings(data_dir=data_dir)
    set_up_logs(settings, beside_progress=not as_json)

    async def work(backends: Backends) -> list[Source]:
        project = await the_project(backends.db, settings)
        candidates = _candidates(backends, project.id, what, tuple(tag or ()), crawl=crawl)
        return await take_in(backends, settings, project, candidates, quiet=as_json)

    sources = run(with_backends(settings, work))
    failed = [source for source in sources if source.status == "failed"]
    if as_json:
        print_json([_summary(source) for source in sources])
    else:
        chunks = sum(source.chunk_count for source in sources)
        console.print(f"{len(sources) - len(failed)} of {len(sources)} taken in, {chunks} passages.")
        for source in sources:
            if source.error is not None:
                colour = "red" if source.status == "failed" else "yellow"
                where, why = escape(str(source.locator)), escape(str(source.error.get("message")))
                notices.print(f"[{colour}]{where}[/{colour}]: {why}")
    if failed:
        raise typer.Exit(1)


def ask(
    question: Annotated[str, typer.Argument(help="What to ask.", show_default=False, callback=_words)],
    session: Annotated[str | None, typer.Option(help="Continue this conversation.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Ask the bot: an answer with its sources, or an honest refusal."""
    settings = read_settings(data_dir=data_dir)
    set_up_logs(settings, beside_progress=not as_json)

    async def work(backends: Backends) -> dict[str, Any]:
        project = await the_project(backends.db, settings)
        asked = Question(message=question, session_id=session, channel="cli", may_pass_on=False)
        return await answer(backends, project, asked)

    given = run(with_backends(settings, work))
    if as_json:
        print_json(given)
    else:
        show_answer(given)


def search(
    query: Annotated[str, typer.Argument(help="What to look for.", show_default=False, callback=_words)],
    limit: Annotated[int, typer.Option(min=1, max=50, help="Passages to show.")] = 5,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Look up passages, without composing an answer."""
    settings = read_settings(data_dir=data_dir)
    set_up_logs(settings, beside_progress=not as_json)

    async def work(backends: Backends) -> list[dict[str, Any]]:
        project = await the_project(backends.db, settings)
        found = await find_passages(backends, project.id, query, scope=Scope(), language=None, limit=limit)
        return [
            {
                "score": round(passage.score, 3),
                "title": passage.title,
                "heading_path": list(passage.heading_path),
                "source_id": passage.source_id,
                "text": passage.text,
            }
            for passage in found.passages
        ]

    hits = run(with_backends(settings, work))
    if as_json:
        print_json(hits)
        return
    for hit in hits:
        heading = " › ".join([hit["title"], *hit["heading_path"]])
        console.print(f"[cyan]{hit['score']:.2f}[/cyan] [bold]{escape(heading)}[/bold]", markup=True)
        console.print(f"     {' '.join(hit['text'].split())[:300]}", markup=False)
    if not hits:
        console.print("Nothing found.")


async def the_project(db: Database, settings: Settings) -> Project:
    """The install's first project, made if there is none."""
    await install(db, plan=settings.default_plan, organization=None, project=None)

    def look(session: ReadSession) -> Project:
        owner = first_organization(session)
        project = first_project(session, owner.id) if owner else None
        assert project is not None  # install made it
        return project

    return await db.read(look)


async def take_in(
    backends: Backends, settings: Settings, project: Project, candidates: AsyncIterator[Candidate], *, quiet: bool
) -> list[Source]:
    """Add each candidate as a source and wait for all of them, with a progress bar."""
    ids: dict[str, None] = {}  # two files with the same bytes are one source
    async for candidate in candidates:
        add = partial(
            add_source,
            project_id=project.id,
            candidate=candidate,
            secret_key=backends.secret_key,
        )
        source, _ = await backends.db.write(add)
        ids[source.id] = None
    if not ids:
        raise CommandFailed("There was nothing to take in.")
    async with _working(backends, settings):
        return await _wait(backends.db, project.id, list(ids), quiet=quiet)


def show_answer(given: dict[str, Any]) -> None:
    """An answer with its citations, each with the words it stands on, for people."""
    colour = {"high": "green", "medium": "yellow", "low": "red"}[given["confidence_level"]]
    console.print(Text(given["answer"]))
    for citation in given["citations"]:
        console.print(_place(citation), soft_wrap=True)
        quote = " ".join(citation["quote"].split())
        console.print(Text(f"      “{quote}”", style="italic dim"), no_wrap=True, overflow="ellipsis")
    console.print(
        f"  [{colour}]confidence {given['confidence']:.2f}[/{colour}] [dim]{given['latency_ms']['total']:.0f} ms[/dim]"
    )


def _place(citation: dict[str, Any]) -> Text:
    """Title, headings and page of a citation, and its address where it has one."""
    path = citation["locator"]["heading_path"]
    title = citation["title"] or citation["source_id"]
    line = Text(f"  [{citation['index']}] ", style="cyan")
    line.append(" › ".join([title, *(path[1:] if path[:1] == [title] else path)]), style="bold")
    if citation["locator"]["page"]:
        line.append(f", page {citation['locator']['page']}")
    return line.append(f"  {citation['url']}", style="blue") if citation["url"] else line


@contextlib.asynccontextmanager
async def _working(backends: Backends, settings: Settings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    sandbox = choose_sandbox(settings)
    worker = make_worker(
        backends,
        sandbox=sandbox,
        concurrency=settings.ingest_concurrency,
        lock=settings.data_dir / WORKER_LOCK,
    )
    task = asyncio.create_task(worker.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task
        await sandbox.close()


async def _candidates(
    backends: Backends, project_id: str, what: Sequence[str], tags: tuple[str, ...], *, crawl: bool
) -> AsyncIterator[Candidate]:
    for name in what:
        if name.startswith(("http://", "https://")):
            try:
                posted = validate(
                    NewSource, {"type": "url", "url": name, "tags": list(tags), **({"crawl": {}} if crawl else {})}
                )
            except Refused as refused:
                raise CommandFailed(f"{name}: {refused.message}") from refused
            yield await from_json(posted, backends.blobs, project_id)
            continue
        for file in _files(Path(name)):
            yield await file_candidate(backends, project_id, file, tags=tags)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise CommandFailed(f"{path}: there is no such file or folder.")
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


async def file_candidate(backends: Backends, project_id: str, file: Path, *, tags: tuple[str, ...] = ()) -> Candidate:
    """A local file as a source; its bytes are stored first."""
    content = await asyncio.to_thread(file.read_bytes)
    return await content_candidate(backends, project_id, content, name=file.name, locator=str(file), tags=tags)


async def content_candidate(
    backends: Backends,
    project_id: str,
    content: bytes,
    *,
    name: str,
    locator: str,
    title: str | None = None,
    url: str | None = None,
    tags: tuple[str, ...] = (),
) -> Candidate:
    """A file's bytes as a source, stored first; `url` is where readers find them."""
    key = await backends.blobs.put(project_id, content)
    return Candidate(
        type="file",
        config={"blob": key, "name": name, "media_type": mimetypes.guess_type(name)[0], "url": url},
        identity=key,
        locator=locator,
        blob=key,
        title=title,
        tags=tags,
    )


async def _wait(db: Database, project_id: str, ids: Sequence[str], *, quiet: bool) -> list[Source]:
    passages = TextColumn("{task.fields[passages]:,} passages")
    columns = (TextColumn("taking in"), BarColumn(), MofNCompleteColumn(), passages, TimeElapsedColumn())
    with Progress(*columns, console=notices, transient=True, disable=quiet or not notices.is_terminal) as progress:
        bar = progress.add_task("taking in", total=len(ids), passages=0)
        while True:
            sources = await _states(db, project_id, ids)
            done = [source for source in sources if source.status in SETTLED]
            # A site or a folder counts by its documents, as far as it has been seen; what has not begun counts as one.
            total = sum(max(source.documents_total, 1) for source in sources)
            dealt_with = sum(source.documents_done + source.documents_failed for source in sources)
            settled = sum(not source.documents_total for source in done)
            progress.update(
                bar,
                total=total,
                completed=dealt_with + settled,
                passages=sum(source.chunk_count for source in sources),
            )
            if len(done) == len(ids):
                return sources
            await asyncio.sleep(LOOK_EVERY_S)


async def _states(db: Database, project_id: str, ids: Sequence[str]) -> list[Source]:
    wanted = set(ids)
    query = select(Source).where(Source.project_id == project_id).order_by(Source.id)
    return [row for row in await db.read(lambda session: session.scalars(query).all()) if row.id in wanted]


def _summary(source: Source) -> dict[str, Any]:
    return {
        "id": source.id,
        "locator": source.locator,
        "status": source.status,
        "chunks": source.chunk_count,
        "error": source.error,
    }
