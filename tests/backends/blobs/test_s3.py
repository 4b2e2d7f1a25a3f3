"""Uploads in a real S3-compatible store: what a network and a server can get wrong, and the whole product on it."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import func, select, update
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from aivastark.__main__ import app as command_line
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.backends.blobs import s3 as adapter
from aivastark.backends.blobs.base import BlobFailureCode, BlobNotFound, BlobsFailed, BlobStore
from aivastark.backends.blobs.s3 import PART_BYTES
from aivastark.bootstrap import choose_blobs, open_backends
from aivastark.database import WriteSession
from aivastark.jobs import JobRow
from aivastark.settings import Settings
from aivastark.sources.models import Source
from aivastark.telemetry.metrics import BLOB_CALLS
from tests.make import Client, assert_error, calling, make_settings, make_tenant, read, working
from tests.moving.archives import brought_in, inside, packed
from tests.postgres import Postgres
from tests.s3_server import BUCKET, SECRET, S3Server

PROJECT = "prj_A"
KNOWLEDGE = "The workshop in Leeds repairs every kettle within ten days."
QUESTION = "How long does the workshop take to repair a kettle?"


@pytest.fixture
def there(s3: S3Server, tmp_path: Path) -> Settings:
    """An install on SQLite with its uploads in the store."""
    return make_settings(tmp_path / "install", **s3.settings())


@pytest.fixture
def blobs(there: Settings) -> BlobStore:
    return choose_blobs(there)


@pytest.fixture
async def backends(there: Settings) -> AsyncIterator[Backends]:
    async with open_backends(there) as opened:
        yield opened


async def why(asking: Any) -> BlobFailureCode:
    """The code of a failure, which tells nobody's secret and no visitor anything of the store."""
    with capture_logs() as logged, pytest.raises(BlobsFailed) as failed:
        await asking
    assert [one["event"] for one in logged] == ["uploads_failed"]
    assert SECRET not in f"{logged}{failed.value!r}{failed.value.detail}"
    assert "127.0.0.1" not in f"{logged}{failed.value.message}"
    return failed.value.why


# --- what is set is wrong


async def test_a_bucket_that_is_not_there_is_named_and_no_upload_is_taken_for_lost(
    there: Settings, tmp_path: Path
) -> None:
    blobs = choose_blobs(there.model_copy(update={"blobs_url": "s3://nobodys/x"}))

    for asking in (blobs.put(PROJECT, b"x"), blobs.get(PROJECT, "0" * 64), blobs.delete(PROJECT, "0" * 64)):
        assert await why(asking) == "no_bucket"
    assert await why(blobs.delete_all(PROJECT)) == "no_bucket"
    assert await why(blobs.check()) == "no_bucket"
    assert await why(blobs.put(PROJECT, bytes(PART_BYTES + 1))) == "no_bucket"


@pytest.mark.parametrize("wrong", ["blobs_access_key_id", "blobs_secret_access_key"])
async def test_a_wrong_key_is_refused_and_said_so(there: Settings, wrong: str) -> None:
    blobs = choose_blobs(there.model_copy(update={wrong: SecretStr("another-one")}))

    assert await why(blobs.put(PROJECT, b"x")) == "rejected"
    assert await why(blobs.get(PROJECT, "0" * 64)) == "rejected"
    assert await why(blobs.exists(PROJECT, "0" * 64)) == "rejected"
    assert await why(blobs.check()) == "rejected"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"blobs_url": "https://bucket"}, "should match"),
        ({"blobs_url": "s3://A_B"}, "should match"),
        ({"blobs_url": "s3://bucket/../x"}, "should match"),
        ({"blobs_access_key_id": "a"}, "go together"),
        ({"blobs_secret_access_key": "a-secret"}, "go together"),
        ({"blobs_endpoint": "minio:9000"}, "should match"),
    ],
)
def test_a_store_that_is_half_set_is_refused_without_its_secret(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence) as refused:
        Settings(**given)

    assert "a-secret" not in str(refused.value)


def test_the_secret_is_in_no_picture_of_the_settings(there: Settings, blobs: BlobStore) -> None:
    assert SECRET not in f"{there!r}{there.model_dump()}{blobs!r}{vars(blobs)}"


# --- the store is away, slow, or goes in the middle


