"""What every blob store promises, checked against each."""

import asyncio
import contextlib
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aivastark.backends.blobs.base import BlobNotFound, BlobStore, BlobTooLarge
from aivastark.backends.blobs.disk import BUFFER_BYTES, INCOMING, STALE_SECONDS, DiskBlobs
from aivastark.backends.blobs.memory import MemoryBlobs
from aivastark.bootstrap import choose_blobs
from tests.make import make_settings
from tests.s3_server import S3Server

OURS, THEIRS = "prj_A", "prj_B"
HELLO = hashlib.sha256(b"hello").hexdigest()


@pytest.fixture(params=["memory", "disk", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    match request.param:
        case "disk":
            return DiskBlobs(tmp_path / "blobs")
        case "s3":
            server: S3Server = request.getfixturevalue("s3")
            return choose_blobs(make_settings(tmp_path, **server.settings()))
    return MemoryBlobs()


async def parts(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.mark.parametrize("data", [b"", b"hello", os.urandom(3_000_000)])
async def test_what_was_put_comes_back_under_its_hash(blobs: BlobStore, data: bytes) -> None:
    key = await blobs.put(OURS, data)
    assert key == hashlib.sha256(data).hexdigest()
    assert await blobs.get(OURS, key) == data


async def test_a_stream_is_stored_like_the_bytes_it_carries(blobs: BlobStore) -> None:
    pieces = [os.urandom(BUFFER_BYTES // 3 + 7) for _ in range(7)]
    stored = await blobs.put_stream(OURS, parts(*pieces), max_bytes=BUFFER_BYTES * 3)
    assert stored.size == sum(len(piece) for piece in pieces)
    assert await blobs.get(OURS, stored.sha256) == b"".join(pieces)


async def test_an_empty_stream_is_an_empty_blob(blobs: BlobStore) -> None:
    stored = await blobs.put_stream(OURS, parts(), max_bytes=0)
    assert (stored.size, await blobs.get(OURS, stored.sha256)) == (0, b"")


async def test_a_stream_may_be_as_long_as_its_limit_and_no_longer(blobs: BlobStore) -> None:
    assert (await blobs.put_stream(OURS, parts(b"hel", b"lo"), max_bytes=5)).sha256 == HELLO
    await blobs.delete(OURS, HELLO)
    with pytest.raises(BlobTooLarge):
        await blobs.put_stream(OURS, parts(b"hel", b"lo"), max_bytes=4)
    with pytest.raises(BlobNotFound):
        await blobs.get(OURS, HELLO)


async def test_a_stream_that_breaks_off_stores_nothing(blobs: BlobStore) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"hello"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await blobs.put_stream(OURS, broken(), max_bytes=100)
    with pytest.raises(BlobNotFound):
        await blobs.get(OURS, HELLO)


async def test_the_same_bytes_twice_are_one_blob(blobs: BlobStore) -> None:
    assert await blobs.put(OURS, b"hello") == await blobs.put(OURS, b"hello") == HELLO
    assert await blobs.exists(OURS, HELLO)
    await blobs.delete(OURS, HELLO)
    assert not await blobs.exists(OURS, HELLO)
    with pytest.raises(BlobNotFound):
        await blobs.get(OURS, HELLO)


async def test_many_writers_of_the_same_bytes_do_not_disturb_each_other(blobs: BlobStore) -> None:
    keys = await asyncio.gather(*(blobs.put(OURS, b"hello") for _ in range(20)))
    assert set(keys) == {HELLO}
    assert await blobs.get(OURS, HELLO) == b"hello"


async def test_everything_of_a_project_goes_however_much_it_is(blobs: BlobStore) -> None:
    keys = await asyncio.gather(*(blobs.put(OURS, str(number).encode()) for number in range(40)))
    await blobs.put(OURS + "B", b"hello")
    await blobs.delete_all(OURS)
    assert not any([await blobs.exists(OURS, key) for key in keys])
    assert await blobs.exists(OURS + "B", HELLO), "a name that only begins alike"


async def test_a_store_that_is_there_is_found_well(blobs: BlobStore) -> None:
    await blobs.check()


async def test_another_project_never_sees_a_blob(blobs: BlobStore) -> None:
    await blobs.put(OURS, b"hello")
    assert not await blobs.exists(THEIRS, HELLO)
    with pytest.raises(BlobNotFound):
        await blobs.get(THEIRS, HELLO)
    await blobs.put(THEIRS, b"hello")
    await blobs.delete_all(OURS)
    with pytest.raises(BlobNotFound):
        await blobs.get(OURS, HELLO)
    assert await blobs.get(THEIRS, HELLO) == b"hello"


async def test_deleting_what_is_not_there_is_no_error(blobs: BlobStore) -> None:
    await blobs.delete(OURS, HELLO)
    await blobs.delete_all(OURS)


@pytest.mark.parametrize("project_id", ["", "..", ".incoming", "a/b", "../prj_B", "a\0b", "a" * 65])
async def test_a_project_id_cannot_lead_out_of_its_folder(blobs: BlobStore, project_id: str) -> None:
    with pytest.raises(ValueError, match="project id"):
        await blobs.put(project_id, b"hello")
    with pytest.raises(ValueError, match="project id"):
        await blobs.delete_all(project_id)


@pytest.mark.parametrize("key", ["", "..", "../prj_B/" + HELLO, HELLO.upper(), HELLO + "\n", HELLO[:-1]])
async def test_a_key_cannot_lead_out_of_its_folder(blobs: BlobStore, key: str) -> None:
    with pytest.raises(ValueError, match="blob key"):
        await blobs.get(OURS, key)
    with pytest.raises(ValueError, match="blob key"):
        await blobs.delete(OURS, key)


# --- what only a disk can get wrong


async def test_a_blob_on_disk_is_there_after_a_restart(tmp_path: Path) -> None:
    await DiskBlobs(tmp_path).put(OURS, b"hello")
    assert await DiskBlobs(tmp_path).get(OURS, HELLO) == b"hello"


async def test_failed_and_cancelled_uploads_leave_no_file(tmp_path: Path) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield bytes(2 * BUFFER_BYTES)
        await asyncio.sleep(30)

    blobs = DiskBlobs(tmp_path)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.1):
            await blobs.put_stream(OURS, stalled(), max_bytes=10**9)
    with contextlib.suppress(BlobTooLarge):
        await blobs.put_stream(OURS, parts(b"hello"), max_bytes=1)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_what_a_crash_left_unfinished_is_swept_after_a_day(tmp_path: Path) -> None:
    incoming = tmp_path / INCOMING
    incoming.mkdir()
    (incoming / "old").write_bytes(b"half")
    (incoming / "new").write_bytes(b"half")
    long_ago = (incoming / "old").stat().st_mtime - STALE_SECONDS - 60
    os.utime(incoming / "old", (long_ago, long_ago))
    DiskBlobs(tmp_path)
    assert [path.name for path in incoming.iterdir()] == ["new"]


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from aivastark.backends.blobs.disk import DiskBlobs

async def dying():
    yield bytes(3_000_000)
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    blobs = DiskBlobs(Path(sys.argv[1]))
    await blobs.put("prj_A", b"hello")
    await blobs.put_stream("prj_A", dying(), max_bytes=10**9)

asyncio.run(main())
"""


def test_kill_9_leaves_what_was_acknowledged_and_nothing_half_written(tmp_path: Path) -> None:
    died = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert died.returncode == -signal.SIGKILL
    assert [path.name for path in (tmp_path / OURS).iterdir()] == [HELLO]
    assert (tmp_path / OURS / HELLO).read_bytes() == b"hello"
