"""Blobs as objects of an S3-compatible store: `<prefix>/<project_id>/<sha256>`, by obstore (Rust's object_store).

The store shows an object when all of it is there, so a crash at any moment leaves a whole blob or none. What a killed
upload of many parts leaves behind nobody sees; a rule of the bucket for incomplete uploads takes it away.
"""

import asyncio
import contextlib
import hashlib
import re
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import S3Store

from aivastark.backends.blobs.base import (
    BlobFailureCode,
    BlobKey,
    BlobNotFound,
    BlobsFailed,
    BlobTooLarge,
    check_names,
)
from aivastark.telemetry.metrics import BLOB_CALLS, BLOB_SECONDS

if TYPE_CHECKING:  # where it is defined, for types alone
    from obstore.store import S3Config

CONNECT_TIMEOUT_S = 5.0
SILENCE_TIMEOUT_S = 10.0  # of the store, in the middle of an answer
REQUEST_TIMEOUT_S = 60.0  # one request with its body, which is a part at most, or a blob that is read
RETRIES_MAX = 2
RETRIED_FOR_S = 15.0
RETRY_SPREAD_S, RETRY_SPREAD_MAX_S = 0.1, 1.0
PART_BYTES = 8 * 1024 * 1024  # what is larger goes in parts of this size
PARTS_AT_ONCE = 2  # which is what an upload takes of memory
KEYS_AT_A_TIME = 1_000  # the most that one call may delete
NOTHING = ".check"  # no project's: looked into to see whether the store answers

Operation = Literal["put", "get", "look", "delete", "delete_all", "check"]

_STATUS = re.compile(r"status code: ([1-5][0-9]{2})")
_CODE = re.compile(r"<Code>(\w{1,64})</Code>")

log = structlog.get_logger()


class S3Blobs:
    """A BlobStore in one bucket. Several processes and machines may share it."""

    def __init__(
        self,
        bucket: str,
        *,
        prefix: str | None,
        endpoint: str | None,
        region: str,
        access_key_id: str | None,
        secret_access_key: str | None,
        spool: Path,
    ) -> None:
        """`endpoint`: None is Amazon's own of the region. Without a key, whatever Amazon gives a machine or a pod.

        `spool` is a folder for uploads on their way, since a blob's name is known when its last byte is.
        """
        spool.mkdir(parents=True, exist_ok=True)
        self._spool = spool
        config: S3Config = {"region": region}
        # Amazon wants the bucket in the host's name, nearly everybody else in the path.
        config["virtual_hosted_style_request"] = endpoint is None
        if endpoint is not None:
            config["endpoint"] = endpoint
        if access_key_id is not None and secret_access_key is not None:
            config["access_key_id"], config["secret_access_key"] = access_key_id, secret_access_key
        self._store = S3Store(
            bucket,
            prefix=prefix,
            config=config,
            client_options={
                "allow_http": endpoint is not None and endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=CONNECT_TIMEOUT_S),
                "read_timeout": timedelta(seconds=SILENCE_TIMEOUT_S),
                "timeout": timedelta(seconds=REQUEST_TIMEOUT_S),
            },
            retry_config={
                "max_retries": RETRIES_MAX,
                "retry_timeout": timedelta(seconds=RETRIED_FOR_S),
                "backoff": {
                    "init_backoff": timedelta(seconds=RETRY_SPREAD_S),
                    "max_backoff": timedelta(seconds=RETRY_SPREAD_MAX_S),
                    "base": 2,
                },
            },
        )

    async def put(self, project_id: str, data: bytes) -> str:
        check_names(project_id)
        key = await asyncio.to_thread(_hash_of, data)
        with _asking("put"):
            await obstore.put_async(
                self._store,
                f"{project_id}/{key}",
                data,
                use_multipart=len(data) > PART_BYTES,
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )
        return key

    async def put_stream(self, project_id: str, parts: AsyncIterator[bytes], *, max_bytes: int) -> BlobKey:
        check_names(project_id)
        # Without a name, so that a crash leaves nothing; its lock makes a close wait for a write of a cancelled task.
        with tempfile.TemporaryFile(dir=self._spool) as file:
            hash_, total = hashlib.sha256(), 0
            async for part in parts:
                total += len(part)
                if total > max_bytes:
                    raise BlobTooLarge(max_bytes)
                hash_.update(part)
                await asyncio.to_thread(file.write, part)
            key = hash_.hexdigest()
            await asyncio.to_thread(file.seek, 0)
            if total <= PART_BYTES:
                return BlobKey(sha256=await self.put(project_id, await asyncio.to_thread(file.read)), size=total)
            with _asking("put"):
                await obstore.put_async(
                    self._store,
                    f"{project_id}/{key}",
                    _in_parts(file),
                    chunk_size=PART_BYTES,
                    max_concurrency=PARTS_AT_ONCE,
                )
        return BlobKey(sha256=key, size=total)

    async def get(self, project_id: str, key: str) -> bytes:
        check_names(project_id, key)
        try:
            with _asking("get"):
                found = await obstore.get_async(self._store, f"{project_id}/{key}")
                return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            raise BlobNotFound(key) from error

    async def exists(self, project_id: str, key: str) -> bool:
        check_names(project_id, key)
        try:
            with _asking("look"):
                await obstore.head_async(self._store, f"{project_id}/{key}")
        except FileNotFoundError:
            return False
        return True

    async def delete(self, project_id: str, key: str) -> None:
        check_names(project_id, key)
        with _asking("delete"):
            await obstore.delete_async(self._store, f"{project_id}/{key}")

    async def delete_all(self, project_id: str) -> None:
        check_names(project_id)
        with _asking("delete_all"):
            async for found in obstore.list(self._store, prefix=f"{project_id}/", chunk_size=KEYS_AT_A_TIME):
                await obstore.delete_async(self._store, [one["path"] for one in found])

    async def check(self) -> None:
        with _asking("check"):
            await obstore.list_with_delimiter_async(self._store, NOTHING)


