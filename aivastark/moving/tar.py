"""The archive's outside: a gzipped tar (POSIX.1-1988 ustar) of plain files, the same bytes for the same content.

The reader knows nothing else: no links, no folders, no extension headers. Names decide nothing here and nothing is
ever unpacked onto the disk under one.
"""

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO

from aivastark.errors import InvalidArchive
from aivastark.kit.inflate import BadEncoding, Inflater, TooLarge

MEMBER_MAX_BYTES = 256 * 1024 * 1024
PACKED_PIECE_BYTES = 256 * 1024
COMPRESSION_LEVEL = 1  # most of it is vectors, which no level makes much smaller
RATIO_MAX = 2_000  # deflate's own is about 1,030: what bounds us is the size
UNBOUNDED_BYTES = 2**62
_BLOCK = 512


class Packer:
    """Writes members one after the other; `close` ends the archive, not the file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0, compresslevel=COMPRESSION_LEVEL)

    def add(self, name: str, content: bytes) -> None:
        """One member."""
        if len(content) > MEMBER_MAX_BYTES:
            raise InvalidArchive(f"{name} would be larger than {MEMBER_MAX_BYTES} bytes.")
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o600
        self._zip.write(member.tobuf(tarfile.USTAR_FORMAT))
        self._zip.write(content)
        self._zip.write(bytes(-len(content) % _BLOCK))

    def close(self) -> None:
        """Mark the end."""
        self._zip.write(bytes(2 * _BLOCK))
        self._zip.close()


def members(archive: IO[bytes], *, max_bytes: int = UNBOUNDED_BYTES) -> Iterator[tuple[str, bytes]]:
    """Names and contents from the beginning, one in memory at a time. Raises `InvalidArchive`.

    `max_bytes` counts what comes out.
    """
    archive.seek(0)
    try:
        yield from _members(_Unpacked(archive, max_bytes))
    except TooLarge as error:
        raise InvalidArchive(f"The archive unpacks to more than {max_bytes:,} bytes.") from error
    except (BadEncoding, zlib.error, EOFError, tarfile.TarError, ValueError) as error:
        raise InvalidArchive("This is no archive of Aivastark, or it is cut off or damaged.") from error


def _members(unpacked: "_Unpacked") -> Iterator[tuple[str, bytes]]:
    while (block := unpacked.take(_BLOCK)) != bytes(_BLOCK):
        member = tarfile.TarInfo.frombuf(block, "ascii", "strict")
        if member.type != tarfile.REGTYPE:
            raise ValueError("a member is no plain file")
        if not 0 <= member.size <= MEMBER_MAX_BYTES:
            raise ValueError("a member is too large")
        content = unpacked.take(member.size)
        unpacked.take(-member.size % _BLOCK)
        yield member.name, content
    unpacked.end()


class _Unpacked:
    """What is inside, read forwards."""

    def __init__(self, archive: IO[bytes], max_bytes: int) -> None:
        self._steps = _inflated(archive, max_bytes)
        self._held = memoryview(b"")

    def take(self, size: int) -> bytes:
        """Exactly so many bytes. Raises EOFError."""
        parts: list[memoryview] = []
        while size:
            if not self._held:
                step = next(self._steps, b"")
                if not step:
                    raise EOFError
                self._held = memoryview(step)
            part, self._held = self._held[:size], self._held[size:]
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def end(self) -> None:
        """Nothing but padding is left, and the sum at the very end is right. Raises ValueError and BadEncoding."""
        for step in (self._held, *self._steps):
            if bytes(step).strip(b"\0"):
                raise ValueError("something comes after the end")


def _inflated(archive: IO[bytes], max_bytes: int) -> Iterator[bytes]:
    inflater = Inflater("gzip", max_bytes=max_bytes, max_ratio=RATIO_MAX)
    while piece := archive.read(PACKED_PIECE_BYTES):
        yield from (step for step in inflater.feed(piece) if step)
    inflater.finish()