async def test_a_store_that_goes_in_the_middle_keeps_nothing_half(s3: S3Server, blobs: BlobStore) -> None:
    content = os.urandom(5 * PART_BYTES)
    kept = await blobs.put(PROJECT, b"hello")
    began = asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(content), PART_BYTES):
            yield content[start : start + PART_BYTES]
        began.set()

    async def kill() -> None:
        await began.wait()
        await asyncio.sleep(0.1)  # some parts are there
        await asyncio.to_thread(s3.kill)

    killing = asyncio.create_task(kill())
    try:
        with pytest.raises(BlobsFailed) as failed:
            await blobs.put_stream(PROJECT, parts(), max_bytes=10**9)
        away = await why(blobs.get(PROJECT, kept))
    finally:
        await killing
        await asyncio.to_thread(s3.start)

    key = adapter._hash_of(content)
    assert failed.value.why in ("unreachable", "unavailable")
    assert away == "unreachable"
    assert not await blobs.exists(PROJECT, key)
    assert await blobs.get(PROJECT, kept) == b"hello", "what was acknowledged is there"
    assert await blobs.put(PROJECT, content) == key
    assert await blobs.get(PROJECT, key) == content


async def test_an_upload_that_nobody_waits_for_any_more_is_not_there(blobs: BlobStore) -> None:
    content = os.urandom(6 * PART_BYTES)

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.15):
            await blobs.put(PROJECT, content)
    await asyncio.sleep(0.3)

    with pytest.raises(BlobNotFound):
        await blobs.get(PROJECT, adapter._hash_of(content))


KILLED = """
import asyncio, os, signal, sys, threading
from pathlib import Path
from aivastark.bootstrap import choose_blobs
from aivastark.settings import Settings

async def main():
    blobs = choose_blobs(Settings(data_dir=Path(sys.argv[1])))
    await blobs.put("prj_A", b"hello")
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGKILL)).start()
    await blobs.put("prj_A", bytes(80_000_000))
    raise SystemExit("too quick")

asyncio.run(main())
"""


