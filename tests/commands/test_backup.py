"""`aivastark backup` and `restore`: all is there again, or the file is refused before anything is written."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from sqlalchemy import func, make_url, select
from typer.testing import CliRunner, Result

from aivastark.__main__ import app as command_line
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from aivastark.commands.backup import is_all_files
from aivastark.conversations.models import Conversation, Message
from aivastark.database import ReadSession
from aivastark.moving import pack
from aivastark.moving.pack import Parts
from aivastark.moving.tar import Packer
from aivastark.settings import Settings
from aivastark.sources.models import Source
from tests.make import Client, Tenant, calling, make_tenant, working
from tests.moving.archives import packed
from tests.postgres import Postgres

KNOWLEDGE = "The workshop in Leeds repairs every kettle within ten days."
QUESTION = "How long does the workshop take to repair a kettle?"
LIMIT_SECONDS = 30.0


@pytest.fixture(autouse=True)
def _as_the_operator_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIVASTARK_EMBEDDING_MODEL", "hashing")
    monkeypatch.setenv("AIVASTARK_LOG_LEVEL", "error")


@pytest.fixture
def ours(postgres: Postgres, tmp_path: Path) -> Iterator[Settings]:
    """An install on PostgreSQL that made its secret key by itself."""
    with postgres.database() as url:
        yield Settings(data_dir=tmp_path / "ours", database_url=url)


@pytest.fixture
def theirs(postgres: Postgres, tmp_path: Path) -> Iterator[Settings]:
    """Where it is to come back to life: an empty database, no directory yet."""
    with postgres.database() as url:
        yield Settings(data_dir=tmp_path / "theirs", database_url=url)


async def run(settings: Settings, *arguments: str, **environment: str) -> Result:
    """A command, in a thread, since it runs a loop of its own."""
    named = {} if settings.database_url is None else {"AIVASTARK_DATABASE_URL": settings.database_url}
    named |= {f"AIVASTARK_{name}": value for name, value in environment.items()}
    runner = CliRunner(env=named)
    return await asyncio.to_thread(runner.invoke, command_line, [*arguments, "--data-dir", str(settings.data_dir)])


def said(result: Result) -> str:
    return " ".join(result.output.split())


@contextlib.asynccontextmanager
async def knowing(settings: Settings) -> AsyncIterator[tuple[Backends, Client]]:
    """An install that knows something."""
    async with open_backends(settings) as backends:
        tenant = await make_tenant(backends.db)
        async with calling(create_app(backends, rate_limit_per_minute=0), tenant.key) as http:
            api = Client(http=http, tenant=tenant)
            await api.add(text=KNOWLEDGE)
            async with working(backends) as worker:
                await worker.run_until_idle()
            yield backends, api


def told(answer: dict[str, Any]) -> dict[str, Any]:
    cited = [(one["source_id"], one["document_id"], one["quote"], one["locator"]) for one in answer["citations"]]
    return {name: answer[name] for name in ("answer", "answered", "confidence")} | {"cited": cited}


@pytest.fixture
def acknowledged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Writes the test was told of. A backup reads these tables only after another was: it cannot be too quick."""
    said: list[str] = []

    def after_another(packer: Packer, folder: str) -> Parts:
        if folder in ("tables/conversations", "tables/messages", "tables/sources"):
            so_far, until = len(said), time.monotonic() + LIMIT_SECONDS
            while len(said) == so_far:
                assert time.monotonic() < until, "nobody writes any more"
                time.sleep(0.01)
        return Parts(packer, folder)

    monkeypatch.setattr(pack, "Parts", after_another)
    return said


async def test_an_install_on_postgresql_comes_back_from_its_backup_while_writes_went_on(
    ours: Settings, theirs: Settings, tmp_path: Path, acknowledged: list[str]
) -> None:
    archive = tmp_path / "backup.tar.gz"
    async with knowing(ours) as (_, api):
        before = await api.ask(QUESTION)
        backing_up = asyncio.create_task(run(ours, "backup", str(archive)))
        while not backing_up.done():
            await api.ask(QUESTION, session_id="s")
            await api.add(text=f"Fact {len(acknowledged)}: the shop has {len(acknowledged)} doors.")
            acknowledged.append("a question and a source")
        backed_up = await backing_up
        restored = await run(theirs, "restore", str(archive))
        again = await run(theirs, "restore", str(archive))
        async with open_backends(theirs) as backends:
            at_rest = await backends.db.read(lambda session: what_is_said(session, api.tenant))
            there = [await backends.blobs.exists(api.tenant.project_id, one) for one in at_rest["blobs"]]
            async with calling(create_app(backends), api.tenant.key) as http:
                after = await Client(http=http, tenant=api.tenant).ask(QUESTION)

    assert backed_up.exit_code == 0, backed_up.output
    assert archive.stat().st_mode & 0o777 == 0o600
    assert restored.exit_code == 0, restored.output
    assert "counted and hashed" in said(restored)
    assert told(after) == told(before)
    assert (theirs.data_dir / "secret.key").read_bytes() == (ours.data_dir / "secret.key").read_bytes()
    assert len(acknowledged) >= 3
    assert 1 <= len(there) <= len(acknowledged) + 1
    assert all(there), "every row has its upload"
    assert at_rest["counted"] == at_rest["messages"], "rows of one moment"
    assert again.exit_code == 1
    assert "not empty" in said(again)
    assert said(again).endswith("(conflict)")


