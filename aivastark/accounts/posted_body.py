"""A whole request body before its work begins: what it is told by, and the body itself to be read again."""

import asyncio
import contextlib
import hashlib
import re
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO

from aivastark.accounts.gate import Message, Receive, Scope

MEMORY_MAX_BYTES = 1_000_000  # of a body; what is larger waits on disk
PIECE_BYTES = 1 << 16

_BOUNDARY = re.compile(rb'boundary="?([^";,]{1,200})')


class ClientGone(Exception):
    """The caller hung up before its request was whole: nothing begins."""


@dataclass(kw_only=True)
class PostedBody:
    """A request whose body is here. `fingerprint` is SHA-256 over method, path, query and body."""

    fingerprint: bytes
    file: IO[bytes]
    given: bool = False

    async def receive(self) -> Message:
        """The body once more, as the server gave it. Never says that the caller hung up: the work is to be done."""
        if self.given:
            await asyncio.Event().wait()
        piece = self.file.read(PIECE_BYTES)
        self.given = len(piece) < PIECE_BYTES
        return {"type": "http.request", "body": piece, "more_body": not self.given}


@contextlib.asynccontextmanager
async def receive_whole(scope: Scope, receive: Receive) -> AsyncIterator[PostedBody]:
    """Everything the caller sends, within the bounds of the `receive` given. Raises `ClientGone`."""
    digest = _Digest(_boundary(scope))
    for part in (scope["method"].encode(), scope["path"].encode(), scope.get("query_string", b"")):
        digest.add(part + b"\x00")
    size = 0
    with tempfile.SpooledTemporaryFile(max_size=MEMORY_MAX_BYTES) as file:
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            piece, more = message.get("body", b""), message.get("more_body", False)
            size += len(piece)
            digest.add(piece)
            if size > MEMORY_MAX_BYTES:
                await asyncio.to_thread(file.write, piece)
            else:
                file.write(piece)
        file.seek(0)
        yield PostedBody(fingerprint=digest.end(), file=file)


class _Digest:
    """SHA-256 of a body without the boundary of its parts: clients draw a new one for every attempt."""

    def __init__(self, boundary: bytes) -> None:
        self._hash = hashlib.sha256()
        self._boundary = boundary
        self._rest = b""

    def add(self, piece: bytes) -> None:
        """The next bytes, cut wherever the network cut them."""
        if not self._boundary:
            self._hash.update(piece)
            return
        known = (self._rest + piece).replace(self._boundary, b"")
        keep = len(self._boundary) - 1  # may be the beginning of one
        self._rest = known[-keep:] if keep else b""
        self._hash.update(known[: len(known) - len(self._rest)])

    def end(self) -> bytes:
        """The digest of everything."""
        self._hash.update(self._rest)
        return self._hash.digest()


def _boundary(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-type" and value.lower().startswith(b"multipart/"):
            found = _BOUNDARY.search(value)
            return found[1] if found else b""
    return b""
