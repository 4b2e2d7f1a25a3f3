"""Blobs as files: `<root>/<project_id>/<sha256>`, written aside and moved into place.

A file only gets its name after its bytes are on the disk, and `put` only returns after its name is: a crash
at any moment leaves a whole blob or none. What a crash leaves unfinished lies in `<root>/.incoming` and is
swept a day later.
"""

import asyncio
import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from aivastark.backends.blobs.base import BlobKey, BlobNotFound, BlobTooLarge, check_names

INCOMING = ".incoming"
STALE_SECONDS = 86_400.0  # no upload takes a day
BUFFER_BYTES = 1024 * 1024  # gathered before a thread is asked to write


class DiskBlobs:
    """A BlobStore on a local file system. Several processes may share `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / INCOMING
        self._incoming.mkdir(parents=True, exist_ok=True)
        _sweep(self._incoming)

    async def put(self, project_id: str, data: bytes) -> str:
        check_names(project_id)
        return (await asyncio.to_thread(self._put, project_id, data)).sha256

    async def put_stream(self, project_id: str, parts: AsyncIterator[bytes], *, max_bytes: int) -> BlobKey:
        check_names(project_id)
        with _Incoming(self._incoming) as incoming:
            buffer = bytearray()
            total = 0
            async for part in parts:
                total += len(part)
                if total > max_bytes:
                    raise BlobTooLarge(max_bytes)
                buffer += part
                if len(buffer) >= BUFFER_BYTES:
                    await asyncio.to_thread(incoming.write, bytes(buffer))
                    buffer.clear()
            await asyncio.to_thread(incoming.write, bytes(buffer))
            return await asyncio.to_thread(incoming.publish, self._root / project_id)

    async def get(self, project_id: str, key: str) -> bytes:
        check_names(project_id, key)
        try:
            return await asyncio.to_thread((self._root / project_id / key).read_bytes)
        except FileNotFoundError as error:
            raise BlobNotFound(key) from error

    async def exists(self, project_id: str, key: str) -> bool:
        check_names(project_id, key)
        return await asyncio.to_thread((self._root / project_id / key).exists)

    async def delete(self, project_id: str, key: str) -> None:
        check_names(project_id, key)
        await asyncio.to_thread((self._root / project_id / key).unlink, missing_ok=True)

    async def delete_all(self, project_id: str) -> None:
        check_names(project_id)
        await asyncio.to_thread(_remove, self._root / project_id)

    async def check(self) -> None:
        await asyncio.to_thread(os.listdir, self._incoming)

    def _put(self, project_id: str, data: bytes) -> BlobKey:
        with _Incoming(self._incoming) as incoming:
            incoming.write(data)
            return incoming.publish(self._root / project_id)


class _Incoming:
    """A file that nobody sees until it is published; leaving the block without that removes it."""

    def __init__(self, folder: Path) -> None:
        # Buffered on purpose: its lock makes a close wait for a write that a cancelled task left in its
        # thread.
        self._file = tempfile.NamedTemporaryFile(dir=folder, delete=False)  # noqa: SIM115 (closed on exit)
        self._path = Path(self._file.name)
        self._hash = hashlib.sha256()
        self._size = 0

    def __enter__(self) -> "_Incoming":
        return self

    def __exit__(self, *reason: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self._size += len(data)

    def publish(self, folder: Path) -> BlobKey:
        """Bytes to the disk, then the name, then the name to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        key = self._hash.hexdigest()
        while True:
            _make(folder)
            try:
                self._path.replace(folder / key)
            except FileNotFoundError:
                if not self._path.exists():
                    raise
            else:
                break  # otherwise the project was emptied between the two lines: make its folder again
        _sync_folder(folder)
        return BlobKey(sha256=key, size=self._size)


def _make(folder: Path) -> None:
    try:
        folder.mkdir()
    except FileExistsError:
        return
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _sweep(folder: Path) -> None:
    """Remove what a killed process left unfinished."""
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process sweeps as well
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                path.unlink()
