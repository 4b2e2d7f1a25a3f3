"""Blobs: bytes under the hash of their content, each project's apart from every other's.

    BlobNotFound   nothing is stored under this key
    BlobTooLarge   a stream went on past its limit; nothing was stored
    BlobsFailed    the store could not be asked, or would not; nothing was stored

A key is the SHA-256 of the content, so the same bytes put twice are one blob: whoever deletes one must know
that no other row of the project refers to it.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

from aivastark.errors import StorageUnavailable

BlobFailureCode = Literal["timeout", "unreachable", "unavailable", "rejected", "no_bucket"]

_KEY = re.compile(r"[0-9a-f]{64}")
_PROJECT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class BlobNotFound(LookupError):
    """Nothing is stored under this key in this project."""


class BlobTooLarge(ValueError):
    """The stream went on past `max_bytes`. Nothing was stored."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"more than {max_bytes} bytes")
        self.max_bytes = max_bytes


class BlobsFailed(StorageUnavailable):
    """What callers are told is that of its base; `why` and `detail` are for whoever runs the install."""

    def __init__(self, why: BlobFailureCode, detail: str) -> None:
        super().__init__()
        self.why = why
        self.detail = detail


@dataclass(frozen=True, kw_only=True, slots=True)
class BlobKey:
    """What a stream became: `sha256` in lower-case hex is its key, `size` is in bytes."""

    sha256: str
    size: int


class BlobStore(Protocol):
    """What was acknowledged survives `kill -9` and power cuts, and is never seen half written.

    Each of these may raise BlobsFailed where the store is across a network.
    """

    async def put(self, project_id: str, data: bytes) -> str:
        """Store `data` and give its key. Storing what is there changes nothing."""
        ...

    async def put_stream(self, project_id: str, parts: AsyncIterator[bytes], *, max_bytes: int) -> BlobKey:
        """Store a stream without holding it in memory. Raises BlobTooLarge, and whatever `parts` raises."""
        ...

    async def get(self, project_id: str, key: str) -> bytes:
        """The bytes stored under `key`. Raises BlobNotFound."""
        ...

    async def exists(self, project_id: str, key: str) -> bool:
        """Whether something is stored under `key` at this moment."""
        ...

    async def delete(self, project_id: str, key: str) -> None:
        """Forget one blob, if it is there."""
        ...

    async def delete_all(self, project_id: str) -> None:
        """Forget everything of a project."""
        ...

    async def check(self) -> None:
        """Whether it can be asked at this moment; changes nothing. Raises BlobsFailed, and OSError of a disk."""
        ...


def check_names(project_id: str, key: str | None = None) -> None:
    """Raises ValueError for names that could reach outside a project's folder: never a caller's to choose."""
    if not _PROJECT_ID.fullmatch(project_id):
        raise ValueError(f"{project_id!r} is not a project id")
    if key is not None and not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is not a blob key")
