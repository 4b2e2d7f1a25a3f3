"""`demo`: the main job on real documents, from bundled pages to cited answers, on the code every install runs."""

import html
import re
import statistics
import sys
import time
import zipfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from aivastark.accounts.keys import create_key
from aivastark.answers.answer import answer
from aivastark.answers.question import Question
from aivastark.backends.base import Backends
from aivastark.commands.install import install
from aivastark.commands.knowledge import content_candidate, show_answer, take_in, the_project
from aivastark.commands.serving import serving
from aivastark.commands.shell import CommandFailed, console, read_settings, run, set_up_logs, with_backends
from aivastark.kit.ids import new_id
from aivastark.projects.models import Project
from aivastark.settings import Settings
from aivastark.sources.add import Candidate
from aivastark.sources.models import Source

DATA_DIR = Path("aivastark-demo")
PROJECT = "Demo: SQLite documentation"
ARCHIVE = "sqlite-documentation.zip"
SITE = "https://sqlite.org/"
HOST = "127.0.0.1"

_TITLE = re.compile(r"<title>(.*?)</title>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A bundled page as its publisher wrote it."""

    name: str
    title: str
    url: str
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """A question of the demo; those in conversation are asked in one session, the others each alone."""

    message: str
    in_conversation: bool = False


QUESTIONS = (
    Ask(message="Is SQLite threadsafe?"),
    Ask(message="What is the maximum size of a VARCHAR in SQLite?"),
    Ask(message="Can I use SQLite in my commercial product without paying royalties?"),
    Ask(message="What is the maximum number of columns in a table?", in_conversation=True),
    Ask(message="And how many attached databases are allowed?", in_conversation=True),
    Ask(message="How do I turn on foreign key constraints?"),
    Ask(message="Does VACUUM change rowids?"),
    Ask(message="How do I import a CSV file?"),
    Ask(message="How can I recover data from a corrupted database?"),
    Ask(message="What are the disadvantages of WAL mode?"),
    Ask(message="What datatypes does SQLite support?"),
    Ask(message="When should I not use SQLite?"),
    Ask(message="Can SQLite be used over a network filesystem?"),
    Ask(message="Who maintains SQLite, and until when will it be supported?"),
    Ask(message="What is the difference between INSERT and UPSERT?"),
    Ask(message="How do I make a table that checks types strictly?"),
    Ask(message="How do I get a refund for my subscription?"),
    Ask(message="Which port does the SQLite server listen on?"),
)


def demo(
    data_dir: Annotated[
        Path, typer.Option(help="Where the demo keeps its data, apart from any real install.")
    ] = DATA_DIR,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to serve on afterwards.")] = 8080,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="End after the questions.")] = False,
) -> None:
    """See the whole job on real documents: take 115 pages in, ask questions, get cited answers, then serve."""
    settings = read_settings(data_dir=data_dir).model_copy(update={"database_url": None})
    set_up_logs(settings, beside_progress=True)
    _keep_from_git(settings.data_dir)
    key = run(with_backends(settings, lambda backends: show(backends, settings, pages=list(pages()))))
    if no_serve or not sys.stdout.isatty():
        return
    console.print("\n[bold]Ask on.[/bold] From another terminal:")
    console.print(_curl(key, port), markup=False, soft_wrap=True)
    run(serving(settings, host=HOST, port=port, with_worker=True))


async def show(
    backends: Backends, settings: Settings, *, pages: Sequence[Page], questions: Sequence[Ask] = QUESTIONS
) -> tuple[str, str]:
    """Take the pages in, ask the questions, print it all; gives the project's id and a key to it."""
    await install(backends.db, plan=settings.default_plan, organization=None, project=PROJECT)
    project = await the_project(backends.db, settings)
    if project.name != PROJECT:
        raise CommandFailed(f"{settings.data_dir} belongs to a real install. Choose another with --data-dir.")
    await _learn(backends, settings, project, pages)
    conversation = new_id("sess")
    answers = [await _ask(backends, project, one, conversation) for one in questions]
    _sum_up(answers)
    _, secret = await backends.db.write(
        lambda session: create_key(
            session, organization_id=project.organization_id, project_id=project.id, name="key of the demo"
        )
    )
    return project.id, secret


def pages() -> Iterator[Page]:
    """The bundled documentation, page by page."""
    with as_file(files("aivastark") / "demo" / ARCHIVE) as path, zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            found = _TITLE.search(content.decode("utf-8", errors="replace"))
            title = " ".join(html.unescape(found[1]).split()) if found else name
            yield Page(name=name, title=title, url=SITE + name, content=content)


async def _learn(backends: Backends, settings: Settings, project: Project, pages: Sequence[Page]) -> list[Source]:
    async def candidates() -> AsyncIterator[Candidate]:
        for page in pages:
            yield await content_candidate(
                backends, project.id, page.content,
                name=page.name, locator=page.name, title=page.title, url=page.url, tags=("sqlite",),
            )  # fmt: skip

    console.print(f"Taking in {len(pages)} pages of SQLite's documentation (public domain).")
    started = time.perf_counter()
    sources = await take_in(backends, settings, project, candidates(), quiet=False)
    failed = [source for source in sources if source.status == "failed"]
    if failed:
        reason = (failed[0].error or {}).get("message")
        raise CommandFailed(f"{len(failed)} pages could not be read, the first is {failed[0].locator}: {reason}")
    passages = sum(source.chunk_count for source in sources)
    took = time.perf_counter() - started
    console.print(f"[green]{len(sources)} pages, {passages:,} passages[/green] in {took:.0f} s.")
    return sources


async def _ask(backends: Backends, project: Project, ask: Ask, conversation: str) -> dict[str, Any]:
    session_id = conversation if ask.in_conversation else None
    asked = Question(message=ask.message, session_id=session_id, channel="cli", may_pass_on=False)
    given = await answer(backends, project, asked)
    console.print()
    console.print(Text(f"? {ask.message}", style="bold"))
    show_answer(given)
    return given


def _sum_up(answers: Sequence[dict[str, Any]]) -> None:
    answered = sum(given["answered"] for given in answers)
    median = statistics.median(given["latency_ms"]["total"] for given in answers)
    console.print(
        f"\n[bold]{len(answers)} questions: {answered} answered, {len(answers) - answered} refused, "
        f"median {median:.0f} ms.[/bold] Every quote stands in the page it names, character by character."
    )


def _keep_from_git(data_dir: Path) -> None:
    """The demo is run in a clone: what it leaves there is not to be committed."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    (data_dir / ".gitignore").write_text("*\n", encoding="utf-8")


def _curl(key: tuple[str, str], port: int) -> str:
    project_id, secret = key
    return (
        f"  curl -s http://{HOST}:{port}/v1/projects/{project_id}/query \\\n"
        f"    -H 'Authorization: Bearer {secret}' -H 'Content-Type: application/json' \\\n"
        '    -d \'{"message": "What is a partial index?"}\'\n'
    )