async def test_kill_9_leaves_what_was_acknowledged_and_nothing_half_written(
    s3: S3Server, tmp_path: Path, blobs: BlobStore, there: Settings
) -> None:
    given = {name: getattr(there, name) for name in s3.settings()}
    plain = {name: one.get_secret_value() if isinstance(one, SecretStr) else one for name, one in given.items()}
    environment = {f"AIVASTARK_{name.upper()}": str(value) for name, value in plain.items()}

    died = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED, str(tmp_path)], env=os.environ | environment
    )

    assert died.returncode == -signal.SIGKILL
    assert await blobs.get(PROJECT, adapter._hash_of(b"hello")) == b"hello"
    assert not await blobs.exists(PROJECT, adapter._hash_of(bytes(80_000_000)))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_a_store_that_says_nothing_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "SILENCE_TIMEOUT_S", 0.2)
    monkeypatch.setattr(adapter, "RETRIES_MAX", 1)
    keys = {"blobs_access_key_id": SecretStr("a"), "blobs_secret_access_key": SecretStr("b")}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        named = {"blobs_url": f"s3://{BUCKET}", "blobs_endpoint": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        assert await why(choose_blobs(make_settings(tmp_path, **named, **keys)).get(PROJECT, "0" * 64)) == "timeout"


# --- the whole product on it


async def test_while_the_store_is_away_uploads_are_refused_work_waits_and_answers_go_on(
    s3: S3Server, backends: Backends
) -> None:
    tenant = await make_tenant(backends.db)
    async with calling(create_app(backends), tenant.key) as http, working(backends) as worker:
        api = Client(http=http, tenant=tenant)
        first = await api.add(text=KNOWLEDGE)
        await worker.run_until_idle()
        waiting = await api.add(text="The shop opens at nine.")
        with await asyncio.to_thread(_entered, s3):
            refused = [
                await api.post("sources", {"type": "raw", "text": "Something else."}),
                await api.upload(b"Something else again.", "a.txt"),
            ]
            kept = await backends.db.read(lambda session: session.scalar(select(func.count()).select_from(Source)))
            await worker.run_until_idle()
            failed = await api.source(waiting["id"])
            gone = await api.delete(f"sources/{first['id']}")
            answered = await api.ask("When does the shop open?")
            ready = await http.get("/v1/health/ready")
            await worker.run_until_idle()
            jobs = await backends.db.read(lambda session: set(session.scalars(select(JobRow.name))))
        back = await http.get("/v1/health/ready")
        await api.post(f"sources/{waiting['id']}/sync")
        await backends.db.write(_all_due)
        await worker.run_until_idle()
        ended = await api.source(waiting["id"])

    for one in refused:
        assert_error(one, 503, "storage_unavailable")
        assert int(one.headers["retry-after"]) > 0
    assert kept == 2, "nothing half-kept"
    assert (failed["status"], failed["error"]["code"]) == ("failed", "storage_unavailable")
    assert failed["error"]["next_retry_at"] is not None
    assert gone.status_code in (202, 204)
    assert not answered["answered"], "only the first was taken in, and that one is gone"
    assert (ready.status_code, read(ready)["uploads"]) == (200, "unavailable")
    assert "forget_upload" in jobs, "it goes when the store is back"
    assert read(back)["uploads"] == "ok"
    assert ended["status"] == "ready"
    assert [one async for one in _keys(backends, tenant.project_id)] == [ended["id"]]


def _entered(server: S3Server) -> contextlib.ExitStack:
    """Away, entered in a thread, so that what else runs goes on."""
    stack = contextlib.ExitStack()
    stack.enter_context(server.away())
    return stack


def _all_due(session: WriteSession) -> None:
    session.execute(update(JobRow).values(run_at=JobRow.created_at))


async def _keys(backends: Backends, project_id: str) -> AsyncIterator[str]:
    """Sources whose upload is in the store."""
    sources = await backends.db.read(lambda session: list(session.scalars(select(Source))))
    for source in sources:
        if source.blob is not None and await backends.blobs.exists(project_id, source.blob):
            yield source.id


async def test_an_install_goes_from_the_disk_into_the_store_and_back(
    s3: S3Server, postgres: Postgres, tmp_path: Path
) -> None:
    async with open_backends(make_settings(tmp_path / "one")) as one:
        tenant = await make_tenant(one.db)
        async with calling(create_app(one), tenant.key) as http, working(one) as worker:
            api = Client(http=http, tenant=tenant)
            await api.add(text=KNOWLEDGE)
            await worker.run_until_idle()
            before = await api.ask(QUESTION)
            await api.upload(os.urandom(PART_BYTES + 1), "large.txt")  # waits for its worker
        first = await packed(one)
    with postgres.database() as url:
        between = make_settings(tmp_path / "two", database_url=url, **s3.settings())
        async with open_backends(between) as two:
            came = await brought_in(two, first)
            async with calling(create_app(two), tenant.key) as http:
                after = await Client(http=http, tenant=tenant).ask(QUESTION)
            second = await packed(two)
    async with open_backends(make_settings(tmp_path / "three")) as three:
        await brought_in(three, second)

    assert came.files == 2
    assert (after["answer"], after["answered"]) == (before["answer"], True)
    assert {name for name in inside(first) if name.startswith("blobs/")} == {
        name for name in inside(second) if name.startswith("blobs/")
    }
    assert [path.name for path in (tmp_path / "two" / "blobs").rglob("*")] == [".incoming"], "none of it is here"
    assert len([path for path in (tmp_path / "three" / "blobs").rglob("*") if path.is_file()]) == 2


async def test_calls_are_counted_by_what_came_of_them(blobs: BlobStore, there: Settings) -> None:
    def counted(operation: str, outcome: str) -> float:
        return float(BLOB_CALLS.labels(operation, outcome)._value.get())

    done, rejected = counted("get", "done"), counted("put", "rejected")
    wrong = choose_blobs(there.model_copy(update={"blobs_secret_access_key": SecretStr("another-one")}))

    with pytest.raises(BlobNotFound):
        await blobs.get(PROJECT, "0" * 64)
    await why(wrong.put(PROJECT, b"x"))

    assert counted("get", "done") == done + 1, "that there is none is an answer"
    assert counted("put", "rejected") == rejected + 1


# --- the doctor


async def doctor(settings: Settings, monkeypatch: pytest.MonkeyPatch, **others: str) -> Result:
    named = {
        "BLOBS_URL": settings.blobs_url or "",
        "BLOBS_ENDPOINT": settings.blobs_endpoint or "",
        "BLOBS_ACCESS_KEY_ID": "tests",
        "BLOBS_SECRET_ACCESS_KEY": SECRET,
        "EMBEDDING_MODEL": "hashing",
        **others,
    }
    for name, value in named.items():
        monkeypatch.setenv(f"AIVASTARK_{name}", value)
    arguments = ["doctor", "--data-dir", str(settings.data_dir)]
    return await asyncio.to_thread(CliRunner().invoke, command_line, arguments)


async def test_the_doctor_stores_reads_and_deletes(there: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    well = await doctor(there, monkeypatch)
    ill = await doctor(there, monkeypatch, BLOBS_SECRET_ACCESS_KEY="another-one")
    gone = await doctor(there, monkeypatch, BLOBS_ENDPOINT="http://127.0.0.1:9")

    assert well.exit_code == 0, well.output
    assert "stored, read and deleted in" in " ".join(well.output.split())
    assert (ill.exit_code, gone.exit_code) == (1, 1)
    assert "rejected (SignatureDoesNotMatch). Way out: see whether key, secret" in " ".join(ill.output.split())
    assert "unreachable" in gone.output
    assert "another-one" not in ill.output