def what_is_said(session: ReadSession, tenant: Tenant) -> dict[str, Any]:
    """What conversations say of their messages, and what there is; and the uploads of sources."""
    counted = {one.id: one.message_count for one in session.scalars(select(Conversation))}
    messages = select(Message.conversation_id, func.count()).group_by(Message.conversation_id)
    sources = select(Source.blob).where(Source.project_id == tenant.project_id)
    found = {conversation: count for conversation, count in session.execute(messages)}
    return {"counted": counted, "messages": found, "blobs": list(session.scalars(sources))}


async def test_a_backup_that_is_not_whole_or_not_one_is_refused_and_leaves_nothing(
    ours: Settings, theirs: Settings, tmp_path: Path
) -> None:
    archive, one, other = tmp_path / "backup.tar.gz", tmp_path / "broken.tar.gz", tmp_path / "project.tar.gz"
    async with knowing(ours) as (backends, api):
        assert (await run(ours, "backup", str(archive))).exit_code == 0
        other.write_bytes((await packed(backends, api.tenant.project_id)).getvalue())
    whole = archive.read_bytes()
    middle = len(whole) // 2
    broken = [b"", b"nonsense", whole[:middle], whole[:-1], whole[:middle] + b"\0\0\0\0" + whole[middle + 4 :]]

    for content in broken:
        one.write_bytes(content)
        refused = await run(theirs, "restore", str(one))
        assert refused.exit_code == 1, refused.output
        assert said(refused).endswith("(invalid_archive)")
    project = await run(theirs, "restore", str(other), SECRET_KEY="k" * 32)
    wrong_key = await run(theirs, "restore", str(archive), SECRET_KEY="k" * 32)

    assert "aivastark import" in said(project)
    assert "another secret key" in said(wrong_key)
    assert said(wrong_key).endswith("(invalid_archive)")
    assert not theirs.data_dir.exists(), "nothing was written"
    assert (await run(theirs, "restore", str(archive))).exit_code == 0


async def test_a_key_that_is_set_stays_with_whoever_set_it(ours: Settings, theirs: Settings, tmp_path: Path) -> None:
    archive, key = tmp_path / "backup.tar.gz", "a key that the operator keeps elsewhere"
    async with knowing(ours.model_copy(update={"secret_key": key})):
        backed_up = await run(ours, "backup", str(archive), SECRET_KEY=key)

    without = await run(theirs, "restore", str(archive))
    with_it = await run(theirs, "restore", str(archive), SECRET_KEY=key)

    assert backed_up.exit_code == with_it.exit_code == 0
    assert without.exit_code == 1
    assert "AIVASTARK_SECRET_KEY was set where it was made" in said(without)
    assert not (theirs.data_dir / "secret.key").exists()


async def test_a_database_of_another_version_is_not_changed_by_a_backup(ours: Settings, tmp_path: Path) -> None:
    assert ours.database_url is not None
    url = make_url(ours.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        refused = await run(ours, "backup", str(tmp_path / "backup.tar.gz"))
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        connection.execute("DROP TABLE alembic_version")  # nobody is to have this database after us
    assert refused.exit_code == 1
    assert "schema 0001" in said(refused)
    assert version == ("0001",)
    assert not (tmp_path / "backup.tar.gz").exists()


async def test_files_come_back_as_a_data_directory(tmp_path: Path) -> None:
    note, archive, broken = tmp_path / "note.txt", tmp_path / "backup.tar.gz", tmp_path / "broken.tar.gz"
    note.write_text("The shop is open from nine to five.")
    here, there = Settings(data_dir=tmp_path / "here"), Settings(data_dir=tmp_path / "there")
    nothing = await run(here, "backup", str(archive))
    assert (await run(here, "ingest", str(note))).exit_code == 0
    assert (await run(here, "backup", str(archive))).exit_code == 0
    whole = archive.read_bytes()

    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        broken.write_bytes(whole[:length])
        refused = await run(there, "restore", str(broken))
        assert refused.exit_code == 1
        assert said(refused).endswith("(invalid_archive)")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.gz", "broken.tar.gz", "here", "note.txt"]
    restored = await run(there, "restore", str(archive))
    again = await run(there, "restore", str(archive))
    found = await run(there, "search", "open shop", "--json")

    assert (nothing.exit_code, "no install" in said(nothing)) == (1, True)
    assert restored.exit_code == 0, restored.output
    assert "nine to five" in orjson.loads(found.stdout)[0]["text"]
    assert there.data_dir.stat().st_mode & 0o777 == 0o700
    assert again.exit_code == 1
    assert said(again).endswith("(conflict)")


def test_what_is_elsewhere_makes_it_an_archive() -> None:
    assert is_all_files(Settings())
    assert not is_all_files(Settings(database_url="postgresql://me@db.example/a"))
    assert not is_all_files(Settings(blobs_url="s3://bucket"))