def _hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def _in_parts(file: IO[bytes]) -> AsyncIterator[bytes]:
    while part := await asyncio.to_thread(file.read, PART_BYTES):
        yield part


@contextlib.contextmanager
def _asking(operation: Operation) -> Iterator[None]:
    """One call, counted and timed. Raises BlobsFailed, and FileNotFoundError for an object that is not there."""
    began, outcome = time.perf_counter(), "cancelled"
    try:
        yield
        outcome = "done"
    except (BaseError, FileNotFoundError) as error:
        told = str(error)
        why, detail = _why(told)
        is_absent = isinstance(error, FileNotFoundError) and why != "no_bucket" and operation in ("get", "look")
        outcome = "done" if is_absent else why
        if is_absent:
            raise
        # Neither what the store says nor the address goes into the log whole: names of buckets and keys are in it.
        log.warning("uploads_failed", operation=operation, code=why, reason=detail)
        raise BlobsFailed(why, detail) from None
    finally:
        BLOB_CALLS.labels(operation, outcome).inc()
        BLOB_SECONDS.labels(operation).observe(time.perf_counter() - began)


def _why(told: str) -> tuple[BlobFailureCode, str]:
    """What happened, out of the library's words, which have the store's answer; and the store's own word for it."""
    status, code = _STATUS.search(told), _CODE.search(told)
    if code is not None and code[1] == "NoSuchBucket":
        return "no_bucket", code[1]
    if status is not None:
        is_passing = status[1] in ("408", "429") or status[1].startswith("5")
        return "unavailable" if is_passing else "rejected", code[1] if code is not None else f"HTTP {status[1]}"
    if "kind: Timeout" in told or "operation timed out" in told:
        return "timeout", "no answer in time"
    if "redirect" in told:
        return "rejected", "another region"
    return "unreachable", "no connection"
