"""Blobs in memory: gone with the process."""

import hashlib
from collections.abc import AsyncIterator

from aivastark.backends.blobs.base import BlobKey, BlobNotFound, BlobTooLarge, check_names


class MemoryBlobs:
    """A BlobStore for tests and for a demo that leaves nothing behind."""

    def __init__(self) -> None:
        self._projects: dict[str, dict[str, bytes]] = {}

    async def put(self, project_id: str, data: bytes) -> str:
        check_names(project_id)
        key = hashlib.sha256(data).hexdigest()
        self._projects.setdefault(project_id, {})[key] = bytes(data)
        return key

    async def put_stream(self, project_id: str, parts: AsyncIterator[bytes], *, max_bytes: int) -> BlobKey:
        check_names(project_id)
        data = bytearray()
        async for part in parts:
            data += part
            if len(data) > max_bytes:
                raise BlobTooLarge(max_bytes)
        return BlobKey(sha256=await self.put(project_id, bytes(data)), size=len(data))

    async def get(self, project_id: str, key: str) -> bytes:
        check_names(project_id, key)
        try:
            return self._projects[project_id][key]
        except KeyError as error:
            raise BlobNotFound(key) from error

    async def exists(self, project_id: str, key: str) -> bool:
        check_names(project_id, key)
        return key in self._projects.get(project_id, {})

    async def delete(self, project_id: str, key: str) -> None:
        check_names(project_id, key)
        self._projects.get(project_id, {}).pop(key, None)

    async def delete_all(self, project_id: str) -> None:
        check_names(project_id)
        self._projects.pop(project_id, None)

    async def check(self) -> None:
        return
